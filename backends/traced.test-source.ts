/** Graphs of functions that tests write down. */
import { type Graph, tensorSpec, trace } from "../codegen/graph.ts";
import type { DType, Shape } from "../dsl/types.ts";

/** `{ x: spec(["B", 5]) }` → the parameters of a traced function, by name. A leaf is a spec, or `"number"`. */
export const spec = (shape: Shape, dtype: DType = "f32") => tensorSpec(shape, dtype);

/** The graph of `f`; parameters in the order in which `specs` names them. */
export const traced = (name: string, f: (...args: never[]) => unknown, specs: Readonly<Record<string, unknown>>): Graph =>
  trace(
    name,
    f,
    Object.entries(specs).map(([param, tree]) => ({ name: param, specs: tree })),
  );
