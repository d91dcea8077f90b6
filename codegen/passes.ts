/**
 * A kernel's stages as passes over its row: stages that loop over the same elements run side by side, as early as what they need is there,
 * so that a row is read as seldom as its dependences allow. What one stage stores and the next reads at the same place stays a variable.
 */
import { type Expr, indexVar, type Loop, local, rewrite, visitExpr } from "../dsl/expr.ts";
import type { Value } from "../dsl/value.ts";
import { loopsOf, mapStage } from "./collapse.ts";
import { keyOf, loadsOf } from "./inline.ts";
import { expressionsOf, type Stage } from "./kernel.ts";

type Store = Stage & { readonly kind: "store" };

/** In each turn of `loops`, every stage once; a `reduce` folds over all turns. Without loops, the stages once. */
export interface Pass {
  readonly loops: readonly Loop[];
  readonly stages: readonly Stage[];
}

export interface PassOptions {
  /** May writing one value change the other? */
  readonly overlap: (written: Value, read: Value) => boolean;
  /** Nobody but these stages reads it. */
  readonly isTemporary: (value: Value) => boolean;
}

export function passesOf(stages: readonly Stage[], { overlap, isTemporary }: PassOptions): Pass[] {
  const passes: { loops: readonly Loop[]; stages: Stage[] }[] = [];
  /** Where each stage is, in the order they were in. */
  const placed: { stage: Stage; at: number }[] = [];
  for (const original of stages) {
    const earliest = (stage: Stage): number =>
      placed.reduce((least, { stage: before, at }) => Math.max(least, at + waits(stage, before, overlap)), 0);
    const found = passes.findIndex(({ loops }, at) => {
      const renamed = sameLoops(loopsOf(original), loops) ? renamedTo(original, loops) : undefined;
      return renamed !== undefined && at >= earliest(renamed);
    });
    const stage = found < 0 ? original : renamedTo(original, (passes[found] as Pass).loops);
    const at = found < 0 ? passes.length : found;
    if (found < 0) passes.push({ loops: loopsOf(stage), stages: [stage] });
    else passes[at]?.stages.push(stage);
    placed.push({ stage, at });
  }
  return passes.map((pass, at) => forwarded(pass, (v) => isTemporary(v) && !passes.slice(at + 1).some((later) => reads(later.stages, v))));
}

const reads = (stages: readonly Stage[], v: Value): boolean =>
  stages
    .flatMap(expressionsOf)
    .flatMap(loadsOf)
    .some((x) => x.source === v);

const sameLoops = (a: readonly Loop[], b: readonly Loop[]): boolean =>
  a.length === b.length && a.every((loop, k) => loop.extent === b[k]?.extent);

/** The stage with its own loops' indices named as those of `loops`. */
function renamedTo(stage: Stage, loops: readonly Loop[]): Stage {
  const names = new Map(loopsOf(stage).map((loop, k) => [loop.index, (loops[k] as Loop).index]));
  const memo = new Map<Expr, Expr>();
  const change = (x: Expr): Expr =>
    rewrite(x, (node) => (node.kind === "index" && names.has(node.name) ? indexVar(names.get(node.name) as string) : node), memo);
  const renamed = mapStage(stage, change);
  if (renamed.kind === "reduce") return { ...renamed, over: loops };
  return renamed.kind === "store" ? { ...renamed, loops } : renamed;
}

/** How many passes after `before` this stage may come at the earliest: 0 is the same one. Both go by the same index names. */
function waits(stage: Stage, before: Stage, overlap: PassOptions["overlap"]): 0 | 1 {
  const inOrder = loopsOf(before).length === 0 && loopsOf(stage).length === 0 && before.kind !== "reduce";
  if (inOrder) return 0;
  if (isScatter(stage) || isScatter(before)) return 1;
  const made = new Set(before.kind === "let" ? [before.name] : before.kind === "reduce" ? before.accumulators.map((a) => a.name) : []);
  if (expressionsOf(stage).some((x) => readsLocal(x, made))) return 1;
  const meets = (store: Stage, other: Stage): boolean =>
    store.kind === "store" &&
    [
      ...expressionsOf(other)
        .flatMap(loadsOf)
        .map(({ source, index }) => ({ value: source, index })),
      ...written(other),
    ].some(({ value, index }) => (value === store.target || overlap(store.target, value)) && !isSamePlace(store, index, other));
  return meets(before, stage) || meets(stage, before) ? 1 : 0;
}
const isScatter = (stage: Stage): boolean => stage.kind === "store" && (stage.mode === "add" || stage.where !== undefined);
const written = (stage: Stage): { value: Value; index: readonly Expr[] }[] =>
  stage.kind === "store" ? [{ value: stage.target, index: stage.index }] : [];
const isSamePlace = (store: Store, index: readonly Expr[], other: Stage): boolean =>
  sameLoops(store.loops, loopsOf(other)) &&
  store.loops.length > 0 &&
  index.length === store.index.length &&
  index.every((x, axis) => keyOf(x) === keyOf(store.index[axis] as Expr));

function readsLocal(x: Expr, names: ReadonlySet<string>): boolean {
  let found = false;
  if (names.size > 0)
    visitExpr(x, (y) => {
      if (y.kind === "local" && names.has(y.name)) found = true;
    });
  return found;
}

/** What a stage of this pass stores, the following ones need not load; what nobody else wants is not stored at all. */
function forwarded({ loops, stages }: Pass, isDone: (v: Value) => boolean): Pass {
  if (loops.length === 0) return { loops, stages };
  const out: Stage[] = [];
  const known = new Map<Value, Expr>();
  for (const [k, stage] of stages.entries()) {
    const memo = new Map<Expr, Expr>();
    const now = mapStage(stage, (x) => rewrite(x, (node) => (node.kind === "load" ? (known.get(node.source) ?? node) : node), memo));
    if (now.kind !== "store") {
      out.push(now);
      continue;
    }
    const { target, value } = now;
    const isRead = reads(stages.slice(k + 1), target);
    if (isRead && value.kind !== "local") {
      const name = `${target.op.name}:${k}`;
      out.push({ kind: "let", name, dtype: target.dtype, value });
      known.set(target, local(name, target.dtype));
    } else if (isRead) known.set(target, value);
    if (!isDone(target)) out.push({ ...now, loops: [], value: isRead ? (known.get(target) as Expr) : value });
  }
  return { loops, stages: out };
}
