/** Contractions. */
import type { Dim, Shape } from "../types.ts";
import type { Axes, HasRest } from "./axes.ts";
import type { BroadcastShapes, IsRanked } from "./broadcast.ts";
import type { MeetDim, Rest, SameDim } from "./dim.ts";
import type { Show, Versus } from "./show.ts";

/** `[…, m, k] · […, k, n] → […, m, n]`: the last two axes are multiplied, those before them broadcast. */
export type Matmul<A extends Shape, B extends Shape> = false extends IsRanked<A> | IsRanked<B>
  ? Shape
  : [A] extends [readonly [...infer As extends Shape, infer M extends Dim, infer K extends Dim]]
    ? [B] extends [readonly [...infer Bs extends Shape, infer L extends Dim, infer N extends Dim]]
      ? [M | K | L | N] extends [Exclude<M | K | L | N, Rest>]
        ? SameDim<K, L> extends true
          ? BroadcastShapes<As, Bs> extends infer R
            ? R extends Shape
              ? [...R, M, N]
              : `matmul: batch dimensions differ: ${Show<A>} x ${Show<B>} (${R & string})`
            : never
          : `matmul: inner dimensions differ: ${Show<A>} x ${Show<B>} (${Versus<K, L>})`
        : `matmul: the last two axes must be right of the ...: ${Show<A>} x ${Show<B>}`
      : `matmul: right operand must have rank >= 2, got ${Show<B>}`
    : `matmul: left operand must have rank >= 2, got ${Show<A>}`;

/** What matmul says of its left operand alone. */
export type LeftOfMatmul<S extends Shape> =
  IsRanked<S> extends false
    ? true
    : S extends readonly [...unknown[], unknown, unknown]
      ? true
      : `matmul: left operand must have rank >= 2, got ${Show<S>}`;

/** Which axes of the left and the right operand are summed over, and which run along together. StableHLO: dot_dimension_numbers. */
export interface DotDimensions {
  readonly contract: readonly [left: readonly number[], right: readonly number[]];
  readonly batch?: readonly [left: readonly number[], right: readonly number[]];
}
type Batch<N extends DotDimensions> = N extends {
  readonly batch: readonly [infer L extends readonly number[], infer R extends readonly number[]];
}
  ? [L, R]
  : [[], []];

/** `batch ++ free of the left ++ free of the right`. */
export type DotGeneral<A extends Shape, B extends Shape, N extends DotDimensions> = false extends IsRanked<A> | IsRanked<B>
  ? Shape
  : true extends HasRest<A> | HasRest<B>
    ? `dotGeneral: the rank must be known: ${Show<A>} x ${Show<B>}`
    : [Batch<N>[0]["length"], N["contract"][0]["length"]] extends [Batch<N>[1]["length"], N["contract"][1]["length"]]
      ? Contract<
          A,
          B,
          Batch<N>[0]["length"],
          Axes<"dotGeneral", A, [...Batch<N>[0], ...N["contract"][0]]>,
          Axes<"dotGeneral", B, [...Batch<N>[1], ...N["contract"][1]]>
        >
      : `dotGeneral: axes ${Show<N["contract"][0]>} and ${Show<N["contract"][1]>} are not pairs`;
/** L and M: the axes, batch first, or the message. */
type Contract<A extends Shape, B extends Shape, Batches, L, M> = L extends readonly number[]
  ? M extends readonly number[]
    ? number extends L["length"] | M["length"]
      ? Shape
      : PairUp<A, B, L, M> extends infer P
        ? P extends Shape
          ? [...Take<P, Batches>, ...Free<A, L[number]>, ...Free<B, M[number]>]
          : `dotGeneral: paired axes differ: ${Show<A>} x ${Show<B>} (${P & string})`
        : never
    : M
  : L;

/** The sizes that the paired axes share, or how a pair differs. */
type PairUp<A extends Shape, B extends Shape, L, M, Out extends Shape = []> = L extends readonly [infer l extends number, ...infer Ls]
  ? M extends readonly [infer m extends number, ...infer Ms]
    ? SameDim<A[l], B[m]> extends true
      ? PairUp<A, B, Ls, Ms, [...Out, MeetDim<A[l], B[m]> & Dim]>
      : Versus<A[l], B[m]>
    : never
  : Out;
type Take<S extends Shape, Count, Out extends Shape = []> = Out["length"] extends Count
  ? Out
  : S extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? Take<T, Count, [...Out, H]>
    : Out;
type Free<S extends Shape, Used, Index extends readonly unknown[] = [], Out extends Shape = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? Free<T, Used, [...Index, H], Index["length"] extends Used ? Out : [...Out, H]>
  : Out;
