/** Activations, normalisation, losses, optimizers. */
import * as activation from "../lib/activation.ts";
import * as loss from "../lib/loss.ts";
import * as optim from "../lib/optim.ts";
import { softmaxCrossEntropy as softmaxCrossEntropyOp } from "../lib/softmax.ts";
import type { Arg, ShapeOr, Then } from "../shape/arg.ts";
import type { IsRanked } from "../shape/broadcast.ts";
import type { DimValue, Rest } from "../shape/dim.ts";
import type { SameShape } from "../shape/gather.ts";
import type { Defined, NumericDType, SameDType } from "../shape/operand.ts";
import type { Show } from "../shape/show.ts";
import type { AdamState, Grad } from "../shape/tree.ts";
import type { Match } from "../shape/unify.ts";
import type { Dim, DType, FloatDType, Shape, Tensor } from "../types.ts";
import type { Binary, Unary } from "./elementwise.ts";

/** `max(x, 0)`; the gradient at 0 is 0. */
export const relu: Unary<"relu", NumericDType> = activation.relu as never;
/** `1 / (1 + e⁻ˣ)` */
export const sigmoid: Unary<"sigmoid", FloatDType> = activation.sigmoid as never;
/** `(prediction − target)²`, elementwise. */
export const squareLoss: Binary<"squareLoss", FloatDType> = loss.squareLoss as never;

type Scale<S extends Shape, D extends DType, G extends Shape, E extends DType, What extends string> = Then<
  SameDType<"layerNorm", D, E>,
  LastAxis<S> extends infer L
    ? L extends Shape
      ? SameShape<L, G> extends true
        ? true
        : `layerNorm: ${What} must be ${Show<L>} for ${Show<S>}, got ${Show<G>}`
      : true
    : never
>;
/** `[d]`, or the message. */
type LastAxis<S extends Shape> = S extends readonly [...unknown[], infer L extends Dim]
  ? L extends Rest
    ? `layerNorm: the last axis must be right of the ...: ${Show<S>}`
    : [L]
  : IsRanked<S> extends false
    ? true
    : `layerNorm: rank must be >= 1, got ${Show<S>}`;
/**
 * `[…, d], [d], [d] → […, d]`: (x − mean) / √(variance + ε) · gain + bias over the last axis, with the biased variance and ε = 10⁻⁵.
 * Ba, Kiros, Hinton 2016.
 */
export const layerNorm: <S extends Shape, D extends DType, G extends Shape, E extends DType, B extends Shape, F extends DType>(
  x: Arg<Then<Defined<"layerNorm", D, FloatDType>, LastAxis<S>>, Tensor<S, D>>,
  gain: Arg<Scale<S, D, G, E, "gain">, Tensor<G, E>>,
  bias: Arg<Scale<S, D, B, F, "bias">, Tensor<B, F>>,
) => Tensor<S, D extends FloatDType ? D : "f32"> = loss.layerNorm as never;

type Labels<S extends Shape, I extends Shape, E extends DType> = false extends IsRanked<S> | IsRanked<I>
  ? I
  : S extends readonly [...infer Batch extends Shape, Dim]
    ? SameShape<Batch, I> extends true
      ? E extends "i32"
        ? I
        : `softmaxCrossEntropy: labels are i32, got ${E}; write cast(…, "i32")`
      : `softmaxCrossEntropy: labels must be ${Show<Batch>} for logits ${Show<S>}, got ${Show<I>}`
    : `softmaxCrossEntropy: labels must be [] for logits ${Show<S>}, got ${Show<I>}`;
/** `[…, c], i32 […] → […]`: −ln softmax(logits)[label], one loss for each example, in nats. Errors: labels that are not one for each row. */
export const softmaxCrossEntropy: <S extends Shape, D extends DType, I extends Shape, E extends DType>(
  logits: Arg<Defined<"softmaxCrossEntropy", D, FloatDType>, Tensor<S, D>>,
  labels: Arg<Labels<S, I, E>, Tensor<I, E>>,
) => Tensor<ShapeOr<Labels<S, I, E>>, D extends FloatDType ? D : "f32"> = softmaxCrossEntropyOp as never;

/** A step length: a number, or a run-time scalar. */
type Rate = number | DimValue | Tensor<[]>;

/** p − lr · gradient, leaf by leaf. Leaves without a gradient (integers, truth values) stay. */
export const sgd: <P, const G>(parameters: P, gradient: Arg<Match<Grad<P>, G, "sgd: gradient">, G>, options: { readonly lr: Rate }) => P =
  optim.sgd as never;

export interface AdamOptions {
  readonly lr: Rate;
  /** Decay of the first moment, 0.9. */
  readonly beta1?: number;
  /** Decay of the second moment, 0.999. */
  readonly beta2?: number;
  /** Added to the root of the second moment, 10⁻⁸. */
  readonly epsilon?: number;
}
/** Parameters and state after one step. p − lr · m̂ / (√v̂ + ε). Kingma & Ba 2015. */
export const adam: <P, const G, const S>(
  parameters: P,
  gradient: Arg<Match<Grad<P>, G, "adam: gradient">, G>,
  state: Arg<Match<AdamState<P>, S, "adam: state">, S>,
  options: AdamOptions,
) => [P, AdamState<P>] = optim.adam as never;
/** Step 0, moments 0. */
export const adamInit: <P>(parameters: P) => AdamState<P> = optim.adamInit as never;
