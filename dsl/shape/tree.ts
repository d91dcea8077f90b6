/** Types that mirror parameter trees: objects and tuples of tensors and numbers. */
import type { AnyTensor, FloatDType, Shape, Tensor } from "../types.ts";

/** The gradient with respect to a tree: like it, leaf by leaf; null where there is no derivative (integers, truth values, numbers). */
export type Grad<P> =
  P extends Tensor<Shape, FloatDType>
    ? P
    : P extends AnyTensor | number
      ? null
      : P extends object
        ? { -readonly [K in keyof P]: Grad<P[K]> }
        : null;
/** What Adam keeps between steps: how many there were, and the running first and second moments of the gradient. */
export interface AdamState<P> {
  readonly step: Tensor<[], "i32">;
  readonly m: Grad<P>;
  readonly v: Grad<P>;
}
