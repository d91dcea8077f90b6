/** What becomes a statement and what stays inside of one, and in which order: so that a function reads as mathematics. */
import { topological } from "../../dsl/differentiate.ts";
import { simplify } from "../../dsl/simplify.ts";
import { leavesOf, mapTree } from "../../dsl/tree.ts";
import { isTensor, nameOf, type Value, valueOf } from "../../dsl/value.ts";
import type { Graph } from "../graph.ts";
import { type Call, isCall, nodesOf, valuesOf } from "./write-call.ts";
import { literal } from "./write-literal.ts";
import { withSizesSaid } from "./write-open.ts";
import { readSizes } from "./write-sizes.ts";
import { spell, surroundings } from "./write-spell.ts";

/** How the values of a graph are written. */
export interface Spelled {
  /** The result, simplified. */
  readonly result: unknown;
  /** The values to be written, each after what it is made of. */
  readonly sequence: readonly Value[];
  /** How each value is written that is not a parameter. */
  readonly calls: ReadonlyMap<Value, Call>;
  /** Sizes that are used more than once, and how each is read. */
  readonly sizes: ReadonlyMap<string, Call>;
}

/** A graph in its normal form, every value in its nicest spelling. */
export function spellGraph(graph: Graph): Spelled {
  const outputs = simplify(tensorsOf(graph.result));
  let k = 0;
  const result = mapTree((leaf) => (isTensor(leaf) ? outputs[k++] : leaf), graph.result);
  const order = topological(outputs);
  const around = surroundings(order, outputs);
  const spelled = new Map<Value, Call>();
  const open = [...outputs];
  for (let v = open.pop(); v; v = open.pop()) {
    if (spelled.has(v) || isParameter(v)) continue;
    const call = v.op.kind === "leaf" ? literal(v) : withSizesSaid(v, spell(v, around));
    spelled.set(v, call);
    open.push(...valuesOf(call));
  }
  const { calls, sizes } = readSizes(graph, order, spelled);
  return { result, sequence: sequenceOf(result, calls), calls, sizes };
}

const isParameter = (v: Value): boolean => v.op.kind === "leaf" && !v.concrete;
const tensorsOf = (tree: unknown): Value[] => leavesOf(tree).flatMap(({ value }) => (isTensor(value) ? valueOf(value) : []));

/**
 * Operands before what uses them; what the result mentions first comes first. Within a branch of the result what is shallow comes first,
 * so that a gradient stands right after the cotangent it is made of.
 */
function sequenceOf(result: unknown, calls: ReadonlyMap<Value, Call>): Value[] {
  const operands = (v: Value): Value[] => valuesOf(calls.get(v) ?? null).filter((u) => calls.has(u));
  const depth = new Map<Value, number>();
  for (const v of postorder(tensorsOf(result), operands)) depth.set(v, 1 + Math.max(0, ...operands(v).map((u) => depth.get(u) ?? 0)));
  const branches = isTensor(result) ? [result] : Object.values(result as object);
  const roots = branches.flatMap((branch) => tensorsOf(branch).sort((a, b) => (depth.get(a) ?? 0) - (depth.get(b) ?? 0)));
  return postorder(roots, operands).filter((v) => calls.has(v));
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

/** Calls in one statement: more than this is hard to take in at a glance. */
const CALLS = 5;

/** What has a name, what is used twice, what is a result, what is wanted `apart`; and of a long expression its heaviest parts. */
export function statementsOf({ result, sequence, calls }: Spelled, apart: ReadonlySet<Value>): Value[] {
  const uses = new Map<Value, number>();
  for (const v of sequence) for (const u of valuesOf(calls.get(v) as Call)) uses.set(u, (uses.get(u) ?? 0) + 1);
  for (const v of tensorsOf(result)) uses.set(v, (uses.get(v) ?? 0) + (isFill(calls.get(v)) ? 1 : 2));
  const named = new Set(sequence.filter((v) => apart.has(v) || nameOf(v) !== undefined || (uses.get(v) ?? 0) > 1));

  const weights = new Map<Value, number>();
  const weightOf = (v: Value): number => weights.get(v) ?? 0;
  for (const v of sequence) {
    const call = calls.get(v) as Call;
    const inside = valuesOf(call).filter((u) => calls.has(u) && !named.has(u));
    let weight = inside.reduce((sum, u) => sum + weightOf(u), [...nodesOf(call)].filter((x) => isCall(x) && x.fn !== "dim").length);
    for (const u of inside.sort((a, b) => weightOf(b) - weightOf(a))) {
      if (weight <= CALLS) break;
      weight -= weightOf(u);
      named.add(u);
    }
    weights.set(v, weight);
  }
  return sequence.filter((v) => named.has(v));
}

/** `zeros([784, 128])` needs no name. */
const isFill = (call: Call | undefined): boolean => call?.fn === "zeros" || call?.fn === "ones";
