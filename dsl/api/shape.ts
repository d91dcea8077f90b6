/** Ops that rearrange elements. Shapes in value position are numbers and sizes read from tensors: `reshape(x, [dim(x, 0), -1])`. */
import { broadcastTo as broadcastToOp } from "../ops/broadcast.ts";
import { reshape as reshapeOp, reverse as reverseOp, transpose as transposeOp } from "../ops/reshape.ts";
import { concat as concatOp, pad as padOp, slice as sliceOp } from "../ops/slice.ts";
import type { Arg, Out, ShapeOr } from "../shape/arg.ts";
import type { Axes, Axis } from "../shape/axes.ts";
import type { BroadcastTo } from "../shape/broadcast.ts";
import type { Concat, ConcatArg } from "../shape/concat.ts";
import type { DimValue } from "../shape/dim.ts";
import type { Reshape } from "../shape/reshape.ts";
import type { Sizes } from "../shape/sizes.ts";
import type { Pad, Range, Slice, Widths } from "../shape/slice.ts";
import type { Transpose } from "../shape/transpose.ts";
import type { AnyTensor, Dim, DType, Shape, Tensor } from "../types.ts";

/** The rule of an op from S to the shape N, once N is one. */
type To<R, S extends Shape, N> = R extends Shape ? (N extends "reshape" ? Reshape<S, R> : BroadcastTo<S, R>) : R;

/** `[…] → shape`: the same elements in row-major order. One size may be −1: what is left. Errors: the element counts differ. StableHLO: reshape. */
export const reshape: <S extends Shape, D extends DType, const N extends readonly unknown[]>(
  x: Tensor<S, D>,
  shape: Arg<To<Sizes<"reshape", N, -1>, S, "reshape">, N>,
) => Tensor<ShapeOr<To<Sizes<"reshape", N, -1>, S, "reshape">>, D> = reshapeOp as never;

/** `[…] → shape`: repeated along new leading axes and axes of size 1. Errors: another size than 1 or the one asked for. StableHLO: broadcast_in_dim. */
export const broadcastTo: <S extends Shape, D extends DType, const N extends readonly unknown[]>(
  x: Tensor<S, D>,
  shape: Arg<To<Sizes<"broadcastTo", N>, S, "broadcastTo">, N>,
) => Tensor<ShapeOr<To<Sizes<"broadcastTo", N>, S, "broadcastTo">>, D> = broadcastToOp as never;

type Permuted<S extends Shape, P> = Transpose<S, P>;
/**
 * `[a, b, c], [2, 0, 1] → [c, a, b]`: axis i of the result is axis order[i] of x. Without an order the last two change places. StableHLO: transpose.
 */
export const transpose: <S extends Shape, D extends DType, const P extends readonly number[] | undefined = undefined>(
  x: P extends undefined ? Arg<Permuted<S, undefined>, Tensor<S, D>> : Tensor<S, D>,
  order?: Arg<Permuted<S, P>, P>,
) => Tensor<ShapeOr<Permuted<S, P>>, D> = transposeOp as never;

type AxesOf<S extends Shape, A> = Axes<"reverse", S, A extends number ? [A] : A>;
/** `x → like x`: the last element comes first, along one axis or several. StableHLO: reverse. */
export const reverse: <S extends Shape, D extends DType, const A extends number | readonly number[]>(
  x: Tensor<S, D>,
  axes: Arg<AxesOf<S, A>, A>,
) => Tensor<S, D> = reverseOp as never;

/**
 * `["B", 28], [null, [0, -1]] → ["B", 27]`: per axis, null (all of it) or [start, limit]; negative positions count from the end. Axes not named
 * are whole. Errors: out of bounds. StableHLO: slice.
 */
export const slice: <S extends Shape, D extends DType, const Rs extends readonly Range[]>(
  x: Tensor<S, D>,
  ranges: Arg<Slice<S, Rs>, Rs>,
) => Tensor<ShapeOr<Slice<S, Rs>>, D> = sliceOp as never;

/**
 * `["B", 28], [[0, 0], [1, 1]] → ["B", 30]`: per axis, how many elements of `value` (0) come before and after, as numbers or sizes (`dim(x, 0)`).
 * Errors: widths below 0, not one pair an axis. StableHLO: pad.
 */
export const pad: <S extends Shape, D extends DType, const Ws extends readonly Widths[]>(
  x: Tensor<S, D>,
  widths: Arg<Pad<S, Ws>, Ws>,
  value?: number,
) => Tensor<ShapeOr<Pad<S, Ws>>, D> = padOp as never;

/** `[["B", 3], ["B", 4]], 1 → ["B", 7]`: one after the other along an axis. Errors: another axis differs, dtypes differ. StableHLO: concatenate. */
export const concat: <const Ts extends readonly unknown[], const A extends number>(
  tensors: ConcatArg<Ts, Concat<Ts, A>>,
  axis: A,
) => Out<Concat<Ts, A>> = concatOp as never;

type SizeAt<S extends Shape, A extends number> =
  Axis<"dim", S, A> extends infer I ? (I extends number ? (number extends I ? DimValue<number> : SizeValue<S[I]>) : I) : never;
type SizeValue<D> = number extends D ? DimValue<number> : D extends number ? D : D extends Dim ? DimValue<D> : never;
type SizeOr<R> = R extends string ? DimValue : R;
/** `["B", 28], 0 → DimValue<"B">`; a size that the type knows is that number. Goes where a size or an operand is wanted; JavaScript arithmetic on it is an error. */
export const dim: <S extends Shape, const A extends number>(x: Tensor<S, DType>, axis: Arg<SizeAt<S, A>, A>) => SizeOr<SizeAt<S, A>> = ((
  x: AnyTensor,
  axis: number,
) => {
  const size = x.shape[axis < 0 ? axis + x.shape.length : axis];
  if (size === undefined) throw new Error(`dim: axis ${axis} is out of range for [${x.shape.join(", ")}]`);
  return size;
}) as never;
