/** Every backend, as tests run it: graphs go in, a loaded module comes out. What a test here says, it says of each of them. */
import type { Graph } from "../codegen/graph.ts";
import type { CompileOptions } from "../codegen/pipeline.ts";
import { instantiate as loops } from "./loops/instantiate.ts";
import { instantiate as wasm } from "./wasm/instantiate.ts";

export interface Instantiable {
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: the types of a module that did not exist when this was checked
  instantiate(graphs: readonly Graph[], options?: CompileOptions): Promise<Record<string, any>>;
}

export const backends: readonly Instantiable[] = [
  { name: "loops", instantiate: loops },
  { name: "wasm with multiply-add", instantiate: (graphs, options) => wasm(graphs, options, { variant: "fma" }) },
  { name: "wasm, plain SIMD", instantiate: (graphs, options) => wasm(graphs, options, { variant: "simd" }) },
];
