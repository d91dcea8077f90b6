/** What tests read of a generated module: the functions of its kernels, without the plan that the runtime needs. */
import { type Graph, tensorSpec, trace } from "../../codegen/graph.ts";
import { type CompileOptions, compile } from "../../codegen/pipeline.ts";
import type { DType, Shape } from "../../dsl/types.ts";
import { emitModule } from "./emit.ts";

/** `{ x: spec(["B", 5]) }` → the parameters of a traced function, by name. A leaf is a spec, or `"number"`. */
export const spec = (shape: Shape, dtype: DType = "f32") => tensorSpec(shape, dtype);

/** The graph of `f`; parameters in the order in which `specs` names them. */
export const traced = (name: string, f: (...args: never[]) => unknown, specs: Readonly<Record<string, unknown>>): Graph =>
  trace(
    name,
    f,
    Object.entries(specs).map(([param, tree]) => ({ name: param, specs: tree })),
  );

export const moduleText = (graphs: readonly Graph[], options?: CompileOptions): string =>
  emitModule(
    graphs.map((graph) => compile(graph, options)),
    { header: "", source: "./model.ts" },
  );

/** The kernels of a model, one function each. */
export const kernelsText = (name: string, f: (...args: never[]) => unknown, specs: Readonly<Record<string, unknown>>): string => {
  const text = moduleText([traced(name, f, specs)]);
  return text.slice(text.indexOf("\n\n") + 2, text.indexOf(`function ${name}_run`)).trim();
};
