import { readFileSync, writeFileSync } from "node:fs";
import { tensor } from "cotangent";
import type { Params } from "./mlp.ts";
import { type Checkpoint, decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

/** The parameters as a safetensors file, under their paths in the tree: `hidden.w`, … */
export async function saveCheckpoint(file: string, { hidden, out }: Params, metadata: Checkpoint["metadata"]): Promise<void> {
  const tensors = { "hidden.w": hidden.w, "hidden.b": hidden.b, "out.w": out.w, "out.b": out.b };
  const stored = await Promise.all(
    Object.entries(tensors).map(async ([name, t]) => [name, { shape: t.shape, data: await t.data() }] as const),
  );
  writeFileSync(file, encodeSafetensors({ tensors: Object.fromEntries(stored), metadata }));
}

/** The parameters in a file of `saveCheckpoint`. A tensor that is missing or of another shape is an error. */
export function loadCheckpoint(file: string): Params {
  const { tensors } = decodeSafetensors(readFileSync(file));
  const read = (name: string, ...shape: number[]): Float32Array => {
    const found = tensors[name];
    if (found?.data instanceof Float32Array && String(found.shape) === String(shape)) return found.data;
    const what = found ? `${found.data.constructor.name} [${found.shape.join(", ")}]` : "missing";
    throw new Error(`checkpoint: "${name}" must be f32 [${shape.join(", ")}]: ${what} in ${file}`);
  };
  return {
    hidden: { w: tensor(read("hidden.w", 784, 128), [784, 128]), b: tensor(read("hidden.b", 128), [128]) },
    out: { w: tensor(read("out.w", 128, 10), [128, 10]), b: tensor(read("out.b", 10), [10]) },
  };
}
