/** The types of a built module: the same names with the same call types as in the source, and sessions for steps. */

import type { Arg } from "./shape/arg.ts";
import type { Env, NamesOf, Substitute } from "./shape/substitute.ts";
import type { Check, CheckOne, EnvOf, Match } from "./shape/unify.ts";

declare const compiled: unique symbol;

/** A model of a built module: called like its source, synchronously, for a fresh tensor. It has no `def`: derivatives are taken from source. */
export interface CompiledModel<P extends unknown[], R> {
  <const A extends readonly unknown[]>(...args: Check<P, A>): Substitute<R, EnvOf<P, A>>;
  /** Only in the type: tells a compiled model from a function. */
  readonly [compiled]: true;
}
export type IsCompiled<F> = typeof compiled extends keyof F ? true : false;

/** What a model becomes when it is built; a step, `[carry, output]`, can also be started. */
export type Compiled<M> = M extends { readonly def: (...args: infer P) => infer R } ? CompiledModel<P, R> & Start<P, R> : never;

/** A built module: its models, compiled. */
export type CompiledModule<T> = {
  readonly [K in keyof T as T[K] extends { readonly def: (...args: never) => unknown } ? K : never]: Compiled<T[K]>;
};

/** `start`, where the model gives a pair: it takes the carry, or says how the carry that comes back differs from the first parameter. */
type Start<P extends unknown[], R> = R extends readonly [infer Next, unknown]
  ? Match<P[0], Next, "carry"> extends infer M extends string
    ? { start(carry: `start: not a step, what comes back differs from the first parameter: ${M}`): never }
    : Startable<P, R>
  : unknown;

export interface StartOptions<Names extends string> {
  /** The greatest size that each name will have: the arena is made for it. Without it, for what the first step brings, and it grows between steps. */
  readonly max?: { readonly [N in Names]?: number };
}

export interface Startable<P extends unknown[], R> {
  /** Copies the carry in. Sizes that occur in it are fixed from here on. */
  start<const C>(
    carry: Arg<CheckOne<P[0], C>, C>,
    options?: StartOptions<NamesOf<P>>,
  ): P extends [infer First, ...infer Inputs]
    ? R extends readonly [unknown, infer O]
      ? Session<First, Inputs, O, EnvOf<[First], [C]>>
      : never
    : never;
}

/** A step under way: the carry `C` stays where the backend likes it and is updated in place. */
export interface Session<C, I extends unknown[], O, E extends Env = object> {
  /** One step, synchronously, without allocating. The output is valid until the next step; reading it later rejects. */
  step<const A extends readonly unknown[]>(...inputs: Check<I, A, E>): Substitute<O, EnvOf<I, A, E>>;
  /** One step for each item, its inputs, in order; gives what the last one puts out. A GPU is given all of them at once. */
  run<const A extends readonly (readonly unknown[])[]>(batches: A & CheckEach<I, A, E>): Substitute<O, EnvOf<I, A[number], E>>;
  /** Copies the carry out. */
  carry(): Promise<Substitute<C, E>>;
}

type CheckEach<I extends unknown[], A, E extends Env> = {
  readonly [K in keyof A]: A[K] extends readonly unknown[] ? Check<I, A[K], E> : never;
};
