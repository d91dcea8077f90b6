/** A function of tensors as a graph: what the reader makes from source, and `trace` from a call. */

import { sameShape } from "../dsl/dim.ts";
import { leavesOf, mapTree } from "../dsl/tree.ts";
import type { DType, Shape } from "../dsl/types.ts";
import { isTensor, parameter, type Value, valueOf } from "../dsl/value.ts";

export interface Graph {
  readonly name: string;
  readonly params: readonly Param[];
  /** A tree of Values. A step's is `[carry, output]`. */
  readonly result: unknown;
}
export interface Param {
  readonly name: string;
  /** A tree of parameter Values; a `number` is a rank-0 f32 one whose attribute `number` is true. */
  readonly tree: unknown;
}

interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}
/** A leaf of a spec tree. It is a parameter already, unnamed, so that trees of specs are trees of tensors. */
export const tensorSpec = (shape: Shape, dtype: DType): Value => parameter(shape, dtype);

export interface GraphLeaf {
  /** `p.hidden.w` */
  readonly path: string;
  readonly value: Value;
}
export const paramLeaves = (graph: Graph): GraphLeaf[] =>
  graph.params.flatMap(({ name, tree }) => tensorLeaves(tree).map(({ path, value }) => ({ path: joinPath(name, path), value })));
export const resultLeaves = (graph: Graph): GraphLeaf[] =>
  tensorLeaves(graph.result).map(({ path, value }) => ({ path: path === "" ? "result" : path, value }));
/** Leaves that are tensors; null stands beside an integer parameter in a gradient. */
const tensorLeaves = (tree: unknown): GraphLeaf[] =>
  leavesOf(tree).flatMap(({ path, value }) => (isTensor(value) ? [{ path, value: valueOf(value) }] : []));

const joinPath = (name: string, path: string): string => (path === "" ? name : path.startsWith("[") ? name + path : `${name}.${path}`);

/** A parameter's Values from a tree whose leaves are `tensorSpec(shape, dtype)` or `"number"`; each is named after its path: `p_hidden_w`. */
export function makeParam(name: string, specs: unknown): Param {
  const paths = leavesOf(specs);
  let k = 0;
  const tree = mapTree((spec) => {
    const id = joinPath(name, paths[k++]?.path ?? "")
      .replace(/[^\w$]+/g, "_")
      .replace(/_$/, "");
    if (spec === null) return null;
    if (spec === "number") return parameter([], "f32", id, true);
    const { shape, dtype } = spec as TensorSpec;
    return parameter(shape, dtype, id);
  }, specs);
  return { name, tree };
}

/** The graph of `f`, made by calling it with symbolic Values. Tests hold the reader to it. */
export function trace(
  name: string,
  f: (...args: never[]) => unknown,
  params: readonly { readonly name: string; readonly specs: unknown }[],
): Graph {
  const made = params.map((p) => makeParam(p.name, p.specs));
  return { name, params: made, result: (f as (...args: unknown[]) => unknown)(...made.map((p) => p.tree)) };
}

/** A step: the result is a pair whose first half has the leaves of the first parameter, shape by shape. */
export function isStep(graph: Graph): boolean {
  const { params, result } = graph;
  if (!Array.isArray(result) || result.length !== 2 || !params[0]) return false;
  const [into, out] = [tensorLeaves(params[0].tree), tensorLeaves(result[0])];
  return (
    into.length === out.length &&
    into.every(({ path, value }, i) => {
      const next = out[i] as GraphLeaf;
      return path === next.path && value.dtype === next.value.dtype && sameShape(value.shape, next.value.shape);
    })
  );
}
