/** What a model cannot take: trees whose leaves are not known from the type alone. */
import type { AnyTensor, Shape } from "../types.ts";
import type { Rest } from "./dim.ts";
import type { IsUnion, Sorted } from "./order.ts";
import type { Show } from "./show.ts";
import type { IsSize } from "./sizes.ts";
import type { IsNever, IsWritten } from "./written.ts";

/** The first thing wrong in the parameters' types, else nothing. */
export type Refuse<P extends readonly unknown[]> =
  Sorted<RefuseItems<P, "args">> extends readonly [infer M extends string, ...unknown[]] ? M : true;

type RefuseItems<T extends readonly unknown[], At extends string> = { [K in keyof T]: RefuseTree<T[K], `${At}[${K & string}]`> }[number];
type RefuseTree<T, At extends string> = [T] extends [AnyTensor]
  ? RefuseShape<T["shape"], At>
  : T extends readonly unknown[]
    ? number extends T["length"]
      ? `model: ${At} is an array; its length has to be known: write a tuple, [T, T]`
      : RefuseItems<T, At>
    : T extends (...args: never) => unknown
      ? never
      : T extends object
        ? { [K in keyof T & string]: RefuseTree<T[K], `${At}.${K}`> }[keyof T & string]
        : never;
type RefuseShape<S extends Shape, At extends string> = number extends S["length"]
  ? never
  : true extends IsUnion<S>
    ? Several<At, "shapes">
    : { [K in keyof S]: RefuseDim<S[K], S, At> }[number];
type RefuseDim<D, S extends Shape, At extends string> = string extends D
  ? `model: ${At} has a size that is a type parameter; name it: Tensor<["B", …]>`
  : true extends IsUnion<D>
    ? `model: ${At} is ${Show<S>}; write one size, or name it`
    : D extends Rest
      ? never
      : RefuseSize<D, `model: ${At} has the size`>;
type RefuseSize<D, Has extends string> = D extends number
  ? IsSize<D> extends true
    ? never
    : `${Has} ${D}; a size is a whole number`
  : D extends string
    ? IsWritten<D> extends true
      ? IsNever<D> extends true
        ? `${Has} "${D}", which is never one`
        : never
      : `${Has} "${D}"; write sums and products of names and whole numbers, "4*B" or "T+1"`
    : never;
type Several<At extends string, What extends string> = `model: ${At} has several ${What}; write one`;
