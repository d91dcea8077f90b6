/** Which stored values are computed in one kernel: those that read each other at the same row. */
import type { Expr } from "../dsl/expr.ts";
import type { Value } from "../dsl/value.ts";
import { costOf, indicesOf, isReduction, loadsOf, readOf } from "./inline.ts";

/** A stored value on its way into a kernel. */
export interface Part {
  readonly value: Value;
  /** Its element, over index variables i0, i1, …; a reduction's is a `reduce` at the root. */
  readonly element: Expr;
  /** Axes that a kernel must loop over: trailing axes of size 1 are not. */
  readonly rank: number;
  readonly reduces: boolean;
}
export interface Group {
  /** How many leading axes all parts share as outer indices. */
  prefix: number;
  readonly parts: Part[];
}

export function partOf(value: Value, element: (v: Value, index: readonly Expr[]) => Expr): Part {
  const ones = [...value.shape].reverse().findIndex((d) => d !== 1);
  const rank = ones < 0 ? 0 : value.shape.length - ones;
  const isScatter = value.op.kind === "scatter";
  return { value, rank, reduces: isReduction(value), element: isScatter ? scatterReads(value) : element(value, indicesOf(value)) };
}

/** A scatter reads its arguments at places of its own; for fusion it is enough to know which. */
const scatterReads = (v: Value): Expr => ({
  kind: "call",
  dtype: v.dtype,
  fn: "add",
  args: v.args.map((arg) => readOf(arg)(...indicesOf(arg))),
});
export const readsOf = (part: Part): Value[] => [...new Set(loadsOf(part.element).map((x) => x.source))];

/** Each part joins the last group that it may join, else opens one. */
export function group(parts: readonly Part[], merge: boolean): Group[] {
  const groups: Group[] = [];
  const home = new Map<Value, Group>();
  /** Groups that a group needs, directly or not. */
  const needs = new Map<Group, Set<Group>>();
  for (const part of parts) {
    const direct = new Set(readsOf(part).flatMap((v) => home.get(v) ?? []));
    const all = new Set([...direct].flatMap((g) => [g, ...(needs.get(g) ?? [])]));
    const candidates = merge ? [...direct].reverse() : [];
    const target = candidates.find((g) => joinPrefix(g, part) !== undefined && ![...direct].some((d) => d !== g && needs.get(d)?.has(g)));
    const g = target ?? { prefix: part.rank, parts: [] };
    if (target) target.prefix = joinPrefix(target, part) as number;
    else groups.push(g);
    g.parts.push(part);
    home.set(part.value, g);
    all.delete(g);
    const known = needs.get(g) ?? new Set();
    for (const need of all) known.add(need);
    needs.set(g, known);
    for (const [other, set] of needs) if (set.has(g)) for (const need of all) if (need !== other) set.add(need);
  }
  return sortGroups(groups, needs);
}

/** The shared outer rank if `part` joined `g`; undefined if it may not: what it reads there must be at its own row. */
function joinPrefix(g: Group, part: Part): number | undefined {
  if (part.value.op.kind === "scatter" || g.parts.some((p) => p.value.op.kind === "scatter")) return undefined;
  const here = new Map(g.parts.map((p) => [p.value, p]));
  let prefix = Math.min(g.prefix, part.rank);
  const [model] = g.parts;
  for (let axis = 0; axis < prefix; axis++) if (model?.value.shape[axis] !== part.value.shape[axis]) prefix = axis;
  for (const read of loadsOf(part.element)) {
    const source = here.get(read.source);
    if (!source) continue;
    const aligned = read.index.findIndex((x, axis) => !(x.kind === "index" && x.name === `i${axis}`) && source.value.shape[axis] !== 1);
    if (aligned >= 0) prefix = Math.min(prefix, aligned);
  }
  if (prefix === 0 && (part.rank > 0 || g.parts.some((p) => p.rank > 0))) return undefined;
  if ([...g.parts, part].some((p) => p.reduces && p.rank !== prefix)) return undefined;
  return prefix;
}

function sortGroups(groups: readonly Group[], needs: ReadonlyMap<Group, ReadonlySet<Group>>): Group[] {
  const done = new Set<Group>();
  const out: Group[] = [];
  const visit = (g: Group): void => {
    if (done.has(g)) return;
    done.add(g);
    for (const need of groups) if (needs.get(g)?.has(need)) visit(need);
    out.push(g);
  };
  groups.forEach(visit);
  return out;
}

/** Rows that only their own kernel reads and that are cheap to compute again leave memory. Returns whether any did. */
export function dropCheapRows(groups: readonly Group[], stored: Set<Value>, outputs: readonly Value[]): boolean {
  const kept = new Set(outputs);
  for (const g of groups) for (const part of g.parts) for (const v of readsOf(part)) if (!g.parts.some((p) => p.value === v)) kept.add(v);
  /** What has left, with what it costs by now: it may read others that have. */
  const dropped = new Map<Value, number>();
  for (const g of groups)
    for (const part of g.parts) {
      if (part.rank <= g.prefix || part.reduces || kept.has(part.value)) continue;
      const cost = readsOf(part).reduce((sum, v) => sum + (dropped.get(v) ?? 0), costOf(part.element));
      if (cost <= 6) dropped.set(part.value, cost);
    }
  for (const v of dropped.keys()) stored.delete(v);
  return dropped.size > 0;
}

/** The same groups with the parts that are left, their elements composed anew. */
export function regroup(groups: readonly Group[], parts: readonly Part[]): Group[] {
  const fresh = new Map(parts.map((part) => [part.value, part]));
  return groups.map((g) => ({ prefix: g.prefix, parts: g.parts.flatMap((part) => fresh.get(part.value) ?? []) }));
}
