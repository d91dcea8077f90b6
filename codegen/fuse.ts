/**
 * Values → kernels. First: which values are stored (all others are inlined where they are read). Then: which stored values are computed in one
 * kernel, because one reads the other at the same row. Then: which of those need no memory after all, being row locals.
 *
 * Inlining never changes the complexity: a value is not inlined where it would be computed more often than it has elements, unless it is free.
 */

import { topological } from "../dsl/differentiate.ts";
import { evaluateDim, namesOfDim, sizeOf } from "../dsl/dim.ts";
import { constant, type Expr, indexVar, type Loop, load, local, type Read, rewrite } from "../dsl/expr.ts";
import type { Dim } from "../dsl/types.ts";
import { nameOf, type Origin, type Value } from "../dsl/value.ts";
import { contractionOf } from "./contraction.ts";
import { costOf, inliner, isInlineConstant, isReduction, loadsOf } from "./inline.ts";
import type { Kernel, Stage } from "./kernel.ts";
import { mergeReductions } from "./merge.ts";

/** A stored value on its way into a kernel. */
interface Part {
  readonly value: Value;
  /** Its element, over index variables i0, i1, …; a reduction's is a `reduce` at the root. */
  readonly element: Expr;
  /** Axes that a kernel must loop over: trailing axes of size 1 are not. */
  readonly rank: number;
  readonly reduces: boolean;
}
interface Group {
  /** How many leading axes all parts share as outer indices. */
  prefix: number;
  readonly parts: Part[];
}

export interface FuseOptions {
  /** One kernel per value: what fusion is measured against. */
  readonly fuse?: boolean;
}

const dimsOfIndex = (v: Value): Expr[] =>
  v.shape.map((d, axis) => (d === 1 ? { kind: "const", dtype: "i32", value: 0 } : indexVar(`i${axis}`)));
const isGiven = (v: Value): boolean => v.op.kind === "leaf" && !isInlineConstant(v);

export function fuse(outputs: readonly Value[], options: FuseOptions = {}): Kernel[] {
  const order = topological(outputs).filter((v) => v.op.kind !== "leaf");
  const stored = options.fuse === false ? new Set(order) : chooseStored(outputs, order);
  const isStored = (v: Value): boolean => isGiven(v) || stored.has(v);
  const partsOf = (): Part[] => {
    const element = inliner(isStored);
    return order.filter((v) => stored.has(v)).map((v) => partOf(v, element));
  };
  let groups = group(partsOf(), options.fuse !== false);
  if (options.fuse !== false && dropCheapRows(groups, stored, outputs)) groups = regroup(groups, partsOf());
  const needed = new Set(outputs);
  for (const g of groups)
    for (const part of g.parts) for (const read of readsOf(part)) if (!g.parts.some((p) => p.value === read)) needed.add(read);
  return groups.map((g) => kernelOf(g, needed));
}

function partOf(value: Value, element: (v: Value, index: readonly Expr[]) => Expr): Part {
  const ones = [...value.shape].reverse().findIndex((d) => d !== 1);
  const rank = ones < 0 ? 0 : value.shape.length - ones;
  const isScatter = value.op.kind === "scatter";
  return { value, rank, reduces: isReduction(value), element: isScatter ? scatterReads(value) : element(value, dimsOfIndex(value)) };
}

/** A scatter reads its arguments at places of its own; for fusion it is enough to know which. */
const scatterReads = (v: Value): Expr => ({
  kind: "call",
  dtype: v.dtype,
  fn: "add",
  args: v.args.map((arg) => readOf(arg)(...dimsOfIndex(arg))),
});
const readOf =
  (arg: Value): Read =>
  (...at) =>
    isInlineConstant(arg) ? constant(arg.buffer?.[0] as number, arg.dtype) : load(arg, at);
const readsOf = (part: Part): Value[] => [...new Set(loadsOf(part.element).map((x) => x.source))];

/** Outputs, reductions, scatters and what they read; operands of contractions; whatever is read several times, or more often than it has elements. */
function chooseStored(outputs: readonly Value[], order: readonly Value[]): Set<Value> {
  const stored = new Set(outputs.filter((v) => v.op.kind !== "leaf"));
  const readers = new Map<Value, Value[]>();
  for (const v of order) for (const arg of new Set(v.args)) readers.set(arg, [...(readers.get(arg) ?? []), v]);
  for (const v of order) if (isReduction(v) || v.op.kind === "scatter") stored.add(v);
  for (const v of order) if (v.op.kind === "scatter") for (const arg of v.args) if (arg.op.kind !== "leaf") stored.add(arg);
  for (const v of order) {
    if (stored.has(v)) continue;
    const element = inliner((x) => isGiven(x) || stored.has(x))(v, dimsOfIndex(v));
    if (isView(element) || v.generated) continue;
    const all = readers.get(v) ?? [];
    const cost = costOf(element);
    const repeated = all.some((reader) => nominalWork(reader) > nominal(sizeOf(v.shape)));
    if (all.some((reader) => contracts(reader, readers)) || (repeated && cost > 0) || (all.length > 1 && cost > 1)) stored.add(v);
  }
  return stored;
}
const isView = (x: Expr): boolean => x.kind === "load" || x.kind === "const" || x.kind === "size";

/** Does `reader`, or a view of it, end up as an operand of a contraction? */
function contracts(reader: Value, readers: ReadonlyMap<Value, readonly Value[]>): boolean {
  const element = inliner((x) => reader.args.includes(x) || isGiven(x));
  if (isReduction(reader)) return isContraction(element(reader, dimsOfIndex(reader)));
  if (reader.op.kind !== "element" || element(reader, dimsOfIndex(reader)).kind !== "load") return false;
  return (readers.get(reader) ?? []).some((next) => contracts(next, readers));
}
const isContraction = (x: Expr): boolean => contractionOf(x) !== undefined;

