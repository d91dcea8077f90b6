/** Convolutions and pools: images are `[batch, height, width, channels]`, filters `[height, width, channels, outputs]`. */
import type { Dim, Shape } from "../types.ts";
import type { HasRest } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";
import type { DimAdd, DimDivide, DimMultiply, DimQuotient, SameDim } from "./dim.ts";
import type { AtLeast } from "./nat.ts";
import type { Join, Sorted } from "./order.ts";
import type { Show, Versus } from "./show.ts";
import type { Known, OptionOf, Positive, TooLarge, Uneven, WindowCount } from "./windows.ts";

/** One number for both axes, or one for each. */
export type PerAxis = number | readonly [height: number, width: number];
export type Sides = readonly [before: number, after: number];
/** None; as much as keeps ⌈size / stride⌉ windows, the odd element at the end; so much on every side; or on each: `[[top, bottom], [left, right]]`. */
export type Padding = "valid" | "same" | number | readonly [height: Sides, width: Sides];

export interface ConvOptions {
  /** How far apart windows start, 1. */
  readonly stride?: PerAxis;
  /** Zeros around the image, `"valid"`: none. */
  readonly padding?: Padding;
  /** How far apart the elements of a window are, 1. */
  readonly dilation?: PerAxis;
  /** Channels and outputs fall into so many groups (1), each with filters of its own. */
  readonly groups?: number;
}
export interface PoolOptions {
  readonly window: PerAxis;
  /** How far apart windows start: by default as far as they are large. */
  readonly stride?: PerAxis;
  /** What lies around the image, `"valid"`: nothing. It is never the greatest, and does not count in a mean. */
  readonly padding?: Padding;
}

/** What is wrong, and with which argument. */
interface Wrong<At extends string, M> {
  readonly at: At;
  readonly message: M;
}
/** The message for an argument. */
export type MessageAt<At extends string, R> = R extends Wrong<At, infer M> ? M : true;

type Pair<T> = T extends readonly [infer A, infer B] ? [Known<A>, Known<B>] : [T, T];
type SidesOf<P> = P extends "same"
  ? "same"
  : P extends "valid"
    ? [[0, 0], [0, 0]]
    : P extends readonly [readonly [infer A, infer B], readonly [infer C, infer E]]
      ? [[Known<A>, Known<B>], [Known<C>, Known<E>]]
      : [[P, P], [P, P]];
type PairOption<O, Name extends string, Default> = Pair<OptionOf<O, Name, Default>>;
type Stride<O> = PairOption<O, "stride", OptionOf<O, "window", 1>>;
type Dilation<O> = PairOption<O, "dilation", 1>;
type PaddingOf<O> = SidesOf<OptionOf<O, "padding", "valid">>;

// Options

/** Nothing but options there are. */
type Listed<Op extends string, O, Names extends string> = [Exclude<keyof O, Names>] extends [never]
  ? true
  : `${Op}: no option is called ${Join<Sorted<Exclude<keyof O, Names> & string>, ", ">}`;
type PositivePair<Op extends string, What extends string, P> = P extends [infer A, infer B]
  ? Positive<Op, What, A> extends infer M extends string
    ? M
    : Positive<Op, What, B>
  : true;
type NotNegative<Op extends string, P> = P extends [[infer A, infer B], [infer C, infer E]]
  ? FirstNegative<[A, B, C, E]> extends infer N extends number
    ? [N] extends [never]
      ? true
      : `${Op}: padding must be a whole number >= 0, got ${N}`
    : true
  : true;
type FirstNegative<Ns> = Ns extends [infer N, ...infer Rest]
  ? number extends N
    ? FirstNegative<Rest>
    : `${N & number}` extends `-${string}` | `${string}.${string}` | `${string}e-${string}`
      ? N
      : FirstNegative<Rest>
  : never;
/** The first message, or true. */
type All<Ms> = Ms extends [infer M, ...infer Rest] ? (M extends string ? M : All<Rest>) : true;
type ConvSettings<O> = All<
  [
    Listed<"conv2d", O, "stride" | "padding" | "dilation" | "groups">,
    PositivePair<"conv2d", "stride", Stride<O>>,
    PositivePair<"conv2d", "dilation", Dilation<O>>,
    Positive<"conv2d", "groups", OptionOf<O, "groups", 1>>,
    NotNegative<"conv2d", PaddingOf<O>>,
  ]
>;
type PoolSettings<Op extends string, O> = All<
  [
    Listed<Op, O, "window" | "stride" | "padding">,
    PositivePair<Op, "window", PairOption<O, "window", 1>>,
    PositivePair<Op, "stride", Stride<O>>,
    NotNegative<Op, PaddingOf<O>>,
    Narrow<Op, PaddingOf<O>, PairOption<O, "window", 1>>,
  ]
