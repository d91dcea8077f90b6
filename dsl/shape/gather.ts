/** Gather and scatter-add: adjoint to each other. */
import type { Dim, Shape } from "../types.ts";
import type { Axis, HasRest } from "./axes.ts";
import type { BroadcastShapes, IsRanked } from "./broadcast.ts";
import type { Show } from "./show.ts";

/** S with axis A replaced by the axes of the indices I. */
export type Gather<S extends Shape, I extends Shape, A extends number> =
  Axis<"gather", S, A> extends infer At
    ? At extends number
      ? number extends At
        ? Shape
        : IsRanked<I> extends false
          ? Shape
          : Replace<S, At, I>
      : At
    : never;
type Replace<S extends Shape, At, I extends Shape, Before extends Shape = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? Before["length"] extends At
    ? [...Before, ...I, ...T]
    : Replace<T, At, I, [...Before, H]>
  : never;

/** S, where the updates are what `gather(x, indices)` would give: one for each index. */
export type ScatterAdd<S extends Shape, I extends Shape, U extends Shape> = false extends IsRanked<S> | IsRanked<I> | IsRanked<U>
  ? S
  : HasRest<S> extends true
    ? `scatterAdd: the rank must be known: ${Show<S>}`
    : S extends readonly [Dim, ...infer Row extends Shape]
      ? SameShape<[...I, ...Row], U> extends true
        ? S
        : `scatterAdd: updates of ${Show<S>} at ${Show<I>} are ${Show<[...I, ...Row]>}, got ${Show<U>}`
      : `scatterAdd: rank 1 or more is needed, got ${Show<S>}`;

/** Equal rank, and the same size in every axis. */
export type SameShape<A extends Shape, B extends Shape> = A["length"] extends B["length"]
  ? BroadcastShapes<A, B> extends infer R
    ? R extends string
      ? false
      : true
    : never
  : false;
