/** What becomes a statement and what stays inside of one, and in which order: so that a function reads as mathematics. */

import { topological } from "../../dsl/differentiate.ts";
import { simplify } from "../../dsl/simplify.ts";
import { leavesOf, mapTree } from "../../dsl/tree.ts";
import { isTensor, isValue, nameOf, type Value } from "../../dsl/value.ts";
import { type Graph, paramLeaves } from "../graph.ts";
import { type Argument, type Call, call, isCall, mapLeaves, nodesOf, type Size, valuesOf } from "./write-call.ts";
import { literal } from "./write-literal.ts";
import { spell, surroundings } from "./write-spell.ts";

export interface Plan {
  /** The graph's result, simplified. */
  readonly result: unknown;
  /** In an order in which everything is there when it is used. */
  readonly statements: readonly Value[];
  /** How each value is written that is not a parameter. */
  readonly calls: ReadonlyMap<Value, Call>;
  /** Sizes that are used more than once: the tensor and the axis that has each. */
  readonly sizes: ReadonlyMap<string, Call>;
}

/** Calls in one statement, by default: more than this is hard to read at a glance. */
const CALLS = 5;

/** `apart`: values that get a statement of their own whatever else is the case. */
export function plan(graph: Graph, apart: ReadonlySet<Value> = new Set()): Plan {
  const leaves = leavesOf(graph.result).map(({ value }) => value);
  const outputs = simplify(leaves.filter(isValue));
  let k = 0;
  const result = mapTree((leaf) => (isTensor(leaf) ? outputs[k++] : leaf), graph.result);

  const order = topological(outputs);
  const spelled = spellAll(order, outputs);
  const { calls, sizes } = resolveSizes(graph, order, spelled);
  const sequence = bySweep(outputs, calls);
  return { result, statements: statementsOf(sequence, outputs, calls, apart), calls, sizes };
}

/** The calls of all values that the outputs need, once each is written in its nicest way. */
function spellAll(order: readonly Value[], outputs: readonly Value[]): Map<Value, Call> {
  const around = surroundings(order, outputs);
  const calls = new Map<Value, Call>();
  const open = [...outputs];
  for (let v = open.pop(); v; v = open.pop()) {
    if (calls.has(v) || isParameter(v)) continue;
    const written = v.op.kind === "leaf" ? literal(v) : spell(v, around);
    calls.set(v, written);
    open.push(...valuesOf(written));
  }
  return calls;
}
export const isParameter = (v: Value): boolean => v.op.kind === "leaf" && !v.concrete;

// Sizes

/** Each symbolic size is read from a tensor that has it: a parameter, else a value computed earlier. */
function resolveSizes(graph: Graph, order: readonly Value[], spelled: ReadonlyMap<Value, Call>): Pick<Plan, "calls" | "sizes"> {
  const params = paramLeaves(graph)
    .map(({ value }) => value)
    .filter((v) => isValue(v) && v.shape.length > 0);
  const wholeFirst = [...params.filter((v) => graph.params.some(({ tree }) => tree === v)), ...params];
  const place = new Map(order.map((v, i) => [v, i]));
  const read = (dim: string, before: number): Call | undefined => {
    const has = (v: Value): boolean => v.shape.includes(dim);
    const source = wholeFirst.find(has) ?? order.slice(0, before).find((v) => has(v) && spelled.has(v));
    return source && call("dim", source, source.shape.indexOf(dim));
  };
  const uses = new Map<string, number>();
  const calls = new Map<Value, Call>();
  for (const [v, written] of spelled) {
    const before = place.get(v) ?? 0;
    const sizeless = written.fn === "reshape" ? inferOne(written, (dim) => !read(dim, before)) : written;
    const resolved = mapLeaves(sizeless, (leaf) => {
      if (isValue(leaf)) return leaf;
      const source = read(leaf.dim, before);
      if (!source)
        throw new Error(`adjoint: the size ${leaf.dim} is that of no tensor in ${graph.name}; return or take a tensor that has it`);
      if (!isParameter(source.args[0] as Value)) return source;
      uses.set(leaf.dim, (uses.get(leaf.dim) ?? 0) + 1);
      return leaf;
    });
    calls.set(v, resolved as Call);
  }
  const shared = [...uses].filter(([, n]) => n > 1).map(([dim]): [string, Call] => [dim, read(dim, 0) as Call]);
  const often = new Map(shared);
  const once = (leaf: Value | Size): Argument => (isValue(leaf) || often.has(leaf.dim) ? leaf : (read(leaf.dim, 0) as Call));
  return { calls: new Map([...calls].map(([v, written]) => [v, mapLeaves(written, once) as Call])), sizes: often };
}

