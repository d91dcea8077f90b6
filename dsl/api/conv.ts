/** Images: convolutions, pools, and the windows that both are made of. */
import { avgPool2d as avgPool2dOp, conv2d as conv2dOp, maxPool2d as maxPool2dOp } from "../lib/conv.ts";
import { fold as foldOp, windows as windowsOp } from "../ops/windows.ts";
import type { Arg, ShapeOr, Then } from "../shape/arg.ts";
import type { Conv2d, ConvOptions, MessageAt, Pool2d, PoolOptions } from "../shape/conv.ts";
import type { Defined, NumericDType, SameDType } from "../shape/operand.ts";
import type { Sizes } from "../shape/sizes.ts";
import type { Fold, WindowOptions, Windows } from "../shape/windows.ts";
import type { DType, FloatDType, Shape, Tensor } from "../types.ts";

type FloatOr<D> = D extends FloatDType ? D : "f32";
type NumericOr<D> = D extends NumericDType ? D : "f32";

/**
 * `["B", 28, 28, 3], [5, 5, 3, 8] → ["B", 24, 24, 8]`: images `[batch, height, width, channels]` with filters `[height, width, channels, outputs]`,
 * as in TensorFlow: out[b, y, x, o] = Σᵢⱼ꜀ image[b, y·stride + i·dilation, x·stride + j·dilation, c] · filter[i, j, c, o].
 * With stride 2 and `padding: "same"`: `["B", 14, 14, 8]`. With groups, a filter sees the channels of its group: `[5, 5, 3 / groups, 8]`.
 * Errors: channels differ, groups do not divide the outputs, a window larger than the padded image.
 */
export const conv2d: <S extends Shape, D extends DType, F extends Shape, E extends DType, const O extends ConvOptions = object>(
  images: Arg<Then<Defined<"conv2d", D, FloatDType>, MessageAt<"images", Conv2d<S, F, O>>>, Tensor<S, D>>,
  filters: Arg<
    Then<Defined<"conv2d", E, FloatDType>, Then<SameDType<"conv2d", D, E>, MessageAt<"filters", Conv2d<S, F, O>>>>,
    Tensor<F, E>
  >,
  options?: Arg<MessageAt<"options", Conv2d<S, F, O>>, O>,
) => Tensor<ShapeOr<Conv2d<S, F, O>>, FloatOr<D>> = conv2dOp as never;

type Pooling<Op extends string, Allowed extends DType> = <S extends Shape, D extends DType, const O extends PoolOptions>(
  images: Arg<Then<Defined<Op, D, Allowed>, MessageAt<"images", Pool2d<Op, S, O>>>, Tensor<S, D>>,
  options: Arg<MessageAt<"options", Pool2d<Op, S, O>>, O>,
) => Tensor<ShapeOr<Pool2d<Op, S, O>>, NumericOr<D>>;

/**
 * `["B", 28, 28, 8], { window: 2 } → ["B", 14, 14, 8]`: the greatest of each window; the stride is the window unless it is said. Padding is never the
 * greatest. Ties share the gradient evenly. Errors: a window larger than the padded image, padding as large as the window. StableHLO: reduce_window.
 */
export const maxPool2d: Pooling<"maxPool2d", NumericDType> = maxPool2dOp as never;
/**
 * `["B", 28, 28, 8], { window: 2 } → ["B", 14, 14, 8]`: the mean of each window; the stride is the window unless it is said. Padding does not count:
 * a window at the border is divided by how many of its elements are in the image (as in TensorFlow; PyTorch divides by all).
 * Errors: a window larger than the padded image, padding as large as the window. StableHLO: reduce_window.
 */
export const avgPool2d: Pooling<"avgPool2d", FloatDType> = avgPool2dOp as never;

/**
 * `["B", 28], [{ axis: 1, size: 3 }] → ["B", 26, 3]`: out[b, t, i] = x[b, t·stride + i·dilation]. Windows overlap where the stride (1) is less than
 * their size; several axes at once: `["B", 26, 26, 3, 3, "C"]`. Errors: windows larger than their axis.
 */
export const windows: <S extends Shape, D extends DType, const Ws extends readonly WindowOptions[]>(
  x: Tensor<S, D>,
  list: Arg<Windows<"windows", S, Ws>, Ws>,
) => Tensor<ShapeOr<Windows<"windows", S, Ws>>, D> = windowsOp as never;

type Folded<S extends Shape, R, Ws extends readonly WindowOptions[]> = R extends Shape ? Fold<S, R, Ws> : R;
/**
 * `["B", 26, 3], ["B", 28], [{ axis: 1, size: 3 }] → ["B", 28]`: each element the sum of those that `windows` makes of it. The adjoint of `windows`,
 * also known as col2im. Errors: windows of such a tensor have another shape.
 */
export const fold: <S extends Shape, D extends DType, const N extends readonly unknown[], const Ws extends readonly WindowOptions[]>(
  x: Arg<Then<Defined<"fold", D, NumericDType>, MessageOf<Folded<S, ShapeOr<Sizes<"fold", N>>, Ws>>>, Tensor<S, D>>,
  shape: Arg<Sizes<"fold", N>, N>,
  list: Arg<Windows<"fold", ShapeOr<Sizes<"fold", N>>, Ws>, Ws>,
) => Tensor<ShapeOr<Folded<S, Sizes<"fold", N>, Ws>>, NumericOr<D>> = foldOp as never;
type MessageOf<R> = R extends string ? R : true;
