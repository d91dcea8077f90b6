/** Reductions: axes go, or stay as 1. */
import type { Dim, Shape } from "../types.ts";
import type { Axes, HasRest } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";

export interface ReduceOptions {
  /** Reduced axes stay, with size 1. */
  readonly keepDims?: boolean;
}
export type AxesArg = number | readonly number[] | undefined;

type Keeps<O> = O extends { readonly keepDims: infer K } ? K : false;
type List<A> = A extends number ? [A] : A;

/** S without the axes (all of them where none are named), or with 1 in their place. Unchecked where the axes are not known. */
export type Reduce<Op extends string, S extends Shape, A, O> = ReduceAxes<Op, S, A, Keeps<O>>;
type ReduceAxes<Op extends string, S extends Shape, A, Keep> = boolean extends Keep
  ? Shape
  : [A] extends [undefined]
    ? Keep extends true
      ? IsRanked<S> extends false
        ? Shape
        : HasRest<S> extends true
          ? Shape
          : { -readonly [K in keyof S]: 1 }
      : []
    : IsRanked<S> extends false
      ? Shape
      : Axes<Op, S, List<A>> extends infer R
        ? R extends readonly number[]
          ? number extends R["length"]
            ? Shape
            : Drop<S, R[number], Keep>
          : R
        : never;

type Drop<S extends Shape, At, Keep, Index extends readonly unknown[] = [], Out extends Shape = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? Drop<T, At, Keep, [...Index, H], Index["length"] extends At ? (Keep extends true ? [...Out, 1] : Out) : [...Out, H]>
  : Out;
