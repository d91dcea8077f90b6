/**
 * Sums over leading axes: memory is swept row by row, as it lies, and the columns' partial results wait in the thread's own room. Column by
 * column, every element of a tall array would be on a page of its own.
 */
import { expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import { addDims, mulDims } from "../../dsl/dim.ts";
import { type Expr, identityOf, type Loop, visitExpr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { type Code, i32, type Local } from "./assembler.ts";
import type { Lanes } from "./lanes.ts";
import { accessesOf, emitLoop, emitStages, outerLane, type Span } from "./nest.ts";

type Reduce = Stage & { readonly kind: "reduce" };

export interface Sweep {
  readonly around: readonly Loop[];
  readonly column: Loop;
  readonly folds: readonly Reduce[];
  readonly rest: readonly Stage[];
}

/** A kernel that folds first, best along its last outer index, and then only finishes; it has been collapsed. */
export function asSweep({ outer, stages }: Kernel): Sweep | undefined {
  const column = outer.at(-1);
  const end = stages.findIndex((s) => s.kind !== "reduce");
  const folds = stages.slice(0, end < 0 ? stages.length : end) as readonly Reduce[];
  const rest = stages.slice(folds.length);
  const finishes = rest.every((s) => s.kind === "let" || (s.kind === "store" && s.loops.length === 0));
  if (!column || folds.length === 0 || !finishes || folds.some((s) => s.over.length === 0)) return undefined;
  if ((typeof column.extent === "number" && column.extent < 16) || outerLane(outer, stages) !== column.index) return undefined;
  const names = new Set(folds.flatMap((s) => s.accumulators.map((a) => a.name)));
  return folds.some((s) => s.accumulators.some((a) => readsLocal(a.value, names)))
    ? undefined
    : { around: outer.slice(0, -1), column, folds, rest };
}

function readsLocal(x: Expr, names: ReadonlySet<string>): boolean {
  let found = false;
  visitExpr(x, (y) => {
    if (y.kind === "local" && names.has(y.name)) found = true;
  });
  return found;
}

/** Bytes of one accumulator of every column. */
const bytesOf = ({ column }: Sweep): Dim => mulDims(addDims(column.extent, 4), 4);
/** Bytes of a thread's own room. */
export const sweepRoom = (sweep: Sweep): Dim => mulDims(bytesOf(sweep), sweep.folds.flatMap((s) => s.accumulators).length);

export function emitSweep(lanes: Lanes, sweep: Sweep, first: Span, own: Local): void {
  const { f } = lanes;
  const { m } = f;
  const { around, column, folds, rest } = sweep;
  const accumulators = folds.flatMap((s) => s.accumulators);
  const begins = accumulators.map((_, k) => f.let(i32, m.i32.add(f.get(own), m.i32.mul(lanes.sizes.room(bytesOf(sweep)), f.int(k)))));
  const j = lanes.variable(column);
  const at = (k: number): Code => m.i32.add(f.get(begins[k] as Local), f.mul(f.get(j), 4));
  const span: Span = around.length === 0 ? first : { from: 0, to: lanes.sizes.bound(column.extent) };
  const columns = (body: () => void): void => emitLoop(lanes, column, { lane: true, span }, body);
  lanes.sharing(rest.flatMap(expressionsOf));

  const start = (): void =>
    columns(() => {
      for (const [k, { combine, dtype }] of accumulators.entries()) {
        const identity: Expr = { kind: "const", dtype, value: identityOf(combine, dtype) };
        write(k, lanes.lane === undefined ? lanes.one(identity) : lanes.broadcast(lanes.one(identity), dtype));
      }
    });
  const read = (k: number, wide: boolean): Code => {
    if (wide) return m.v128.load(0, 4, at(k));
    return accumulators[k]?.dtype === "f32" ? m.f32.load(0, 4, at(k)) : m.i32.load(0, 4, at(k));
  };
  const write = (k: number, value: Code): void => {
    const isFloat = accumulators[k]?.dtype === "f32";
    if (lanes.lane !== undefined) f.emit(m.v128.store(0, 4, at(k), value));
    else f.emit(isFloat ? m.f32.store(0, 4, at(k), value) : m.i32.store(0, 4, at(k), value));
  };
  const fold = (stage: Reduce): void => {
    const go = (depth: number): void => {
      const loop = stage.over[depth];
      const values = expressionsOf(stage);
      if (!loop) {
        lanes.scope(() => {
          lanes.sharing(values);
          lanes.hoist(values, new Set([column.index]));
          columns(() => {
            for (const a of stage.accumulators) {
              const k = accumulators.indexOf(a);
              write(k, lanes.fold(a.combine, a.dtype, read(k, lanes.lane !== undefined), a.value));
            }
          });
        });
        return;
      }
      emitLoop(lanes, loop, { lane: false }, () => lanes.pointers.entered(loop.index, accessesOf([stage]), () => go(depth + 1)));
    };
    go(0);
  };
  const finish = (): void => {
    for (const [k, { name }] of accumulators.entries()) lanes.rows.set(name, (wide) => read(k, wide));
    columns(() => emitStages(lanes, rest));
    for (const { name } of accumulators) lanes.rows.delete(name);
  };

  const go = (depth: number): void => {
    const loop = around[depth];
    if (!loop) {
      start();
      folds.forEach(fold);
      finish();
      return;
    }
    const inside = (): void => lanes.pointers.entered(loop.index, accessesOf([...folds, ...rest]), () => go(depth + 1));
    emitLoop(lanes, loop, { lane: false, ...(depth === 0 ? { span: first } : {}) }, inside);
  };
  lanes.scope(() => go(0));
}
