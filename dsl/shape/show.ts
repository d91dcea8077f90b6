/** How shapes and sizes read in messages: `[B, 784]`. The value level prints the same (`showShape`). */
import type { IsUnion, Join, Sorted } from "./order.ts";

/** `784`, `B`, `T+1`; `?` where it is unchecked; `16|32` for a union. */
export type ShowDim<D> = number extends D
  ? "?"
  : IsUnion<D> extends true
    ? Join<Sorted<`${D & (string | number)}`>, "|">
    : `${D & (string | number)}`;

/** `[B, 784]`; `[...]` where the rank is unknown. */
export type Show<S, Out extends string = ""> = S extends readonly [infer H, ...infer T]
  ? Show<T, Out extends "" ? ShowDim<H> : `${Out}, ${ShowDim<H>}`>
  : S extends readonly []
    ? `[${Out}]`
    : "[...]";

/** Why two sizes are not the same: `784 vs 128`. */
export type Versus<A, B> = true extends IsUnion<A> | IsUnion<B>
  ? `${ShowDim<IsUnion<A> extends true ? A : B>} is a union: write one size`
  : `${ShowDim<A>} vs ${ShowDim<B>}`;
