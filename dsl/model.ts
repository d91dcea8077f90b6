/** Models: functions over symbolic dims, checked once in their own words and then at every call in the caller's. */
import type { Arg } from "./shape/arg.ts";
import type { Refuse } from "./shape/refuse.ts";
import type { Substitute } from "./shape/substitute.ts";
import type { Check, EnvOf } from "./shape/unify.ts";

/** Any object; the rest is a hint, at every depth: where a function returns `[a, b]`, a tuple is meant and not an array. */
export type ResultTree = object | [] | [ResultTree, ...ResultTree[]] | { [key: string]: ResultTree };

/**
 * A function of trees of tensors, and of numbers (run-time scalars). A call unifies the parameters' types with the arguments: `"B"` becomes 32,
 * or the caller's own `"B"`; the result's type is `R` with that put in. An argument that does not fit is an error at that argument, which
 * names the leaf: `args[0].hidden.w: expected [784, 128], got [785, 128] (784 vs 785)`.
 */
export interface Model<P extends unknown[], R> {
  <const A extends readonly unknown[]>(...args: Check<P, A>): Substitute<R, EnvOf<P, A>>;
  /** The function as it was written. */
  readonly def: (...args: P) => R;
}

/**
 * Makes a model of a function. Sizes that vary are names: `Tensor<["B", 784]>`; `"4*B"`, `"B*T"`, `"T+1"`, `"T-1"` are expressions over them,
 * `"...L"` is any number of axes. Lists of layers are tuples. A step is a model that returns `[carry, output]`, where `carry` has the type of
 * its first parameter.
 *
 * Errors: array parameters (`L[]`), sizes that are type parameters, unions of sizes, sizes that are none (`"2B"`, `-1`).
 *
 * @example
 * const dense = model((x: Tensor<["B", "I"]>, w: Tensor<["I", "O"]>, b: Tensor<["O"]>) => add(matmul(x, w), b));
 */
export function model<P extends unknown[], R extends ResultTree>(f: Arg<Refuse<P>, (...args: P) => R>): Model<P, R> {
  const def = f as (...args: P) => R;
  return Object.assign((...args: P) => def(...args), { def }) as unknown as Model<P, R>;
}
