/** Which values are stored. All others are inlined where they are read. */
import { evaluateDim, namesOfDim, sizeOf } from "../dsl/dim.ts";
import type { Expr } from "../dsl/expr.ts";
import type { Dim } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { contractionOf } from "./contraction.ts";
import { costOf, indicesOf, inliner, isInlineConstant, isReduction, loadsOf } from "./inline.ts";

/** There before the first kernel: inputs, and arrays that are constants. */
export const isGiven = (v: Value): boolean => v.op.kind === "leaf" && !isInlineConstant(v);

/** An element that takes more operations than this is stored, so that a long chain does not become one endless expression. */
const LONGEST = 600;

/** Outputs, reductions, scatters and what they read; operands of contractions; whatever takes more than one operation and is read several times, or more often than it has elements. */
export function chooseStored(outputs: readonly Value[], order: readonly Value[]): Set<Value> {
  const stored = new Set(outputs.filter((v) => v.op.kind !== "leaf"));
  const readers = new Map<Value, Value[]>();
  for (const v of order) for (const arg of new Set(v.args)) readers.set(arg, [...(readers.get(arg) ?? []), v]);
  for (const v of order) if (isReduction(v) || v.op.kind === "scatter") stored.add(v);
  for (const v of order) if (v.op.kind === "scatter") for (const arg of v.args) if (arg.op.kind !== "leaf") stored.add(arg);
  for (const v of order) {
    if (stored.has(v)) continue;
    const element = inliner((x) => isGiven(x) || stored.has(x))(v, indicesOf(v));
    if (isView(element) || v.generated) continue;
    const all = readers.get(v) ?? [];
    const cost = costOf(element);
    const repeated = all.some((reader) => nominalWork(reader) > nominal(sizeOf(v.shape)));
    const shared = all.length > 1 && cost > 1 && !isAsCheapAgain(v, element, cost);
    if (all.some((reader) => contracts(reader, readers)) || (repeated && cost > 1) || shared || cost > LONGEST) stored.add(v);
  }
  return stored;
}
/** To compute it again reads no more than to read it: one value of its size, and smaller ones. */
function isAsCheapAgain(v: Value, element: Expr, cost: number): boolean {
  const size = nominal(sizeOf(v.shape));
  const large = loadsOf(element).filter(({ source }) => nominal(sizeOf(source.shape)) >= size);
  return cost <= CHEAP && large.length <= 1;
}
/** Operations that take no longer than reading what they need. */
const CHEAP = 4;

const isView = (x: Expr): boolean => x.kind === "load" || x.kind === "const" || x.kind === "size";

/** Does `reader`, or a view of it, end up as an operand of a contraction? */
function contracts(reader: Value, readers: ReadonlyMap<Value, readonly Value[]>): boolean {
  const element = inliner((x) => reader.args.includes(x) || isGiven(x));
  if (isReduction(reader)) return isContraction(element(reader, indicesOf(reader)));
  if (reader.op.kind !== "element" || element(reader, indicesOf(reader)).kind !== "load") return false;
  return (readers.get(reader) ?? []).some((next) => contracts(next, readers));
}
const isContraction = (x: Expr): boolean => contractionOf(x) !== undefined;

/** A size, for comparing work, where every run-time dim is 64. */
const nominal = (d: Dim): number => evaluateDim(d, Object.fromEntries(namesOfDim(d).map((name) => [name, 64])));
function nominalWork(v: Value): number {
  const own = nominal(sizeOf(v.shape));
  return isReduction(v) ? Math.max(own, ...v.args.map((arg) => nominal(sizeOf(arg.shape)))) : own;
}