/** A size, for comparing work, where every run-time dim is 64. */
const nominal = (d: Dim): number => evaluateDim(d, Object.fromEntries(namesOfDim(d).map((name) => [name, 64])));
function nominalWork(v: Value): number {
  const own = nominal(sizeOf(v.shape));
  return isReduction(v) ? Math.max(own, ...v.args.map((arg) => nominal(sizeOf(arg.shape)))) : own;
}

/** Each part joins the last group that it may join, else opens one. */
function group(parts: readonly Part[], merge: boolean): Group[] {
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
function dropCheapRows(groups: readonly Group[], stored: Set<Value>, outputs: readonly Value[]): boolean {
  const kept = new Set(outputs);
  for (const g of groups) for (const part of g.parts) for (const v of readsOf(part)) if (!g.parts.some((p) => p.value === v)) kept.add(v);
  let changed = false;
  for (const g of groups)
    for (const part of g.parts)
      if (part.rank > g.prefix && !part.reduces && !kept.has(part.value) && costOf(part.element) <= 6) {
        stored.delete(part.value);
        changed = true;
      }
  return changed;
}

/** The same groups with the parts that are left, their elements composed anew. */
function regroup(groups: readonly Group[], parts: readonly Part[]): Group[] {
  const fresh = new Map(parts.map((part) => [part.value, part]));
  return groups.map((g) => ({ prefix: g.prefix, parts: g.parts.flatMap((part) => fresh.get(part.value) ?? []) }));
}

function kernelOf(g: Group, needed: ReadonlySet<Value>): Kernel {
  const names = new Map<Value, string>();
  const nameFor = (v: Value): string => {
    const base = nameOf(v) ?? v.op.name.replace(/^reduce_/, "");
    let name = base;
    for (let n = 2; [...names.values()].includes(name); n++) name = `${base}${n}`;
    names.set(v, name);
    return name;
  };
  const last = (g.parts.findLast((part) => nameOf(part.value)) ?? g.parts.at(-1)) as Part;
  const name = nameOf(last.value) ?? last.value.op.name;
  const origins = g.parts.flatMap((part) => part.value.origin ?? []);
  const [only] = g.parts;
  if (only?.value.op.kind === "scatter") return { name, outer: [], stages: scatterStages(only.value), origins };
  const outer = (g.parts[0] as Part).value.shape.slice(0, g.prefix).map((extent, axis): Loop => ({ index: `i${axis}`, extent }));
  const stages = g.parts.flatMap((part) => stagesOf(part, g.prefix, needed.has(part.value), nameFor, (x) => localise(x, names, g.prefix)));
  // Locals are stored last: what they overwrite, the carry's old values, has been read by then.
  const isPlainStore = (stage: Stage): boolean => stage.kind === "store" && stage.loops.length === 0;
  return {
    name,
    outer,
    stages: [...mergeReductions(stages.filter((s) => !isPlainStore(s))), ...stages.filter(isPlainStore)],
    origins: uniqueOrigins(origins),
  };
}

/** Loads of values that are row locals by now become reads of those. */
function localise(x: Expr, names: ReadonlyMap<Value, string>, prefix: number): Expr {
  return rewrite(x, (node) => {
    if (node.kind !== "load") return node;
    const name = names.get(node.source);
    return name === undefined || effectiveRank(node.source) > prefix ? node : local(name, node.dtype);
  });
}
function effectiveRank(v: Value): number {
  const last = v.shape.findLastIndex((d) => d !== 1);
  return last + 1;
}

function stagesOf(part: Part, prefix: number, isNeeded: boolean, nameFor: (v: Value) => string, localise: (x: Expr) => Expr): Stage[] {
  const { value, element, rank, reduces } = part;
  const index = dimsOfIndex(value);
  const store = (x: Expr, loops: readonly Loop[]): Stage => ({ kind: "store", loops, target: value, index, value: x, mode: "set" });
  if (rank > prefix) {
    const loops = value.shape
      .slice(prefix)
      .map((extent, k): Loop => ({ index: `i${prefix + k}`, extent }))
      .filter((loop) => loop.extent !== 1);
    return [store(localise(element), loops)];
  }
  const inner = localise(element);
  const name = nameFor(value);
  const result = local(name, value.dtype);
  const made: Stage =
    reduces && inner.kind === "reduce"
      ? { kind: "reduce", over: inner.over, accumulators: [{ name, dtype: value.dtype, combine: inner.combine, value: inner.body }] }
      : { kind: "let", name, dtype: value.dtype, value: inner };
  return isNeeded ? [made, store(result, [])] : [made];
}

function scatterStages(v: Value): Stage[] {
  if (v.op.kind !== "scatter") throw new Error("internal: not a scatter");
  const reads = v.args.map(readOf);
  const index = dimsOfIndex(v);
  const loop = (extent: Dim, axis: number): Loop => ({ index: `i${axis}`, extent });
  const space = v.op.updates(v.args, v.attrs);
  const { target, value, inside } = v.op.scatter(
    reads,
    space.map((_, axis) => indexVar(`i${axis}`)),
    v,
  );
  return [
    { kind: "store", loops: v.shape.map(loop), target: v, index, value: v.op.initial(reads, index, v), mode: "set" },
    { kind: "store", loops: space.map(loop), target: v, index: target, value, mode: "add", where: inside },
  ];
}

function uniqueOrigins(origins: readonly Origin[]): Origin[] {
  const seen = new Map(origins.map((o) => [`${o.file}:${o.line}`, o]));
  return [...seen.values()];
}
