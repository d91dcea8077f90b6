/** Windows along axes, and what is folded back from them: adjoint to each other. */
import type { Dim, Shape } from "../types.ts";
import type { Axes, HasRest } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";
import type { DimAdd, DimMultiply, DimQuotient, DimSubtract } from "./dim.ts";
import type { SameShape } from "./gather.ts";
import type { IsNegative } from "./int.ts";
import type { IsUnion } from "./order.ts";
import type { Show, ShowDim } from "./show.ts";

/** Windows along an axis: each of `size` elements that lie `dilation` (1) apart; the next one starts `stride` (1) elements later. */
export interface WindowOptions {
  readonly axis: number;
  readonly size: number;
  readonly stride?: number;
  readonly dilation?: number;
}

/** What an option is, where that is known; `number`, where it may be several things. */
export type Known<T> = IsUnion<T> extends true ? number : T;
export type OptionOf<O, Name extends string, Default> = Name extends keyof O ? Known<O[Name]> : Default;

/** A whole number from 1, or the message. */
export type Positive<Op extends string, What extends string, N> = number extends N
  ? true
  : `${N & number}` extends "0" | `-${string}` | `${string}.${string}` | `${string}e-${string}`
    ? `${Op}: ${What} must be a whole number >= 1, got ${N & number}`
    : true;

/** From the first element of a window to its last. */
type Span<Size, Dilation> = DimAdd<DimMultiply<DimSubtract<Size, 1>, Dilation>, 1>;

/** How many windows there are along axis I of S, which padding may have grown to D: ⌊(D − span) / stride⌋ + 1. Or the message. */
export type WindowCount<Op extends string, S extends Shape, I extends number, D, Size, Stride, Dilation, Note extends string = ""> =
  DimSubtract<D, Span<Size, Dilation>> extends infer Rest
    ? IsBelowZero<Rest> extends true
      ? TooLarge<Op, S, I, D, Span<Size, Dilation>, Note>
      : [DimQuotient<Rest, Stride & number>] extends [never]
        ? Uneven<Op, S, I, Stride>
        : DimAdd<DimQuotient<Rest, Stride & number>, 1>
    : never;
type IsBelowZero<D> = D extends number ? (number extends D ? false : IsNegative<D>) : false;
export type TooLarge<
  Op extends string,
  S extends Shape,
  I extends number,
  D,
  Span,
  Note extends string,
> = `${Op}: window is larger than axis ${I} of ${Show<S>}${Note} (${ShowDim<Span>} vs ${ShowDim<D>})`;
export type Uneven<
  Op extends string,
  S extends Shape,
  I extends number,
  Stride,
> = `${Op}: with stride ${ShowDim<Stride>}, axis ${I} of ${Show<S>} must be a number or a multiple of ${ShowDim<Stride>}, got ${ShowDim<S[I]>}`;

/** S, each axis with windows replaced by how many there are, and the windows' own axes behind the last of these. */
export type Windows<Op extends string, S extends Shape, Ws extends readonly WindowOptions[]> = false extends
  | IsRanked<S>
  | (number extends Ws["length"] ? false : true)
  ? Shape
  : HasRest<S> extends true
    ? `${Op}: the rank must be known: ${Show<S>}`
    : Axes<Op, S, { readonly [K in keyof Ws]: Ws[K]["axis"] }> extends infer At
      ? At extends readonly number[]
        ? number extends At["length"]
          ? Shape
          : ValidOptions<Op, Ws> extends infer M extends string
            ? M
            : CountEach<Op, S, At, Ws, S>
        : At
      : never;

type ValidOptions<Op extends string, Ws> = Ws extends readonly [infer W, ...infer Rest]
  ? Positive<Op, "size", OptionOf<W, "size", 1>> extends infer M extends string
    ? M
    : Positive<Op, "stride", OptionOf<W, "stride", 1>> extends infer M extends string
      ? M
      : Positive<Op, "dilation", OptionOf<W, "dilation", 1>> extends infer M extends string
        ? M
        : ValidOptions<Op, Rest>
  : true;

type CountEach<Op extends string, S extends Shape, At, Ws, Out extends Shape, Sizes extends Shape = [], Done extends number = never> = [
  At,
  Ws,
] extends [readonly [infer I extends number, ...infer Is], readonly [infer W, ...infer Rest]]
  ? WindowCount<Op, S, I, S[I], OptionOf<W, "size", 1>, OptionOf<W, "stride", 1>, OptionOf<W, "dilation", 1>> extends infer C extends Dim
    ? C extends `${Op}: ${string}`
      ? C
      : CountEach<Op, S, Is, Rest, Replace<Out, I, C>, [...Sizes, OptionOf<W, "size", 1> & Dim], Done | I>
    : never
  : Behind<Out, Done, Sizes>;
type Replace<S extends Shape, I extends number, D extends Dim> = { -readonly [K in keyof S]: K extends `${I}` ? D : S[K] };
/** S with sizes behind the last of the axes. */
type Behind<S extends Shape, Axes extends number, Sizes extends Shape, Before extends Shape = []> = [Axes] extends [never]
  ? [...Before, ...Sizes, ...S]
  : S extends readonly [infer H extends Dim, ...infer T extends Shape]
    ? Behind<T, Exclude<Axes, Before["length"]>, Sizes, [...Before, H]>
    : never;

/** The shape X, if its windows have the shape S. */
export type Fold<S extends Shape, X extends Shape, Ws extends readonly WindowOptions[]> =
  Windows<"fold", X, Ws> extends infer E
    ? E extends Shape
      ? false extends IsRanked<E> | IsRanked<S>
        ? X
        : SameShape<E, S> extends true
          ? X
          : `fold: windows of ${Show<X>} are ${Show<E>}, got ${Show<S>}`
      : X
    : never;
