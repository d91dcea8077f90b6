/** Contractions, and reading and writing by index. */

import { oneHot as oneHotOp, scatterAdd as scatterAddOp } from "../lib/init.ts";
import { dotGeneral as dotGeneralOp, matmul as matmulOp } from "../ops/dot.ts";
import { gather as gatherOp } from "../ops/gather.ts";
import type { Arg, Out, ShapeOr } from "../shape/arg.ts";
import type { Gather, ScatterAdd } from "../shape/gather.ts";
import type { DotDimensions, DotGeneral, LeftOfMatmul, Matmul } from "../shape/matmul.ts";
import type { Accepts, MeetDType, ShapeOf } from "../shape/operand.ts";
import type { Sizes } from "../shape/sizes.ts";
import type { AnyTensor, DType, FloatDType, Shape, Tensor } from "../types.ts";

/** Two float tensors of one dtype under a shape rule. */
type Two<Op extends string, A, B> =
  Accepts<Op, A, FloatDType> extends infer M extends string
    ? M
    : Accepts<Op, B, FloatDType> extends infer M extends string
      ? M
      : [A, B] extends [AnyTensor, AnyTensor]
        ? MeetDType<Op, A, B>
        : `${Op}: two tensors are needed`;
type Product<A, B> =
  Two<"matmul", A, B> extends infer D
    ? D extends DType
      ? Matmul<ShapeOf<A>, ShapeOf<B>> extends infer S
        ? S extends Shape
          ? Tensor<S, D>
          : S
        : never
      : D
    : never;
type Contraction<A, B, N extends DotDimensions> =
  Two<"dotGeneral", A, B> extends infer D
    ? D extends DType
      ? DotGeneral<ShapeOf<A>, ShapeOf<B>, N> extends infer S
        ? S extends Shape
          ? Tensor<S, D>
          : S
        : never
      : D
    : never;
type FloatOf<A> = A extends Tensor<Shape, FloatDType> ? A["dtype"] : "f32";

/** `[…, m, k] · […, k, n] → […, m, n]`: out[…, i, j] = Σₚ a[…, i, p] · b[…, p, j]; leading axes broadcast. */
export const matmul: <A, B>(
  a: Arg<Accepts<"matmul", A, FloatDType>, Arg<LeftOfMatmul<ShapeOf<A>>, A>>,
  b: Arg<Product<A, B>, B>,
) => Out<Product<A, B>, FloatOf<A>> = matmulOp as never;

/**
 * `batch ++ free of a ++ free of b`: axes named in `contract` are summed over pairwise, axes named in `batch` run along together.
 * Errors: paired axes differ, an axis given twice. StableHLO: dot_general.
 */
export const dotGeneral: <A, B, const N extends DotDimensions>(
  a: Arg<Accepts<"dotGeneral", A, FloatDType>, A>,
  b: Arg<Contraction<A, B, N>, B>,
  dims: N,
) => Out<Contraction<A, B, N>, FloatOf<A>> = dotGeneralOp as never;

type Indices<Op extends string, D extends DType, T> = D extends "i32" ? T : `${Op}: indices are i32, got ${D}; write cast(…, "i32")`;

/** `["V", 64], i32 ["B", "T"] → ["B", "T", 64]`: x's axis (0) replaced by those of the indices; 0 where an index is out of range. StableHLO: gather. */
export const gather: <S extends Shape, D extends DType, I extends Shape, E extends DType, const A extends number = 0>(
  x: Tensor<S, D>,
  indices: Arg<Indices<"gather", E, Tensor<I, E>>, Tensor<I, E>>,
  axis?: Arg<Gather<S, I, A>, A>,
) => Tensor<ShapeOr<Gather<S, I, A>>, D> = gatherOp as never;

/** `x → like x`: each of the updates added at its index along axis 0, in order; out of range is dropped. gather's adjoint. StableHLO: scatter with add. */
export const scatterAdd: <S extends Shape, D extends DType, I extends Shape, E extends DType, U extends Shape, F extends DType>(
  x: Tensor<S, D>,
  indices: Arg<Indices<"scatterAdd", E, Tensor<I, E>>, Tensor<I, E>>,
  updates: Arg<
    MeetDType<"scatterAdd", Tensor<S, D>, Tensor<U, F>> extends infer R ? (R extends DType ? ScatterAdd<S, I, U> : R) : never,
    Tensor<U, F>
  >,
) => Tensor<S, D> = scatterAddOp as never;

type Classes<N> = Sizes<"oneHot", [N]>;
/** `i32 […], n → […, n]`: 1 at the index, 0 elsewhere (everywhere, where the index is out of range). */
export const oneHot: <I extends Shape, E extends DType, const N, const D extends DType = "f32">(
  indices: Arg<Indices<"oneHot", E, Tensor<I, E>>, Tensor<I, E>>,
  n: Arg<Classes<N>, N>,
  dtype?: D,
) => Tensor<[...I, ...ShapeOr<Classes<N>>], D> = oneHotOp as never;