/** In the shape of a reshape, −1 for the one size that is not to be had otherwise. */
function inferOne(written: Call, missing: (dim: string) => boolean): Call {
  const [x, shape] = written.args as [Argument, readonly Argument[]];
  const holes = shape.filter((d) => typeof d === "object" && d !== null && "kind" in d && d.kind === "size" && missing(d.dim));
  return holes.length === 1
    ? call(
        "reshape",
        x,
        shape.map((d) => (d === holes[0] ? -1 : d)),
      )
    : written;
}

// Order

/** Operands before what uses them; what is shallow comes first, so that a gradient stands right after the cotangent it is made of. */
function bySweep(outputs: readonly Value[], calls: ReadonlyMap<Value, Call>): Value[] {
  const operands = (v: Value): Value[] => valuesOf(calls.get(v) ?? null).filter((u) => calls.has(u));
  const depth = new Map<Value, number>();
  for (const v of postorder(outputs, operands)) depth.set(v, 1 + Math.max(0, ...operands(v).map((u) => depth.get(u) ?? 0)));
  const shallowFirst = [...outputs].sort((a, b) => (depth.get(a) ?? 0) - (depth.get(b) ?? 0));
  return postorder(shallowFirst, operands).filter((v) => calls.has(v));
}

function postorder(roots: readonly Value[], operands: (v: Value) => readonly Value[]): Value[] {
  const out: Value[] = [];
  const done = new Set<Value>();
  const stack = [...roots].reverse().map((v) => ({ v, ready: false }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { v, ready } = top;
    if (done.has(v)) continue;
    if (ready) {
      done.add(v);
      out.push(v);
    } else {
      stack.push({ v, ready: true }, ...[...operands(v)].reverse().map((u) => ({ v: u, ready: false })));
    }
  }
  return out;
}

// Statements

/** What has a name, what is used twice, what is a result; and of a long expression its heaviest parts. */
function statementsOf(
  sequence: readonly Value[],
  outputs: readonly Value[],
  calls: ReadonlyMap<Value, Call>,
  apart: ReadonlySet<Value>,
): Value[] {
  const uses = new Map<Value, number>();
  const used = (v: Value): unknown => uses.set(v, (uses.get(v) ?? 0) + 1);
  for (const v of sequence) for (const u of valuesOf(calls.get(v) as Call)) used(u);
  const results = new Set(outputs);
  const named = new Set(
    sequence.filter(
      (v) => apart.has(v) || nameOf(v) !== undefined || (uses.get(v) ?? 0) > 1 || (results.has(v) && !isFill(calls.get(v) as Call)),
    ),
  );
  for (const v of results) if ((uses.get(v) ?? 0) > 0 && calls.has(v)) named.add(v);

  const weights = new Map<Value, number>();
  for (const v of sequence) {
    const written = calls.get(v) as Call;
    const inside = valuesOf(written).filter((u) => calls.has(u) && !named.has(u));
    let weight =
      [...nodesOf(written)].filter((x) => isCall(x) && x.fn !== "dim").length + inside.reduce((sum, u) => sum + (weights.get(u) ?? 0), 0);
    for (const u of inside.sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0))) {
      if (weight <= CALLS) break;
      weight -= weights.get(u) ?? 0;
      named.add(u);
    }
    weights.set(v, weight);
  }
  return sequence.filter((v) => named.has(v));
}

/** `zeros([784, 128])` needs no name. */
const isFill = ({ fn }: Call): boolean => fn === "zeros" || fn === "ones";
