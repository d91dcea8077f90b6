/** Concatenation along one axis. */
import type { AnyTensor, Dim, Shape, Tensor } from "../types.ts";
import type { Axis } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";
import type { DimAdd, MeetDim, SameDim } from "./dim.ts";
import type { SameDType } from "./operand.ts";
import type { Show, Versus } from "./show.ts";

/** What is wrong with the tensor at an index, or (`"all"`) with the list. */
interface Wrong<At extends string, M> {
  readonly at: At;
  readonly message: M;
}

/** Tensors of one dtype and of equal sizes but along one axis, where the sizes add up. Otherwise: which of them is wrong, and how. */
export type Concat<Ts, A extends number> = Ts extends readonly [infer H extends AnyTensor, ...infer T]
  ? Axis<"concat", H["shape"], A> extends infer I
    ? I extends number
      ? number extends I
        ? Tensor<Shape, H["dtype"]>
        : Append<T, I, H, H["shape"]>
      : Wrong<"all", I>
    : never
  : Ts extends readonly []
    ? Wrong<"all", "concat: at least one tensor is needed">
    : Ts extends readonly AnyTensor[]
      ? Tensor<Shape, Ts[number]["dtype"]>
      : Wrong<"all", "concat: a list of tensors is needed">;

type Append<Ts, I, First extends AnyTensor, S extends Shape, Count extends readonly 1[] = [1]> = Ts extends readonly [infer H, ...infer T]
  ? H extends AnyTensor
    ? SameDType<"concat", First["dtype"], H["dtype"]> extends infer D
      ? D extends true
        ? IsRanked<H["shape"]> extends false
          ? Tensor<Shape, First["dtype"]>
          : AppendShape<First["shape"], H["shape"], S, I> extends infer R
            ? R extends Shape
              ? Append<T, I, First, R, [...Count, 1]>
              : Wrong<`${Count["length"]}`, `concat: ${Show<First["shape"]>} and ${Show<H["shape"]>} differ (${R & string})`>
            : never
        : Wrong<`${Count["length"]}`, D>
      : never
    : Wrong<`${Count["length"]}`, "concat: a list of tensors is needed">
  : Tensor<S, First["dtype"]>;

/** `Sum`, with B's size along axis I added; A is what B has to agree with in the other axes. */
type AppendShape<A extends Shape, B extends Shape, Sum extends Shape, I, Out extends Shape = []> = [A, B, Sum] extends [
  readonly [infer a, ...infer As extends Shape],
  readonly [infer b, ...infer Bs extends Shape],
  readonly [infer sum, ...infer Sums extends Shape],
]
  ? Out["length"] extends I
    ? AppendShape<As, Bs, Sums, I, [...Out, DimAdd<sum, b> & Dim]>
    : SameDim<a, b> extends true
      ? AppendShape<As, Bs, Sums, I, [...Out, MeetDim<sum, b> & Dim]>
      : `axis ${Out["length"]}: ${Versus<a, b>}`
  : A["length"] extends B["length"]
    ? Out
    : "ranks differ";

/** The list's own type, with the message in the place of the tensor that is wrong. */
export type ConcatArg<Ts, R> =
  R extends Wrong<infer At, infer M> ? (At extends "all" ? M : { readonly [K in keyof Ts]: K extends At ? M : Ts[K] }) : Ts;
