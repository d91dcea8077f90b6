/** Gather and scatter-add: adjoint to each other. */
import type { Dim, Shape } from "../types.ts";
import type { Axis } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";
import type { SameDim } from "./dim.ts";
import type { Show } from "./show.ts";

/** S with axis A replaced by the axes of the indices I. */
export type Gather<S extends Shape, I extends Shape, A extends number, Op extends string = "gather"> =
  Axis<Op, S, A> extends infer At
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

/** The updates U are what `gather(x, indices, axis)` would give, one for each index; else the message. Of a wrong axis it says nothing. */
export type ScatterAdd<S extends Shape, I extends Shape, U extends Shape, A extends number> =
  Gather<S, I, A, "scatterAdd"> extends infer E
    ? E extends Shape
      ? false extends IsRanked<E> | IsRanked<U>
        ? true
        : SameShape<E, U> extends true
          ? true
          : `scatterAdd: updates of ${Show<S>} at ${Show<I>} are ${Show<E>}, got ${Show<U>}`
      : true
    : never;

/** Equal rank, and the same size in every axis. */
export type SameShape<A extends Shape, B extends Shape> = A extends readonly [infer a, ...infer As extends Shape]
  ? B extends readonly [infer b, ...infer Bs extends Shape]
    ? SameDim<a, b> extends true
      ? SameShape<As, Bs>
      : false
    : false
  : B extends readonly []
    ? true
    : false;
