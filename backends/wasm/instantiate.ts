/** A module's text and bytes, loaded in this process without touching a disk: how tests and proofs run what they generate. Node only. */
import type { Graph } from "../../codegen/graph.ts";
import { type CompileOptions, compile } from "../../codegen/pipeline.ts";
import type { Program } from "../../codegen/program.ts";
import * as core from "../../dsl/core.ts";
import { evaluateModule } from "../evaluate.ts";
import { emitModule, type Suffix } from "./emit.ts";
import * as runtime from "./runtime.ts";

// biome-ignore lint/suspicious/noExplicitAny: the types of a module that did not exist when this was checked
type Loaded = Record<string, any>;

export interface InstantiateOptions extends runtime.LoadOptions {
  /** Which of the two modules is made and runs, whatever this engine can do; by default the one that a user would get. */
  readonly variant?: Suffix;
}

export const instantiate = (graphs: readonly Graph[], options: CompileOptions = {}, load: InstantiateOptions = {}): Promise<Loaded> =>
  instantiatePrograms(
    graphs.map((graph) => compile(graph, options)),
    load,
  );

export async function instantiatePrograms(programs: readonly Program[], { variant, ...load }: InstantiateOptions = {}): Promise<Loaded> {
  const { text } = emitModule(programs, {
    header: "",
    source: "./none.ts",
    stem: "none",
    inline: true,
    ...(variant !== undefined && { variant }),
  });
  const made = evaluateModule(text, { ...runtime, ...core }) as (options: runtime.LoadOptions) => Promise<Loaded>;
  return made(load);
}
