/** A kernel's stages as statements of a target that spells expressions by `spelling.ts`. What a fold or a store means is decided here. */
import { type Combine, call, combiner, constant, type Expr, identityOf, type Loop } from "../dsl/expr.ts";
import type { DType } from "../dsl/types.ts";
import type { Stage } from "./kernel.ts";
import { type ExprOf, type ExprSpeller, type Spell, spellExpr } from "./spelling.ts";

/** How a target writes statements, each after the one before. */
export interface StageSpeller<T> extends ExprSpeller<T> {
  let(x: ExprOf<"local">, value: T): void;
  accumulator(x: ExprOf<"local">, start: T): void;
  assign(accumulator: ExprOf<"local">, value: T): void;
  /** Writes what a load of `place` would read. */
  store(place: ExprOf<"load">, value: T, spell: Spell<T>): void;
  loop(loop: Loop, body: () => void): void;
  when(test: T, body: () => void): void;
}

/** The statements of a kernel's stages, in order. */
export function spellStages<T>(stages: readonly Stage[], to: StageSpeller<T>): void {
  const spell: Spell<T> = (x) => spellExpr(x, to);
  for (const stage of stages) {
    if (stage.kind === "let") to.let(localOf(stage), spell(stage.value));
    else if (stage.kind === "reduce") {
      for (const a of stage.accumulators) to.accumulator(localOf(a), spell(constant(identityOf(a.combine, a.dtype), a.dtype)));
      nest(stage.over, to, () => {
        for (const a of stage.accumulators) to.assign(localOf(a), spell(combined(a.combine, localOf(a), a.value)));
      });
    } else {
      const { target, index, loops, where, mode } = stage;
      const place: ExprOf<"load"> = { kind: "load", dtype: target.dtype, source: target, index };
      const value = mode === "add" ? combined("add", place, stage.value) : stage.value;
      const store = (): void => to.store(place, spell(value), spell);
      nest(loops, to, () => (where ? to.when(spell(where), store) : store()));
    }
  }
}

const localOf = ({ name, dtype }: { readonly name: string; readonly dtype: DType }): ExprOf<"local"> => ({ kind: "local", dtype, name });
const combined = (combine: Combine, a: Expr, b: Expr): Expr => call(combiner(combine, a.dtype), [a, b], a.dtype);

/** `body` inside of `loops`, the last innermost. */
function nest<T>([loop, ...rest]: readonly Loop[], to: StageSpeller<T>, body: () => void): void {
  if (loop) to.loop(loop, () => nest(rest, to, body));
  else body();
}

/** Code in the order in which it is written. */
export interface Statements<S> {
  /** The outermost block. */
  readonly all: readonly S[];
  /** Adds to the block that is open. */
  push(...made: readonly S[]): void;
  /** A block that is open while `body` runs. */
  inside(body: () => void): S[];
}
export function statements<S>(): Statements<S> {
  const all: S[] = [];
  let open = all;
  const inside = (body: () => void): S[] => {
    const around = open;
    const own: S[] = [];
    open = own;
    body();
    open = around;
    return own;
  };
  return { all, push: (...made) => void open.push(...made), inside };
}
