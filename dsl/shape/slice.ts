/** Slice and pad, each the other's adjoint: one entry per axis. */
import type { Dim, Shape } from "../types.ts";
import type { HasRest } from "./axes.ts";
import type { IsRanked } from "./broadcast.ts";
import type { Canonical, DimAdd, DimSubtract, DimValue } from "./dim.ts";
import type { IsNegative } from "./int.ts";
import type { AtLeast } from "./nat.ts";
import type { Show, ShowDim } from "./show.ts";

/** A position on an axis: a number, from the end where negative, or a size. */
export type Position = number | DimValue;
/** From `start` up to and without `limit`; null is the whole axis. */
export type Range = readonly [start: Position, limit: Position] | null;
/** How many elements an axis gets before and after its own: numbers, or sizes. */
export type Widths = readonly [low: Width, high: Width];
type Width = number | DimValue;

/** The ranges of S, axis by axis; axes not named are whole. A position on a symbolic axis is checked at run time. */
export type Slice<S extends Shape, Rs extends readonly unknown[]> = false extends IsRanked<S> | (number extends Rs["length"] ? false : true)
  ? Shape
  : HasRest<S> extends true
    ? `slice: the rank must be known: ${Show<S>}`
    : AtLeast<S["length"], Rs["length"]> extends true
      ? SliceAxes<S, Rs>
      : `slice: ${Rs["length"]} ranges for ${Show<S>}`;

type SliceAxes<S extends Shape, Rs, Out extends Shape = []> = S extends readonly [infer H extends Dim, ...infer T extends Shape]
  ? Rs extends readonly [infer R, ...infer Rest]
    ? SliceAxis<H, R> extends infer D
      ? D extends Dim
        ? D extends `slice:${string}`
          ? D
          : SliceAxes<T, Rest, [...Out, D]>
        : never
      : never
    : [...Out, ...S]
  : Out;
type SliceAxis<D, R> = R extends readonly [infer A, infer B] ? Between<D, Place<A, D>, Place<B, D>> : Canonical<D>;
/** Where on an axis of size D a position is. */
type Place<P, D> =
  P extends DimValue<infer V extends Dim>
    ? V
    : P extends number
      ? number extends P
        ? number
        : IsNegative<P> extends true
          ? DimAdd<D, P>
          : P
      : number;
type Between<D, A, B> = true extends BelowZero<A> | BelowZero<DimSubtract<D, B>> | BelowZero<DimSubtract<B, A>>
  ? `slice: [${ShowDim<A>}, ${ShowDim<B>}] is out of bounds for axis of size ${ShowDim<D>}`
  : DimSubtract<B, A>;
type BelowZero<D> = D extends number ? (number extends D ? false : IsNegative<D>) : false;

/** S, each axis grown by its widths. */
export type Pad<S extends Shape, Ws extends readonly unknown[]> = false extends IsRanked<S> | (number extends Ws["length"] ? false : true)
  ? Shape
  : HasRest<S> extends true
    ? `pad: the rank must be known: ${Show<S>}`
    : Ws["length"] extends S["length"]
      ? PadAxes<S, Ws>
      : `pad: ${Ws["length"]} pairs of widths for ${Show<S>}`;

type PadAxes<S extends Shape, Ws, Low extends Shape = [], High extends Shape = [], Out extends Shape = []> = S extends readonly [
  infer H extends Dim,
  ...infer T extends Shape,
]
  ? Ws extends readonly [readonly [infer A, infer B], ...infer Rest]
    ? PadAxes<T, Rest, [...Low, SizeOf<A>], [...High, SizeOf<B>], [...Out, DimAdd<DimAdd<H, SizeOf<A>>, SizeOf<B>> & Dim]>
    : Shape
  : true extends BelowZero<Low[number]> | BelowZero<High[number]>
    ? `pad: widths are not negative, got ${Show<Low>} and ${Show<High>}`
    : Out;
type SizeOf<W> = W extends DimValue<infer D extends Dim> ? D : W extends number ? W : never;
