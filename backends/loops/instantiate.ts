/** A module's text, loaded in this process without touching a disk: how tests and proofs run what they generate. Node only. */
import type { Graph } from "../../codegen/graph.ts";
import { type CompileOptions, compile } from "../../codegen/pipeline.ts";
import type { Program } from "../../codegen/program.ts";
import * as core from "../../dsl/core.ts";
import { evaluateModule } from "../evaluate.ts";
import { emitModule } from "./emit.ts";
import * as runtime from "./runtime.ts";

// biome-ignore lint/suspicious/noExplicitAny: the types of a module that did not exist when this was checked
type Loaded = Record<string, any>;

export const instantiate = (graphs: readonly Graph[], options: CompileOptions = {}): Promise<Loaded> =>
  instantiatePrograms(graphs.map((graph) => compile(graph, options)));

export async function instantiatePrograms(programs: readonly Program[]): Promise<Loaded> {
  const text = emitModule(programs, { header: "", source: "./none.ts" });
  const load = evaluateModule(text, { ...runtime, ...core }) as () => Promise<Loaded>;
  return load();
}
