/** Axes: counted from 0, or from the end where negative. Right of a `...`, only from the end. */
import type { Shape } from "../types.ts";
import type { IsRanked } from "./broadcast.ts";
import type { Rest } from "./dim.ts";
import type { AtLeast, NatSubtract } from "./nat.ts";
import type { Show } from "./show.ts";

/** Some axis stands for several. */
export type HasRest<S extends Shape> = [Extract<S[number], Rest>] extends [never] ? false : true;

/** The axes right of the `...`. */
export type RightOfRest<S extends Shape> = S extends readonly [infer H, ...infer T extends Shape]
  ? H extends Rest
    ? T
    : RightOfRest<T>
  : [];

/** The index in S of an axis, or the message. `number` where the axis or the rank is not known. */
export type Axis<Op extends string, S extends Shape, A extends number> = number extends A
  ? number
  : IsRanked<S> extends false
    ? number
    : HasRest<S> extends true
      ? `${A}` extends `-${infer N extends number}`
        ? AtLeast<RightOfRest<S>["length"], N> extends true
          ? NatSubtract<S["length"], N>
          : NotRightOfRest<Op, S, A>
        : NotRightOfRest<Op, S, A>
      : `${A}` extends `-${infer N extends number}`
        ? AtLeast<S["length"], N> extends true
          ? NatSubtract<S["length"], N>
          : OutOfRange<Op, S, A>
        : AtLeast<A, S["length"]> extends true
          ? OutOfRange<Op, S, A>
          : A;
type OutOfRange<Op extends string, S extends Shape, A extends number> = `${Op}: axis ${A} is out of range for ${Show<S>}`;
type NotRightOfRest<
  Op extends string,
  S extends Shape,
  A extends number,
> = `${Op}: axis ${A} of ${Show<S>} is not right of the ...; count from the end`;

/** The indices of distinct axes, or the message. */
export type Axes<Op extends string, S extends Shape, As, Out extends readonly number[] = []> = As extends readonly [
  infer A extends number,
  ...infer T,
]
  ? Axis<Op, S, A> extends infer I
    ? I extends number
      ? number extends I
        ? number[]
        : [I] extends [Out[number]]
          ? `${Op}: axis ${I} given twice`
          : Axes<Op, S, T, [...Out, I]>
      : I
    : never
  : As extends readonly []
    ? Out
    : number[];
