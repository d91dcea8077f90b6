/** Transpose: the axes in another order. */
import type { Dim, Shape } from "../types.ts";
import type { Axes, HasRest } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";
import type { Rest } from "./dim.ts";
import type { Show } from "./show.ts";

/** Axis i of the result is axis order[i] of S; without an order the last two change places. */
export type Transpose<S extends Shape, Order> =
  IsRanked<S> extends false
    ? Shape
    : [Order] extends [undefined]
      ? SwapLast<S>
      : Order extends readonly number[]
        ? Permute<S, Order>
        : never;

type SwapLast<S extends Shape> = S extends readonly [...infer As extends Shape, infer A extends Dim, infer B extends Dim]
  ? [Extract<A | B, Rest>] extends [never]
    ? [...As, B, A]
    : `transpose: the last two axes must be right of the ...: ${Show<S>}`
  : `transpose: rank must be >= 2, got ${Show<S>}`;

type Permute<S extends Shape, Order extends readonly number[]> = number extends Order["length"]
  ? Shape
  : HasRest<S> extends true
    ? `transpose: the rank must be known: ${Show<S>}`
    : Order["length"] extends S["length"]
      ? Axes<"transpose", S, Order> extends infer R
        ? R extends readonly number[]
          ? number extends R["length"]
            ? Shape
            : { -readonly [K in keyof R]: S[R[K] & number] }
          : R extends `${string}twice`
            ? NotAnOrder<S, Order>
            : R
        : never
      : NotAnOrder<S, Order>;

type NotAnOrder<S extends Shape, Order> = `transpose: order ${Show<Order>} does not have one entry per axis of ${Show<S>}`;
