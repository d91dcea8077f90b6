/** Broadcasting: shapes aligned at their last axis; sizes equal, or one of them 1. NumPy's rule; StableHLO: broadcast_in_dim. */
import type { Dim, Shape } from "../types.ts";
import type { Canonical, MeetDim, Rest, SameDim } from "./dim.ts";
import type { IsUnion } from "./order.ts";
import type { Show, Versus } from "./show.ts";

/** The rank is known: not `Shape` itself, nor `number[]`, nor shapes of several ranks. */
export type IsRanked<S extends Shape> = number extends S["length"] ? false : IsUnion<S["length"]> extends true ? false : true;

/** The size that A and B broadcast to, or never. An unchecked size never broadcasts: it equals the other, which is checked at run time. */
export type BroadcastDim<A, B> = [Extract<A | B, Rest>] extends [never]
  ? [A] extends [1]
    ? Single<B>
    : [B] extends [1]
      ? Single<A>
      : SameDim<A, B> extends true
        ? MeetDim<A, B>
        : never
  : Same<A, B>;
type Single<D> = IsUnion<D> extends true ? never : Canonical<D>;
type Same<A, B> = [A, B] extends [B, A] ? A : never;

/** The shape that A and B broadcast to, or the reason why not. */
export type BroadcastShapes<A extends Shape, B extends Shape, Out extends Shape = []> = [A] extends [
  readonly [...infer As extends Shape, infer a extends Dim],
]
  ? [B] extends [readonly [...infer Bs extends Shape, infer b extends Dim]]
    ? BroadcastDim<a, b> extends infer D extends Dim
      ? [D] extends [never]
        ? Versus<a, b>
        : BroadcastShapes<As, Bs, [D, ...Out]>
      : never
    : [...A, ...Out]
  : [...B, ...Out];

/** `[…] , […] → […]`: the shape of an elementwise op of two. */
export type Broadcast<Op extends string, A extends Shape, B extends Shape> = false extends IsRanked<A> | IsRanked<B>
  ? Shape
  : BroadcastShapes<A, B> extends infer R
    ? R extends string
      ? `${Op}: cannot broadcast ${Show<A>} with ${Show<B>} (${R})`
      : R
    : never;

/** S, seen as the shape T: T's rank is at least S's, and each size of S is T's or 1. */
export type BroadcastTo<S extends Shape, T extends Shape> = false extends IsRanked<S> | IsRanked<T>
  ? T
  : BroadcastShapes<S, T> extends infer R
    ? R extends T
      ? T
      : `broadcastTo: cannot broadcast ${Show<S>} to ${Show<T>}`
    : never;
