/** What a backend is to the proofs: a graph goes in, a function comes out, and it computes what the interpreter computes. */
import { type Graph, paramLeaves } from "../codegen/graph.ts";
import { topological } from "../dsl/differentiate.ts";
import { evaluateDim } from "../dsl/dim.ts";
import type { Attr, Attrs } from "../dsl/op.ts";
import { leavesOf, mapTree } from "../dsl/tree.ts";
import type { AnyTensor, Dim } from "../dsl/types.ts";
import { isTensor, makeValue, type Value, valueOf } from "../dsl/value.ts";

export interface Backend {
  readonly name: string;
  /** The graph as a function of trees of concrete tensors. */
  load(graph: Graph): Promise<(...args: readonly unknown[]) => unknown>;
}

/** The reference: every value of the graph in turn, evaluated by the interpreter. */
export const interpreter: Backend = {
  name: "interpreter",
  load:
    async (graph) =>
    (...args) => {
      const known = valuesIn(graph, args);
      return mapTree((leaf) => (isTensor(leaf) ? known.get(valueOf(leaf)) : leaf), graph.result);
    },
};

/** What every value of the graph is for these arguments. */
export function valuesIn(graph: Graph, args: readonly unknown[]): ReadonlyMap<Value, Value> {
  const given = leavesOf(args).map(({ value }) => valueOf(value as AnyTensor));
  const known = new Map(paramLeaves(graph).map(({ value }, k) => [value, given[k] as Value]));
  const sizes = sizesOf([...known]);
  const results = leavesOf(graph.result).flatMap(({ value }) => (isTensor(value) ? [valueOf(value)] : []));
  for (const v of topological(results, known)) if (!known.has(v)) known.set(v, replay(v, known, sizes));
  return known;
}

type Sizes = Readonly<Record<string, number>>;

/** What each name is, from the parameters whose size it is. */
function sizesOf(bound: readonly (readonly [Value, Value])[]): Sizes {
  const sizes: Record<string, number> = {};
  for (const [declared, actual] of bound)
    for (const [axis, d] of declared.shape.entries()) if (typeof d === "string" && /^\w+$/.test(d)) sizes[d] = actual.shape[axis] as number;
  return sizes;
}

function replay(v: Value, known: ReadonlyMap<Value, Value>, sizes: Sizes): Value {
  if (v.op.kind === "leaf") return v;
  const args = v.args.map((arg) => known.get(arg) as Value);
  const sized = (attr: Attr): Attr =>
    Array.isArray(attr) ? attr.map(sized) : typeof attr === "string" ? evaluateDim(attr as Dim, sizes) : attr;
  const attrs: Attrs = Object.fromEntries(Object.entries(v.attrs).map(([key, attr]) => [key, key === "dtype" ? attr : sized(attr)]));
  return makeValue(v.op, args, attrs);
}
