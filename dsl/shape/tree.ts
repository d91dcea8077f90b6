/**
 * Types that mirror parameter trees: objects and tuples of tensors and numbers. Some have no end: `ResultTree`, the hint of what a model returns,
 * is what tsc puts in for P while it infers the arguments of `model((p) => sgd(p, …))`. So no rule walks a tree whose branches are not counted.
 */
import type { AnyTensor, FloatDType, Shape, Tensor } from "../types.ts";

/** The gradient with respect to a tree: like it, leaf by leaf; null where there is no derivative (integers, truth values, numbers). */
export type Grad<P> =
  P extends Tensor<Shape, FloatDType>
    ? P
    : P extends AnyTensor | number
      ? null
      : IsArray<P> extends true
        ? Grad<P[number & keyof P]>[] // worked out when it is looked at; a mapped array is at once, at every depth
        : P extends object
          ? { -readonly [K in keyof P]: Grad<P[K]> }
          : null;

type IsArray<T> = T extends readonly unknown[] ? (number extends T["length"] ? true : false) : false;
/** How many branches the tree has is not known: an array, a record. */
export type IsUncounted<T> = string extends keyof T ? true : IsArray<T>;

/** What Adam keeps between steps: how many there were, and the running first and second moments of the gradient. */
export interface AdamState<P> {
  readonly step: Tensor<[], "i32">;
  readonly m: Grad<P>;
  readonly v: Grad<P>;
}
