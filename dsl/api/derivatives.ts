/** Derivatives of models and functions. Taken from source: what is compiled has none. */
import type { IsCompiled } from "../compiled.ts";
import * as derivatives from "../derivatives.ts";
import { type Model, model } from "../model.ts";
import type { Arg } from "../shape/arg.ts";
import type { Show } from "../shape/show.ts";
import type { Substitute } from "../shape/substitute.ts";
import type { Grad } from "../shape/tree.ts";
import type { Check, EnvOf, Match } from "../shape/unify.ts";
import type { AnyTensor, FloatDType, Shape, Tensor } from "../types.ts";

/** Parameters and result of a model or a function, or the message. */
type Signature<Op extends string, F> = F extends { readonly def: (...args: infer P extends unknown[]) => infer R }
  ? [P, R]
  : IsCompiled<F> extends true
    ? `${Op}: this model is compiled; derivatives are taken from its source, the model in the file it was built from`
    : F extends (...args: infer P extends unknown[]) => infer R
      ? [P, R]
      : `${Op}: a model or a function is needed`;

/** The same, where the result is a float scalar. */
type ScalarSignature<Op extends string, F> =
  Signature<Op, F> extends infer S
    ? S extends [unknown, infer R]
      ? Scalar<R> extends true
        ? S
        : `${Op}: the function returns ${Scalar<R> & string}, not a scalar; take mean or sum of it`
      : S
    : never;
type Scalar<R> = R extends AnyTensor
  ? R extends Tensor<Shape, FloatDType>
    ? number extends R["shape"]["length"]
      ? true
      : R["shape"] extends readonly []
        ? true
        : `${Show<R["shape"]>} ${R["dtype"]}`
    : `${Show<R["shape"]>} ${R["dtype"]}`
  : "a tree";

type First<P> = P extends readonly [infer H, ...unknown[]] ? H : never;
type GradOf<S> = S extends [infer P extends unknown[], unknown] ? Model<P, Grad<First<P>>> : Model<never[], never>;
type ValueAndGradOf<S> = S extends [infer P extends unknown[], infer R]
  ? Model<P, { value: R; grad: Grad<First<P>> }>
  : Model<never[], never>;

/**
 * `grad(f)(p, …)`: the gradient of a scalar with respect to its first argument, a tree like it; null where a leaf has none (i32, bool, numbers).
 * Leaves that f does not use have gradient 0. Errors: f does not return a scalar.
 */
export const grad: <F>(f: Arg<ScalarSignature<"grad", F>, F>) => GradOf<ScalarSignature<"grad", F>> = ((f: never) =>
  model(derivatives.grad(f) as never)) as never;

/** `valueAndGrad(f)(p, …)`: `{ value, grad }`, for the price of one. */
export const valueAndGrad: <F>(f: Arg<ScalarSignature<"valueAndGrad", F>, F>) => ValueAndGradOf<ScalarSignature<"valueAndGrad", F>> = ((
  f: never,
) => model(derivatives.valueAndGrad(f) as never)) as never;

type Vjp<P extends unknown[], R> = <const A extends readonly unknown[]>(
  ...args: Check<P, A>
) => Pullback<Substitute<R, EnvOf<P, A>>, Substitute<{ [K in keyof P]: Grad<P[K]> }, EnvOf<P, A>>>;
/** The value, and the function that takes a cotangent of it to the cotangents of all arguments. */
export interface Pullback<R, G> {
  readonly value: R;
  pullback<const C>(cotangent: Arg<Match<Grad<R>, C, "pullback: cotangent">, C>): G;
}
/** `vjp(f)(…args)`: `{ value, pullback }`; `pullback(ct)` is Jᵀ · ct, one cotangent for each argument. */
export const vjp: <F>(
  f: Arg<Signature<"vjp", F>, F>,
) => Signature<"vjp", F> extends [infer P extends unknown[], infer R] ? Vjp<P, R> : never = derivatives.vjp as never;

type Jvp<P extends unknown[], R> = <const A extends readonly unknown[], const T>(
  args: Check<P, A>,
  tangents: Arg<Match<Substitute<{ [K in keyof P]: Grad<P[K]> }, EnvOf<P, A>>, T, "jvp: tangents">, T>,
) => {
  readonly value: Substitute<R, EnvOf<P, A>>;
  readonly tangent: Grad<Substitute<R, EnvOf<P, A>>>;
};
/** `jvp(f)(args, tangents)`: `{ value, tangent }`, J · t: how the result changes as the arguments move along the tangents (null: does not move). */
export const jvp: <F>(
  f: Arg<Signature<"jvp", F>, F>,
) => Signature<"jvp", F> extends [infer P extends unknown[], infer R] ? Jvp<P, R> : never = derivatives.jvp as never;
