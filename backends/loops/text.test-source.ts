/** What tests read of a generated module: the functions of its kernels, without the plan that the runtime needs. */
import type { Graph } from "../../codegen/graph.ts";
import { type CompileOptions, compile } from "../../codegen/pipeline.ts";
import { traced } from "../traced.test-source.ts";
import { emitModule } from "./emit.ts";

const moduleText = (graphs: readonly Graph[], options?: CompileOptions): string =>
  emitModule(
    graphs.map((graph) => compile(graph, options)),
    { header: "", source: "./model.ts" },
  );

/** The kernels of a model, one function each. */
export const kernelsText = (name: string, f: (...args: never[]) => unknown, specs: Readonly<Record<string, unknown>>): string => {
  const text = moduleText([traced(name, f, specs)]);
  return text.slice(text.indexOf("\n\n") + 2, text.indexOf(`function ${name}_run`)).trim();
};
