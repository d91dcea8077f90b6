/** Reductions and what is normalised by them. Axes count from the end where negative; none named means all. */

import { logSumExp as logSumExpOp, softmax as softmaxOp } from "../lib/softmax.ts";
import { max as maxOp, mean as meanOp, sum as sumOp } from "../ops/broadcast.ts";
import type { Arg, ShapeOr, Then } from "../shape/arg.ts";
import type { Axis } from "../shape/axes.ts";
import type { Accepts, Defined, Mapped, NumericDType } from "../shape/operand.ts";
import type { AxesArg, Reduce, ReduceOptions } from "../shape/reduce.ts";
import type { AnyTensor, DType, FloatDType, Shape, Tensor } from "../types.ts";

type ShapeIn<A> = A extends AnyTensor ? A["shape"] : [];
type Kept<A, Allowed extends DType> = Mapped<A, Allowed>["dtype"];

/** `["B", 28], 1 → ["B"]`, with keepDims `["B", 1]`. */
export type Reduction<Op extends string, Allowed extends DType> = <
  A,
  const Axes extends AxesArg = undefined,
  const O extends ReduceOptions = object,
>(
  x: Arg<Accepts<Op, A, Allowed>, A>,
  axes?: Arg<Reduce<Op, ShapeIn<A>, Axes, O>, Axes>,
  options?: O,
) => Tensor<ShapeOr<Reduce<Op, ShapeIn<A>, Axes, O>>, Kept<A, Allowed>>;

/** Σ over the axes; of nothing, 0. StableHLO: reduce with add. */
export const sum: Reduction<"sum", NumericDType> = sumOp as never;
/** The greatest along the axes; of nothing, −Infinity; NaN if any is. Ties share the gradient evenly. StableHLO: reduce with maximum. */
export const max: Reduction<"max", NumericDType> = maxOp as never;
/** Σ / n, on floats; of nothing, NaN. */
export const mean: Reduction<"mean", FloatDType> = meanOp as never;
/** What has no last axis is wrong itself: that axis is the default. */
type LastAxis<Op extends string, S extends Shape, I extends number> = I extends -1 ? Axis<Op, S, I> : true;
/** ln Σ eˣ, shifted by the greatest entry, so that nothing overflows. Along one axis, −1 by default. */
export const logSumExp: <A, const I extends number = -1, const O extends ReduceOptions = object>(
  x: Arg<Accepts<"logSumExp", A, FloatDType>, Arg<LastAxis<"logSumExp", ShapeIn<A>, I>, A>>,
  axis?: Arg<Reduce<"logSumExp", ShapeIn<A>, I, O>, I>,
  options?: O,
) => Tensor<ShapeOr<Reduce<"logSumExp", ShapeIn<A>, I, O>>, Kept<A, FloatDType>> = logSumExpOp as never;
/** `x → like x`: eˣ / Σ eˣ along one axis, −1 by default; shifted by the greatest entry, so that nothing overflows. */
export const softmax: <S extends Shape, D extends DType, const I extends number = -1>(
  x: Arg<Then<Defined<"softmax", D, FloatDType>, LastAxis<"softmax", S, I>>, Tensor<S, D>>,
  axis?: Arg<Axis<"softmax", S, I>, I>,
) => Tensor<S, D extends FloatDType ? D : "f32"> = softmaxOp as never;