>;
/** Less padding than window on each side: no window lies in the padding altogether. */
type Narrow<Op extends string, P, W> = [P, W] extends [[[infer A, infer B], [infer C, infer E]], [infer H, infer V]]
  ? All<[Less<Op, A, H>, Less<Op, B, H>, Less<Op, C, V>, Less<Op, E, V>]>
  : true;
type Less<Op extends string, P, W> = number extends P
  ? true
  : number extends W
    ? true
    : AtLeast<P & number, W & number> extends true
      ? `${Op}: padding must be less than the window, got ${P & number} for ${W & number}`
      : true;

// Sizes

/** The sizes of axes 1 and 2 once windows are cut from them, or the message. */
type Spatial<Op extends string, X extends Shape, Size, St, Di, P> = [Size, St, Di] extends [
  [infer KH, infer KW],
  [infer SH, infer SW],
  [infer DH, infer DW],
]
  ? OneAxis<Op, X, 1, KH, SH, DH, P extends [infer Side, unknown] ? Side : P> extends infer H
    ? H extends `${Op}: ${string}`
      ? H
      : OneAxis<Op, X, 2, KW, SW, DW, P extends [unknown, infer Side] ? Side : P> extends infer V
        ? V extends `${Op}: ${string}`
          ? V
          : [H & Dim, V & Dim]
        : never
    : never
  : never;
type OneAxis<Op extends string, X extends Shape, I extends number, K, St, Di, P> = P extends [infer A, infer B]
  ? [A, B] extends [0, 0]
    ? WindowCount<Op, X, I, X[I], K, St, Di>
    : WindowCount<Op, X, I, DimAdd<DimAdd<X[I], A>, B>, K, St, Di, " with its padding">
  : X[I] extends 0
    ? TooLarge<Op, X, I, 0, DimAdd<DimMultiply<DimAdd<K, -1>, Di>, 1>, "">
    : DimQuotient<DimAdd<X[I], DimAdd<St, -1>>, St & number> extends infer D
      ? [D] extends [never]
        ? Uneven<Op, X, I, St>
        : D
      : never;

type Images<Op extends string, X extends Shape> =
  HasRest<X> extends true
    ? `${Op}: the rank must be known: ${Show<X>}`
    : X["length"] extends 4
      ? true
      : `${Op}: images are [batch, height, width, channels], got ${Show<X>}`;
type Filters<W extends Shape> =
  HasRest<W> extends true
    ? `conv2d: the rank must be known: ${Show<W>}`
    : W["length"] extends 4
      ? [W[0], W[1]] extends [number, number]
        ? true
        : `conv2d: height and width of a filter are numbers, got ${Show<W>}`
      : `conv2d: filters are [height, width, channels, outputs], got ${Show<W>}`;

/** `[b, h, w, c], [kh, kw, c / groups, o] → [b, h′, w′, o]`, or what is wrong. */
export type Conv2d<X extends Shape, W extends Shape, O> = false extends IsRanked<X> | IsRanked<W>
  ? Shape
  : Images<"conv2d", X> extends infer M extends string
    ? Wrong<"images", M>
    : Filters<W> extends infer M extends string
      ? Wrong<"filters", M>
      : ConvSettings<O> extends infer M extends string
        ? Wrong<"options", M>
        : Convolved<X, W, O, OptionOf<O, "groups", 1>>;
type Convolved<X extends Shape, W extends Shape, O, G> =
  SameDim<X[3], DimMultiply<W[2], G>> extends true
    ? Spatial<"conv2d", X, [W[0], W[1]], Stride<O>, Dilation<O>, PaddingOf<O>> extends infer R
      ? R extends [infer H extends Dim, infer V extends Dim]
        ? [DimDivide<W[3], G>] extends [never]
          ? Wrong<"options", `conv2d: ${G & number} groups do not divide the outputs of ${Show<W>}`>
          : [X[0], H, V, W[3]]
        : Wrong<R extends `conv2d: window${string}` ? "filters" : "options", R>
      : never
    : Wrong<"filters", `conv2d: channels differ: ${Show<X>} x ${Show<W>}${InGroups<G>} (${Versus<X[3], DimMultiply<W[2], G>>})`>;
type InGroups<G> = G extends 1 ? "" : ` in ${G & number} groups`;

/** `[b, h, w, c] → [b, h′, w′, c]`, or what is wrong. */
export type Pool2d<Op extends string, X extends Shape, O> =
  IsRanked<X> extends false
    ? Shape
    : Images<Op, X> extends infer M extends string
      ? Wrong<"images", M>
      : PoolSettings<Op, O> extends infer M extends string
        ? Wrong<"options", M>
        : Spatial<Op, X, PairOption<O, "window", 1>, Stride<O>, [1, 1], PaddingOf<O>> extends infer R
          ? R extends [infer H extends Dim, infer V extends Dim]
            ? [X[0], H, V, X[3]]
            : Wrong<"options", R>
          : never;
