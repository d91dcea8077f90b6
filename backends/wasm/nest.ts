/** A kernel's stages as loops: which index the lanes run along, and the loops themselves. */
import { addressOf } from "../../codegen/address.ts";
import { loopsOf } from "../../codegen/collapse.ts";
import { costOf, loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import type { Pass } from "../../codegen/passes.ts";
import { type Combine, type Expr, identityOf, type Loop, operandsOf, visitExpr } from "../../dsl/expr.ts";
import type { DType } from "../../dsl/types.ts";
import { type Bound, type Code, i32, type Local, v128 } from "./assembler.ts";
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
export function emitNest(lanes: Lanes, { outer, stages }: Kernel, passes: readonly Pass[], first: Span): void {
  const along = outerLane(outer, stages);
  lanes.sharing(passes.flatMap((pass) => (pass.loops.length === 0 ? pass.stages.flatMap(expressionsOf) : [])));
  const row = (): void => {
    for (const pass of passes) emitPass(lanes, pass, along);
  };
  if (outer.length === 0) {
    lanes.f.if(lanes.f.m.i32.lt_s(lanes.f.read(first.from), lanes.f.read(first.to)), () => lanes.scope(row));
    return;
  }
  const hasInner = passes.some(({ loops }) => loops.length > 0);
  const go = (depth: number): void => {
    const loop = outer[depth];
    if (!loop) {
      row();
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
  // How far there are whole vectors, and whole turns of several: numbers, if the loop begins at 0.
  const known = !span && typeof to === "number" ? to : undefined;
  const less = (bound: Bound, by: number): Bound => (typeof bound === "number" ? bound - by : f.let(i32, f.add(f.get(bound), -by)));
  const vectors = (): Bound => {
    if (known !== undefined) return known - (known % 4);
    const left = f.m.i32.sub(f.read(to), f.get(i));
    return f.let(i32, f.m.i32.sub(f.read(to), f.m.i32.and(left, f.int(3))));
  };
  const turn = (copies: number) => (): void => {
    for (let copy = 0; copy < copies; copy++) lanes.pointers.shifted(loop.index, 4 * copy, () => lanes.along(loop.index, () => body(copy)));
  };
  if (lane) {
    const most = vectors();
    const several = known !== undefined && known >= 4 * copies;
    if (copies > 1) f.loop(i, less(most, 4 * (copies - 1)), 4 * copies, turn(copies), several);
    if (copies === 1 || known === undefined || known % (4 * copies) >= 4) f.loop(i, most, 4, turn(1), copies === 1 && several);
  }
  const rest = typeof loop.extent !== "number" || loop.extent % 4 !== 0;
  if (!lane && isShort(loop) && !span) lanes.along(undefined, () => turns(lanes, loop, () => body(0)));
  else if (!lane || rest) lanes.along(undefined, () => f.loop(i, to, 1, () => body(0), !lane && known !== undefined && known > 0));
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

/** Stages without loops of their own: once, or in each turn of a pass. */
export function emitStages(lanes: Lanes, stages: readonly Stage[]): void {
  const { f } = lanes;
  for (const stage of stages) {
    if (stage.kind === "let") {
      const wide = lanes.varies(stage.value);
      const value = wide ? lanes.four(stage.value) : lanes.one(stage.value);
      lanes.rows.set(stage.name, { local: f.let(wide ? v128 : scalarType(stage.dtype), value), dtype: stage.dtype, wide });
    } else if (stage.kind === "store") emitStore(lanes, stage);
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

/** One pass over a row: what does not change in its loops is computed before. */
function emitPass(lanes: Lanes, pass: Pass, outerLane: string | undefined): void {
  const { loops, stages } = pass;
  const rowwise = lanes.lane !== undefined;
  const last = loops.at(-1);
  const lane = last && !rowwise && outerLane === undefined && innerLane(pass) ? last.index : undefined;
  const reduces = stages.filter((stage) => stage.kind === "reduce");
  const copies = lane && last && isLong(last) ? copiesOf(pass) : 1;
  const folds = reduces.flatMap((stage) => foldingsOf(lanes, stage, { wide: rowwise ? 1 : lane ? copies : 0, one: !rowwise }));
  const turn = (copy: number): void => {
    emitStages(lanes, stages);
    for (const folding of folds) fold(lanes, folding, copy);
  };
  if (loops.length === 0) turn(0);
  else emitTurns(lanes, pass, { lane, copies }, turn);
  for (const folding of folds) finish(lanes, folding, rowwise);
}

function emitTurns(
  lanes: Lanes,
  { loops, stages }: Pass,
  { lane, copies }: { readonly lane: string | undefined; readonly copies: number },
  turn: (copy: number) => void,
): void {
  const { f } = lanes;
  const values = stages.flatMap(expressionsOf);
  const accesses = accessesOf(stages);
  const go = (depth: number): void => {
    const loop = loops[depth];
    if (!loop) {
      turn(0);
      return;
    }
    const last = depth === loops.length - 1;
    if (last && depth > 0) lanes.hoist(values, new Set([loop.index]));
    const inside = (copy = 0): void => (last ? turn(copy) : lanes.pointers.entered(loop.index, accesses, () => go(depth + 1)));
    if (lanes.lane === undefined) emitLoop(lanes, loop, { lane: last && lane === loop.index, copies }, inside);
    else {
      const i = lanes.variable(loop);
      f.set(i, f.int(0));
      if (isShort(loop)) turns(lanes, loop, inside);
      else f.loop(i, lanes.sizes.bound(loop.extent), 1, () => lanes.scope(inside));
    }
  };
  lanes.scope(() => {
    lanes.sharing(values);
    lanes.hoist(values, new Set(loops.map((loop) => loop.index)));
    go(0);
  });
}

/** An accumulator on its way. */
interface Folding {
  readonly name: string;
  readonly dtype: DType;
  readonly combine: Combine;
  readonly value: Expr;
  /** Four at a time; of several copies, which do not wait for each other. */
  readonly wide: readonly Local[];
  /** Of a maximum of floats: where there was a NaN. */
  readonly unordered: readonly Local[];
  readonly one: Local | undefined;
}

function foldingsOf(
  lanes: Lanes,
  { accumulators }: Stage & { readonly kind: "reduce" },
  { wide, one }: { readonly wide: number; readonly one: boolean },
): Folding[] {
  const { f } = lanes;
  return accumulators.map(({ name, dtype, combine, value }) => {
    const identity = (): Code => lanes.one({ kind: "const", dtype, value: identityOf(combine, dtype) });
    const each = (make: () => Code): Local[] => Array.from({ length: wide }, () => f.let(v128, make()));
    return {
      name,
      dtype,
      combine,
      value,
      wide: each(() => lanes.broadcast(identity(), dtype)),
      unordered: combine === "max" && dtype === "f32" ? each(() => f.splatInt(0)) : [],
      one: one ? f.let(scalarType(dtype), identity()) : undefined,
    };
  });
}

/** The next element, or the next four, into the accumulator of a copy. */
function fold(lanes: Lanes, { dtype, combine, value, wide, unordered, one }: Folding, copy: number): void {
  const { f } = lanes;
  const { m } = f;
  const into = (lanes.lane === undefined ? one : wide[copy]) as Local;
  const nan = lanes.lane === undefined ? undefined : unordered[copy];
  if (!nan) f.set(into, lanes.fold(combine, dtype, f.get(into), value));
  else {
    // `f32x4.max` is eight instructions of the machine; `pmax` is one, and forgets NaN.
    const next = f.let(v128, lanes.four(value));
    f.set(into, m.f32x4.pmax(f.get(into), f.get(next)));
    f.set(nan, m.v128.or(f.get(nan), m.f32x4.ne(f.get(next), f.get(next))));
  }
}

/** Partial results as one, which is a row local from here on. */
function finish(lanes: Lanes, { name, dtype, combine, wide, unordered, one }: Folding, rowwise: boolean): void {
  const { f } = lanes;
  for (const [copy, nan] of unordered.entries()) f.set(wide[copy] as Local, f.m.v128.or(f.get(wide[copy] as Local), f.get(nan)));
  const [first, ...others] = wide as readonly Local[];
  for (const other of others) f.set(first as Local, lanes.combine(combine, dtype, f.get(first as Local), f.get(other), true));
  if (first && one)
    for (let lane = 0; lane < 4; lane++)
      f.set(one, lanes.combine(combine, dtype, f.get(one), lanes.extract(f.get(first), dtype, lane), false));
  lanes.rows.set(name, rowwise ? { local: first as Local, dtype, wide: true } : { local: one as Local, dtype, wide: false });
}

/** A sum waits for the one before it: of a long row, four are under way at once, where an element is quickly computed. */
function copiesOf({ stages }: Pass): number {
  const cost = stages.flatMap(expressionsOf).reduce((sum, x) => sum + costOf(x), 0);
  return cost <= CHEAP ? 4 : cost <= DEAR ? 2 : 1;
}
const CHEAP = 12;
const DEAR = 60;
const isLong = ({ extent }: Loop): boolean => typeof extent !== "number" || extent >= 64;

/** The last outer index, if four rows at once are better than four elements of a row: what they read lies side by side. */
export function outerLane(outer: readonly Loop[], stages: readonly Stage[]): string | undefined {
  const last = outer.at(-1);
  if (!last || !laneable(last, stages)) return undefined;
  const inner = stages.filter((s) => loopsOf(s).length > 0);
  if (inner.length === 0) return last.index;
  const across = inner.reduce((sum, s) => sum + strideCost(s, last.index), 0);
  const within = inner.reduce(
    (sum, s) =>
      sum + (innerLane({ loops: loopsOf(s), stages: [s] }) ? strideCost(s, (loopsOf(s).at(-1) as Loop).index) : 4 * accessesOf([s]).length),
    0,
  );
  return across < within ? last.index : undefined;
}

/** Are four elements of a row better than one? */
function innerLane({ loops, stages }: Pass): boolean {
  const last = loops.at(-1);
  if (!last || isRagged(last) || !laneable(last, stages)) return false;
  return stages.reduce((sum, s) => sum + strideCost(s, last.index), 0) < 4 * accessesOf(stages).length;
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
