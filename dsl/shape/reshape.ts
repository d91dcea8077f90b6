/** Reshape: the same elements in row-major order under another shape. */
import type { Dim, Shape } from "../types.ts";
import type { HasRest } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";
import type { Canonical, DimDivide, SameDim, Size } from "./dim.ts";
import type { Show, ShowDim } from "./show.ts";

/** The shape T over the elements of S; one size of T may be −1: what is left. Unchecked sizes leave the count unchecked. */
export type Reshape<S extends Shape, T extends Shape> =
  IsRanked<T> extends false
    ? Shape
    : IsRanked<S> extends false
      ? Fill<T, number>
      : HasRest<S> extends true
        ? `reshape: the rank must be known: ${Show<S>}`
        : Without<T> extends infer Known extends Shape
          ? Known["length"] extends T["length"]
            ? SameDim<Size<S>, Size<T>> extends true
              ? T
              : `reshape: ${Show<S>} has ${ShowDim<Size<S>>} elements but ${Show<T>} has ${ShowDim<Size<T>>}`
            : Infer<S, T, Known>
          : never;

type Infer<S extends Shape, T extends Shape, Known extends Shape> =
  Holes<T> extends readonly [unknown]
    ? DimDivide<Size<S>, Size<Known>> extends infer D extends Dim
      ? [D] extends [never]
        ? `reshape: ${Show<S>} has ${ShowDim<Size<S>>} elements, not a multiple of ${ShowDim<Size<Known>>} for ${Show<T>}`
        : Fill<T, D>
      : never
    : `reshape: only one −1 is allowed, got ${Show<T>}`;

type Without<T extends Shape, Out extends Shape = []> = T extends readonly [infer H extends Dim, ...infer R extends Shape]
  ? Without<R, H extends -1 ? Out : [...Out, H]>
  : Out;
type Holes<T extends Shape, Out extends Shape = []> = T extends readonly [infer H extends Dim, ...infer R extends Shape]
  ? Holes<R, H extends -1 ? [...Out, H] : Out>
  : Out;
type Fill<T extends Shape, D> = { -readonly [K in keyof T]: T[K] extends -1 ? D : Canonical<T[K]> } extends infer R extends Shape
  ? R
  : never;
