import { readFileSync, writeFileSync } from "node:fs";
import { type Tensor, tensor } from "cotangent";
import { type Checkpoint, decodeSafetensors, encodeSafetensors } from "./safetensors.ts";

/** Parameters: tensors by name, levels deep. */
export type Tree = { readonly [name: string]: Tree | Tensor };

/** The parameters as a safetensors file, under their paths in the tree: `hidden.w`, … */
export async function saveCheckpoint(file: string, p: Tree, metadata: Checkpoint["metadata"]): Promise<void> {
  const stored = await Promise.all(
    leavesOf(p).map(async ([path, t]) => [path, { shape: t.shape.map(Number), data: await t.data() }] as const),
  );
  writeFileSync(file, encodeSafetensors({ tensors: Object.fromEntries(stored), metadata }));
}

/** The parameters in a file of `saveCheckpoint`, a tree like `like`. A tensor that is missing or of another shape is an error. */
export function loadCheckpoint<P extends Tree>(file: string, like: P): P {
  const { tensors } = decodeSafetensors(readFileSync(file));
  const read = (path: string, { shape }: Tensor): Tensor => {
    const found = tensors[path];
    if (found?.data instanceof Float32Array && String(found.shape) === String(shape)) return tensor(found.data, found.shape);
    const what = found ? `${found.data.constructor.name} [${found.shape.join(", ")}]` : "missing";
    throw new Error(`checkpoint: "${path}" must be f32 [${shape.join(", ")}]: ${what} in ${file}`);
  };
  return mapTree(like, read) as P;
}

const isTensor = (node: Tree | Tensor): node is Tensor => typeof node.data === "function";

function leavesOf(tree: Tree, path = ""): [path: string, t: Tensor][] {
  return Object.entries(tree).flatMap(([name, node]) => (isTensor(node) ? [[path + name, node]] : leavesOf(node, `${path}${name}.`)));
}

function mapTree(tree: Tree, f: (path: string, t: Tensor) => Tensor, path = ""): Tree {
  return Object.fromEntries(
    Object.entries(tree).map(([name, node]) => [name, isTensor(node) ? f(path + name, node) : mapTree(node, f, `${path}${name}.`)]),
  );
}
