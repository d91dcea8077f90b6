/** A module's text, loaded in this process without touching a disk: how tests and proofs run what they generate. Node only. */
import type { Graph } from "../../codegen/graph.ts";
import { type CompileOptions, compile } from "../../codegen/pipeline.ts";
import type { Program } from "../../codegen/program.ts";
import { evaluateModule } from "../evaluate.ts";
import { emitModule } from "./emit.ts";
import * as runtime from "./runtime.ts";
import { UNIT } from "./shader.ts";

// biome-ignore lint/suspicious/noExplicitAny: the types of a module that did not exist when this was checked
type Loaded = Record<string, any>;

export const instantiate = (graphs: readonly Graph[], options: CompileOptions = {}, load: runtime.LoadOptions = {}): Promise<Loaded> =>
  instantiatePrograms(
    graphs.map((graph) => compile(graph, { align: UNIT, ...options })),
    load,
  );

export async function instantiatePrograms(programs: readonly Program[], load: runtime.LoadOptions = {}): Promise<Loaded> {
  const text = emitModule(programs, { header: "", source: "./none.ts" });
  const made = evaluateModule(text, runtime) as (options: runtime.LoadOptions) => Promise<Loaded>;
  return made(load);
}
