/** Every backend, as tests run it: graphs go in, a loaded module comes out. What a test here says, it says of each of them. */
import { test } from "vitest";
import { type Graph, paramLeaves, resultLeaves } from "../codegen/graph.ts";
import type { CompileOptions } from "../codegen/pipeline.ts";
import { topological } from "../dsl/differentiate.ts";
import { mapTree } from "../dsl/tree.ts";
import type { FloatDType } from "../dsl/types.ts";
import { concrete, isTensor, type Value } from "../dsl/value.ts";
import { instantiate as loops } from "./loops/instantiate.ts";
import { instantiate as wasm } from "./wasm/instantiate.ts";
import { instantiate as wgsl } from "./wgsl/instantiate.ts";
import { softwareDevice } from "./wgsl/run.test-source.ts";
import { hasSoftwareGpu } from "./wgsl/swiftshader.ts";

export interface Instantiable {
  readonly name: string;
  readonly floats: readonly FloatDType[];
  // biome-ignore lint/suspicious/noExplicitAny: the types of a module that did not exist when this was checked
  instantiate(graphs: readonly Graph[], options?: CompileOptions): Promise<Record<string, any>>;
}

const floats: readonly FloatDType[] = ["f32", "f64"];
/** Those whose memory is this process's own: what they give can be read without waiting. */
export const hosts: readonly Instantiable[] = [
  { name: "loops", floats, instantiate: loops },
  { name: "wasm with multiply-add", floats, instantiate: (graphs, options) => wasm(graphs, options, { variant: "fma" }) },
  { name: "wasm, plain SIMD", floats, instantiate: (graphs, options) => wasm(graphs, options, { variant: "simd" }) },
];
let device: Promise<GPUDevice> | undefined;
const gpu: Instantiable = {
  name: "wgsl",
  floats: ["f32"],
  instantiate: async (graphs, options) => wgsl(graphs, options, { device: await (device ??= softwareDevice()) }),
};

export const backends: readonly Instantiable[] = hasSoftwareGpu ? [...hosts, gpu] : hosts;
if (!hasSoftwareGpu) test.skip("wgsl: there is no GPU in software here; it comes for Linux on x64 only");

/** Has the backend all the dtypes that occur? */
export function takes({ floats }: Pick<Instantiable, "floats">, graph: Graph): boolean {
  const values = topological([...paramLeaves(graph), ...resultLeaves(graph)].map(({ value }) => value));
  return values.every(({ dtype }: Value) => dtype === "i32" || dtype === "bool" || floats.includes(dtype));
}

/** The same tensors with their elements at hand, wherever they are. */
export async function fetched<T>(tree: T): Promise<T> {
  const reads: Promise<void>[] = [];
  const read = new Map<unknown, Value>();
  mapTree((leaf) => {
    if (isTensor(leaf)) reads.push(leaf.data().then((data) => void read.set(leaf, concrete(data, leaf.shape, leaf.dtype))));
  }, tree);
  await Promise.all(reads);
  return mapTree((leaf) => read.get(leaf) ?? leaf, tree) as T;
}
