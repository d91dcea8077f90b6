/**
 * The staged loop nest that every backend spells. Outer indices are independent of each other (a grid); within one outer index the stages
 * run in order and share row locals, so one kernel holds a softmax, a contraction with its epilogue, or an optimizer's update.
 */
import type { Combine, Expr, Loop } from "../dsl/expr.ts";
import type { DType } from "../dsl/types.ts";
import type { Origin, Value } from "../dsl/value.ts";

export interface Kernel {
  /** Names, here and of locals, are unique within a kernel and no more: a backend makes identifiers of them. */
  readonly name: string;
  readonly outer: readonly Loop[];
  readonly stages: readonly Stage[];
  /** Where in the user's source its values come from, first to last. */
  readonly origins: readonly Origin[];
}

export type Stage =
  /** A row local: computed once per outer index. */
  | { readonly kind: "let"; readonly name: string; readonly dtype: DType; readonly value: Expr }
  /** Row locals folded over the indices of `over`, the last fastest, in that order. */
  | { readonly kind: "reduce"; readonly over: readonly Loop[]; readonly accumulators: readonly Accumulator[] }
  /** Writes `target` at `index` for every index of `loops`. `add` accumulates in loop order; `where` skips what it does not hold for. */
  | {
      readonly kind: "store";
      readonly loops: readonly Loop[];
      readonly target: Value;
      readonly index: readonly Expr[];
      readonly value: Expr;
      readonly mode: "set" | "add";
      readonly where?: Expr;
    };

export interface Accumulator {
  readonly name: string;
  readonly dtype: DType;
  readonly combine: Combine;
  readonly value: Expr;
}

/** Every expression of a stage. */
export function expressionsOf(stage: Stage): readonly Expr[] {
  switch (stage.kind) {
    case "let":
      return [stage.value];
    case "reduce":
      return stage.accumulators.map((a) => a.value);
    case "store":
      return [...stage.index, stage.value, ...(stage.where ? [stage.where] : [])];
  }
}

/** The stored values a kernel writes, in order, each once. */
export const writesOf = (kernel: Kernel): Value[] => [
  ...new Set(kernel.stages.flatMap((stage) => (stage.kind === "store" ? [stage.target] : []))),
];
