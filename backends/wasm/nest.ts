/** A kernel's stages as loops: which index the lanes run along, and the loops themselves. */
import { addressOf } from "../../codegen/address.ts";
import { loopsOf } from "../../codegen/collapse.ts";
import { costOf, loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import { type Combine, type Expr, identityOf, type Loop, operandsOf, visitExpr } from "../../dsl/expr.ts";
import type { DType } from "../../dsl/types.ts";
import { type Bound, type Code, type Local, v128 } from "./assembler.ts";
import { scalarType } from "./instructions.ts";
import type { Lanes } from "./lanes.ts";
import type { Access } from "./pointers.ts";

/** Where a loop begins and ends, if not at 0 and its extent. */
export interface Span {
  readonly from: Bound;
  readonly to: Bound;
}

/** What stages read and write. */
export const accessesOf = (stages: readonly Stage[]): Access[] =>
  stages.flatMap((stage) => [
    ...expressionsOf(stage)
      .flatMap(loadsOf)
      .map(({ source, index }) => ({ value: source, index })),
    ...(stage.kind === "store" ? [{ value: stage.target, index: stage.index }] : []),
  ]);

/** Emits a kernel's loops; those of `first`, the first one, go over the part of it that is given. */
export function emitNest(lanes: Lanes, { outer, stages }: Kernel, first: Span): void {
  const along = outerLane(outer, stages);
  lanes.sharing(stages.flatMap((s) => (loopsOf(s).length === 0 ? expressionsOf(s) : [])));
  if (outer.length === 0) {
    lanes.f.if(lanes.f.m.i32.lt_s(lanes.f.read(first.from), lanes.f.read(first.to)), () =>
      lanes.scope(() => emitStages(lanes, stages, along)),
    );
    return;
  }
  const hasInner = stages.some((s) => loopsOf(s).length > 0);
  const go = (depth: number): void => {
    const loop = outer[depth];
    if (!loop) {
      emitStages(lanes, stages, along);
      return;
    }
    const last = depth === outer.length - 1;
    const body = (): void => {
      if (last && !hasInner) go(depth + 1);
      else lanes.pointers.entered(loop.index, accessesOf(stages), () => go(depth + 1));
    };
    if (last && !hasInner) lanes.hoist(stages.flatMap(expressionsOf), new Set([loop.index]));
    emitLoop(lanes, loop, { lane: last && along === loop.index, ...(depth === 0 ? { span: first } : {}) }, body);
  };
  lanes.scope(() => go(0));
}

/** One loop: along the lane, four elements at a time and then what is left over. */
export function emitLoop(
  lanes: Lanes,
  loop: Loop,
  { lane, span, copies = 1 }: { readonly lane: boolean; readonly span?: Span; readonly copies?: number },
  body: (copy: number) => void,
): void {
  const { f } = lanes;
  const i = lanes.variable(loop);
  const to = span?.to ?? lanes.sizes.bound(loop.extent);
  f.set(i, f.read(span?.from ?? 0));
  const whole = typeof loop.extent === "number" && loop.extent % 4 === 0;
  if (lane) {
    const left = f.m.i32.sub(f.read(to), f.get(i));
    const most = f.let(i.type, f.m.i32.sub(f.read(to), f.m.i32.and(left, f.int(3))));
    if (copies > 1) {
      const last = f.let(i.type, f.add(f.get(most), -4 * (copies - 1)));
      f.loop(i, last, 4, () => {
        for (let copy = 0; copy < copies; copy++) {
          if (copy > 0) f.set(i, f.add(f.get(i), 4));
          lanes.along(loop.index, () => body(copy));
        }
      });
    }
    lanes.along(loop.index, () => f.loop(i, most, 4, () => body(0)));
  }
  if (!lane && isShort(loop) && !span) lanes.along(undefined, () => turns(lanes, loop, () => body(0)));
  else if (!lane || !whole) lanes.along(undefined, () => f.loop(i, to, 1, () => body(0)));
}

/** A loop of a few turns is written out. */
const isShort = ({ extent }: Loop): boolean => typeof extent === "number" && extent <= 3;
function turns(lanes: Lanes, loop: Loop, body: () => void): void {
  const { f } = lanes;
  for (let k = 0; k < (loop.extent as number); k++) {
    f.set(lanes.variable(loop), f.int(k));
    lanes.scope(body);
  }
}

/** The stages at one place of the outer indices. */
export function emitStages(lanes: Lanes, stages: readonly Stage[], outerLane: string | undefined): void {
  const { f } = lanes;
  for (const stage of stages) {
    if (stage.kind === "let") {
      const wide = lanes.varies(stage.value);
      const value = wide ? lanes.four(stage.value) : lanes.one(stage.value);
      lanes.rows.set(stage.name, { local: f.let(wide ? v128 : scalarType(stage.dtype), value), dtype: stage.dtype, wide });
    } else if (stage.kind === "reduce") emitReduce(lanes, stage, outerLane);
    else if (stage.loops.length === 0) emitStore(lanes, stage);
    else emitStoreLoops(lanes, stage, outerLane);
  }
}

function emitStore(lanes: Lanes, stage: Stage & { readonly kind: "store" }): void {
  const { target, index, value, mode, where } = stage;
  const load: Expr = { kind: "load", dtype: target.dtype, source: target, index };
  const stored: Expr =
    mode === "set" ? value : { kind: "call", dtype: target.dtype, fn: target.dtype === "i32" ? "addInt" : "add", args: [load, value] };
  const write = (): void => lanes.elements.store(target, index, stored);
  if (where) lanes.f.if(lanes.one(where), () => lanes.scope(write));
  else write();
}

function emitStoreLoops(lanes: Lanes, stage: Stage & { readonly kind: "store" }, outerLane: string | undefined): void {
  const last = stage.loops.at(-1) as Loop;
  const inner = lanes.lane === undefined && outerLane === undefined && innerLane(stage) ? last.index : undefined;
  emitInner(lanes, stage, stage.loops, { lane: inner }, () => emitStore(lanes, stage));
}

/** Loops within a row: what does not change in them is computed before. */
function emitInner(
  lanes: Lanes,
  stage: Stage,
  loops: readonly Loop[],
  { lane, copies = 1 }: { readonly lane: string | undefined; readonly copies?: number },
  body: (copy: number) => void,
): void {
  const indices = new Set(loops.map((loop) => loop.index));
  const accesses = accessesOf([stage]);
  lanes.scope(() => {
    lanes.sharing(expressionsOf(stage));
    lanes.hoist(expressionsOf(stage), indices);
    const go = (depth: number): void => {
      const loop = loops[depth];
      if (!loop) {
        body(0);
        return;
      }
      const last = depth === loops.length - 1;
      if (last && depth > 0) lanes.hoist(expressionsOf(stage), new Set([loop.index]));
      const inside = (copy = 0): void => (last ? body(copy) : lanes.pointers.entered(loop.index, accesses, () => go(depth + 1)));
      if (lanes.lane === undefined) emitLoop(lanes, loop, { lane: last && lane === loop.index, copies }, inside);
      else {
        const { f } = lanes;
        const i = lanes.variable(loop);
        f.set(i, f.int(0));
        if (isShort(loop)) turns(lanes, loop, inside);
        else f.loop(i, lanes.sizes.bound(loop.extent), 1, () => lanes.scope(inside));
      }
    };
    go(0);
  });
}

interface Folding {
  readonly name: string;
  readonly dtype: DType;
  readonly combine: Combine;
  readonly value: Expr;
  /** Four at a time; of several copies, which do not wait for each other. */
  readonly wide: readonly Local[];
  readonly one: Local | undefined;
}

function emitReduce(lanes: Lanes, stage: Stage & { readonly kind: "reduce" }, outerLane: string | undefined): void {
  const { over } = stage;
  const last = over.at(-1);
  const rowwise = lanes.lane !== undefined;
  const inner = last && !rowwise && outerLane === undefined && innerLane(stage) ? last.index : undefined;
  const cheap = stage.accumulators.reduce((sum, a) => sum + costOf(a.value), 0) <= CHEAP;
  const copies = inner && last && isLong(last) && over.length === 1 && cheap ? 4 : 1;
  const folds = accumulatorsOf(lanes, stage, { wide: rowwise ? 1 : inner ? copies : 0, one: !rowwise });
  emitInner(lanes, stage, over, { lane: inner, copies }, (copy) => fold(lanes, folds, copy));
  finish(lanes, folds, rowwise);
}

function accumulatorsOf(
  lanes: Lanes,
  { accumulators }: Stage & { readonly kind: "reduce" },
  { wide, one }: { readonly wide: number; readonly one: boolean },
): Folding[] {
  const { f } = lanes;
  return accumulators.map(({ name, dtype, combine, value }) => {
    const identity = (): Code => lanes.one({ kind: "const", dtype, value: identityOf(combine, dtype) });
    return {
      name,
      dtype,
      combine,
      value,
      wide: Array.from({ length: wide }, () => f.let(v128, lanes.broadcast(identity(), dtype))),
      one: one ? f.let(scalarType(dtype), identity()) : undefined,
    };
  });
}

/** The next element, or the next four, into the accumulators of a copy. */
function fold(lanes: Lanes, folds: readonly Folding[], copy: number): void {
  const { f } = lanes;
  for (const { dtype, combine, value, wide, one } of folds) {
    const into = (lanes.lane === undefined ? one : wide[copy]) as Local;
    f.set(into, lanes.fold(combine, dtype, f.get(into), value));
  }
}

/** Partial results as one, which is a row local from here on. */
function finish(lanes: Lanes, folds: readonly Folding[], rowwise: boolean): void {
  const { f } = lanes;
  for (const { name, dtype, combine, wide, one } of folds) {
    const [first, ...others] = wide as readonly Local[];
    for (const other of others) f.set(first as Local, lanes.combine(combine, dtype, f.get(first as Local), f.get(other), true));
    if (first && one)
      for (let lane = 0; lane < 4; lane++)
        f.set(one, lanes.combine(combine, dtype, f.get(one), lanes.extract(f.get(first), dtype, lane), false));
    lanes.rows.set(name, rowwise ? { local: first as Local, dtype, wide: true } : { local: one as Local, dtype, wide: false });
  }
}

/** A sum waits for the one before it: of a long row, four are under way at once, where an element is quickly computed. */
const CHEAP = 12;
const isLong = ({ extent }: Loop): boolean => typeof extent !== "number" || extent >= 64;

/** The last outer index, if four rows at once are better than four elements of a row: what they read lies side by side. */
export function outerLane(outer: readonly Loop[], stages: readonly Stage[]): string | undefined {
  const last = outer.at(-1);
  if (!last || !laneable(last, stages)) return undefined;
  const inner = stages.filter((s) => loopsOf(s).length > 0);
  if (inner.length === 0) return last.index;
  const across = inner.reduce((sum, s) => sum + strideCost(s, last.index), 0);
  const within = inner.reduce(
    (sum, s) => sum + (innerLane(s) ? strideCost(s, (loopsOf(s).at(-1) as Loop).index) : 4 * accessesOf([s]).length),
    0,
  );
  return across < within ? last.index : undefined;
}

function innerLane(stage: Stage): boolean {
  const last = loopsOf(stage).at(-1);
  return last !== undefined && !isRagged(last) && laneable(last, [stage]) && strideCost(stage, last.index) < 4 * accessesOf([stage]).length;
}

/** A short row that is no number of vectors: what is left over would be as long as the rest. */
const isRagged = ({ extent }: Loop): boolean => typeof extent === "number" && extent < 16 && extent % 4 !== 0;

const laneable = (loop: Loop, stages: readonly Stage[]): boolean =>
  !(typeof loop.extent === "number" && loop.extent < 4) &&
  stages.every((stage) => !(stage.kind === "store" && (stage.mode === "add" || stage.where))) &&
  fitLanes(stages, loop.index);

/** Lanes have 32 bits: is nothing f64 that is another from lane to lane? Row locals may be. */
export function fitLanes(stages: readonly Stage[], lane: string): boolean {
  const differ = new Set<Expr>();
  const seen = new Set<Expr>();
  for (const stage of stages) {
    for (const root of expressionsOf(stage))
      visitExpr(
        root,
        (x) => {
          if (x.kind === "local" || (x.kind === "index" && x.name === lane) || operandsOf(x).some((y) => differ.has(y))) differ.add(x);
        },
        seen,
      );
    if (stage.kind === "store" && stage.target.dtype === "f64") return false;
    if (stage.kind === "reduce" && stage.accumulators.some(({ dtype }) => dtype === "f64")) return false;
  }
  return [...differ].every((x) => x.dtype !== "f64");
}

/** How much it takes to read and write four elements along `lane`. */
const strideCost = (stage: Stage, lane: string): number =>
  accessesOf([stage]).reduce((sum, { value, index }) => {
    const { terms, others } = addressOf(value, index);
    const stride = terms.get(lane) ?? 0;
    return sum + (others.length > 0 ? 6 : stride === 0 ? 0.5 : stride === 1 ? 1 : 6);
  }, 0);
