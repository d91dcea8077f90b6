/** Substitution: what types become when names stand for sizes. */
import type { AnyTensor, Dim, Shape, Tensor } from "../types.ts";
import type { DimAdd, DimMultiply, Parse, Rest } from "./dim.ts";
import type { IsUncounted } from "./tree.ts";

/** Sizes by name; the name `"...L"` stands for a shape. */
export type Env = object;

/** A size where names stand for what the environment says. */
export type EvaluateDim<D, E> = D extends keyof E ? E[D] : D extends `${string}${"*" | "+" | "-" | " "}${string}` ? SumOf<Parse<D>, E> : D;
type SumOf<P, E, Out = 0> = P extends readonly [readonly [infer Names extends string, infer C extends number], ...infer T]
  ? SumOf<T, E, DimAdd<Out, ProductOf<Names, E, C>>>
  : Out;
type ProductOf<Names extends string, E, Out> = Names extends ""
  ? Out
  : Names extends `${infer H}*${infer T}`
    ? ProductOf<T, E, DimMultiply<Out, EvaluateDim<H, E>>>
    : DimMultiply<Out, EvaluateDim<Names, E>>;

/** A shape under the environment. */
export type EvaluateShape<S extends Shape, E, Out extends Shape = []> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? EvaluateDim<H, E> extends infer D
    ? D extends Shape
      ? EvaluateShape<T, E, [...Out, ...D]>
      : EvaluateShape<T, E, [...Out, D & Dim]>
    : never
  : S extends readonly []
    ? Out
    : Shape;

/** A tree of tensors under the environment. */
export type Substitute<R, E> = R extends AnyTensor
  ? Tensor<EvaluateShape<R["shape"], E>, R["dtype"]>
  : R extends (...args: never) => unknown
    ? R
    : R extends object
      ? { [K in keyof R]: Substitute<R[K], E> }
      : R;

/** The symbolic dims that a tree mentions; an array's or a record's stand as they are. */
export type DimsOf<T> = T extends AnyTensor
  ? Extract<T["shape"][number], string>
  : T extends (...args: never) => unknown
    ? never
    : IsUncounted<T> extends true
      ? never
      : T extends object
        ? { [K in keyof T]: DimsOf<T[K]> }[T extends readonly unknown[] ? number & keyof T : keyof T]
        : never;
/** The names in them. */
export type NamesOf<T> = NamesIn<DimsOf<T>>;
type NamesIn<D> = D extends Rest ? D : D extends string ? NamesOfTerms<Parse<D>> : never;
type NamesOfTerms<P> = P extends readonly [readonly [infer Names extends string, unknown], ...infer T]
  ? Factors<Names> | NamesOfTerms<T>
  : never;
type Factors<Names extends string> = Names extends "" ? never : Names extends `${infer H}*${infer T}` ? H | Factors<T> : Names;
