/** Contractions, and reading and writing by index. */

import { oneHot as oneHotOp, scatterAdd as scatterAddOp } from "../lib/init.ts";
import { dotGeneral as dotGeneralOp, matmul as matmulOp } from "../ops/dot.ts";
import { gather as gatherOp } from "../ops/gather.ts";
import type { Arg, ShapeOr, Then } from "../shape/arg.ts";
import type { Axis } from "../shape/axes.ts";
import type { Gather, ScatterAdd } from "../shape/gather.ts";
import type { DotDimensions, DotGeneral, LeftOfMatmul, Matmul } from "../shape/matmul.ts";
import type { Defined, SameDType, ShowDTypes } from "../shape/operand.ts";
import type { Sizes } from "../shape/sizes.ts";
import type { AnyTensor, DType, FloatDType, Shape, Tensor } from "../types.ts";

/** The rule R, where both dtypes are the same float one. */
type OnFloats<Op extends string, D extends DType, E extends DType, R> = Then<
  Then<Defined<Op, D, FloatDType>, Then<Defined<Op, E, FloatDType>, SameDType<Op, D, E>>>,
  R
>;

/** `[…, m, k] · […, k, n] → […, m, n]`: out[…, i, j] = Σₚ a[…, i, p] · b[…, p, j]; leading axes broadcast. */
export const matmul: <A extends Shape, D extends DType, B extends Shape, E extends DType>(
  a: Arg<Defined<"matmul", D, FloatDType>, Arg<LeftOfMatmul<A>, Tensor<A, D>>>,
  b: Arg<OnFloats<"matmul", D, E, Matmul<A, B>>, Tensor<B, E>>,
) => Tensor<ShapeOr<OnFloats<"matmul", D, E, Matmul<A, B>>>, FloatOr<D>> = matmulOp as never;

/**
 * `batch ++ free of a ++ free of b`: axes named in `contract` are summed over pairwise, axes named in `batch` run along together.
 * Errors: paired axes differ, an axis given twice. StableHLO: dot_general.
 */
export const dotGeneral: <A extends Shape, D extends DType, B extends Shape, E extends DType, const N extends DotDimensions>(
  a: Arg<Defined<"dotGeneral", D, FloatDType>, Tensor<A, D>>,
  b: Arg<OnFloats<"dotGeneral", D, E, DotGeneral<A, B, N>>, Tensor<B, E>>,
  dims: N,
) => Tensor<ShapeOr<OnFloats<"dotGeneral", D, E, DotGeneral<A, B, N>>>, FloatOr<D>> = dotGeneralOp as never;
type FloatOr<D> = D extends FloatDType ? D : "f32";

/** Indices themselves, or the message. */
type Indices<Op extends string, I> = I extends AnyTensor
  ? [I["dtype"]] extends ["i32"]
    ? I
    : [DType] extends [I["dtype"]]
      ? I
      : `${Op}: indices are i32, got ${ShowDTypes<I["dtype"]>}; write cast(…, "i32")`
  : `${Op}: indices are a tensor; write tensor([…], [n], "i32")`;
type ShapeIn<I> = I extends AnyTensor ? I["shape"] : Shape;
/** What has no axis 0 is wrong itself: that axis is the default. */
type FirstAxis<Op extends string, S extends Shape, A extends number> = A extends 0 ? Axis<Op, S, A> : true;

/** `["V", 64], i32 ["B", "T"] → ["B", "T", 64]`: x's axis (0) replaced by those of the indices; 0 where an index is out of range. StableHLO: gather. */
export const gather: <S extends Shape, D extends DType, I, const A extends number = 0>(
  x: Arg<FirstAxis<"gather", S, A>, Tensor<S, D>>,
  indices: Arg<Indices<"gather", I>, I>,
  axis?: Arg<Gather<S, ShapeIn<I>, A>, A>,
) => Tensor<ShapeOr<Gather<S, ShapeIn<I>, A>>, D> = gatherOp as never;

/**
 * `["V", 64], i32 ["B", "T"], ["B", "T", 64] → ["V", 64]`: x with each of the updates added at its index along x's axis (0), in order; out of range is
 * dropped. gather's adjoint. Errors: updates that are not x with the axis replaced by those of the indices. StableHLO: scatter with add.
 */
export const scatterAdd: <S extends Shape, D extends DType, I, U extends Shape, F extends DType, const A extends number = 0>(
  x: Arg<FirstAxis<"scatterAdd", S, A>, Tensor<S, D>>,
  indices: Arg<Indices<"scatterAdd", I>, I>,
  updates: Arg<Then<SameDType<"scatterAdd", D, F>, ScatterAdd<S, ShapeIn<I>, U, A>>, Tensor<U, F>>,
  axis?: Arg<Axis<"scatterAdd", S, A>, A>,
) => Tensor<S, D> = scatterAddOp as never;

type Classes<N> = Sizes<"oneHot", [N]>;
/** `i32 […], n → […, n]`: 1 at the index, 0 elsewhere (everywhere, where the index is out of range). */
export const oneHot: <I, const N, const D extends DType = "f32">(
  indices: Arg<Indices<"oneHot", I>, I>,
  n: Arg<Classes<N>, N>,
  dtype?: D,
) => Tensor<[...ShapeIn<I>, ...ShapeOr<Classes<N>>], D> = oneHotOp as never;
