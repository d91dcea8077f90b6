/** A graph for fixed sizes: what a run-time name stands for becomes a number, everywhere. */
import { topological } from "../dsl/differentiate.ts";
import { addDims, mulDims, namesOfDim, termsOfDim } from "../dsl/dim.ts";
import type { Attr } from "../dsl/op.ts";
import { mapTree } from "../dsl/tree.ts";
import type { Dim, Shape } from "../dsl/types.ts";
import { isTensor, makeValue, nameOf, nameValue, parameter, type Value, valueOf, withOrigin } from "../dsl/value.ts";
import { type Graph, paramLeaves, resultLeaves } from "./graph.ts";

type Sizes = Readonly<Record<string, number>>;

/** Throws the op's own message where these sizes do not fit; a name that the graph does not have is left alone. */
export function specialize(graph: Graph, sizes: Sizes): Graph {
  const put = (dim: Dim): Dim => substitute(dim, sizes);
  const shapeOf = (shape: Shape): Shape => shape.map(put);
  const made = new Map<Value, Value>();
  for (const { value } of paramLeaves(graph))
    made.set(value, parameter(shapeOf(value.shape), value.dtype, nameOf(value), value.attrs.number === true));
  for (const v of topological(resultLeaves(graph).map((leaf) => leaf.value))) if (!made.has(v)) made.set(v, replay(v, made, put));
  const tree = (root: unknown): unknown => mapTree((leaf) => (isTensor(leaf) ? made.get(valueOf(leaf)) : leaf), root);
  return { ...graph, params: graph.params.map((param) => ({ ...param, tree: tree(param.tree) })), result: tree(graph.result) };
}

/** The names of run-time sizes that a graph's parameters mention. */
export const sizeNames = (graph: Graph): string[] =>
  [...new Set(paramLeaves(graph).flatMap(({ value }) => value.shape.flatMap(namesOfDim)))].sort();

function replay(v: Value, made: ReadonlyMap<Value, Value>, put: (dim: Dim) => Dim): Value {
  if (v.op.kind === "leaf") return v;
  const attr = (a: Attr): Attr => (Array.isArray(a) ? a.map(attr) : typeof a === "string" ? put(a) : a);
  const attrs = Object.fromEntries(Object.entries(v.attrs).map(([key, a]) => [key, key === "dtype" ? a : attr(a)]));
  const args = v.args.map((arg) => made.get(arg) as Value);
  const value = withOrigin(v.origin, () => makeValue(v.op, args, attrs));
  const name = nameOf(v);
  return name === undefined ? value : nameValue(value, name);
}

const substitute = (dim: Dim, sizes: Sizes): Dim =>
  termsOfDim(dim).reduce<Dim>(
    (sum, { coefficient, names }) =>
      addDims(
        sum,
        names.reduce<Dim>((product, name) => mulDims(product, sizes[name] ?? name), coefficient),
      ),
    0,
  );
