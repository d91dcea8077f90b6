/**
 * What a call of a model makes of its symbolic dims. The parameters' types are patterns; unifying them with the arguments gives an environment
 * `{ B: 32, T: "S" }` for the result. A name is bound where it stands alone; an expression with one unknown name is solved for it, exactly;
 * one with more waits until the others are known. Everything is compared leaf by leaf, so that a message names the leaf.
 */
import type { AnyTensor, Dim, Shape } from "../types.ts";
import type { IsRanked } from "./broadcast.ts";
import type { Canonical, DimAdd, DimDivide, DimMultiply, DimSubtract, Parse, Rest, SameDim } from "./dim.ts";
import type { IsNegative } from "./int.ts";
import type { ShowDTypes } from "./operand.ts";
import type { IsUnion, Sorted } from "./order.ts";
import type { Show, ShowDim, Versus } from "./show.ts";
import type { DimsOf, Env, EvaluateDim, EvaluateShape, NamesOf } from "./substitute.ts";

/** An expression that could not be solved yet: the pattern, the size it has to be, and the leaf, for the message. */
type Waiting = readonly [pattern: string, actual: Dim, at: string];
interface State {
  readonly env: Env;
  readonly waiting: readonly Waiting[];
}
type Bind<S extends State, Name extends string, D> = {
  readonly env: { [K in keyof S["env"] | Name]: K extends Name ? D : S["env"][K & keyof S["env"]] };
  readonly waiting: S["waiting"];
};
type Wait<S extends State, W extends Waiting> = { readonly env: S["env"]; readonly waiting: [...S["waiting"], W] };

// ---------------------------------------------------------------- one size

/** The state after this size, `"wait"`, or the reason why it cannot be. */
type UnifyDim<P, A, S extends State> = [Extract<A, Rest>, IsUnion<A>] extends [never, false]
  ? P extends keyof S["env"]
    ? SameDim<S["env"][P], A> extends true
      ? number extends S["env"][P]
        ? Bind<S, P & string, A>
        : S
      : `${P & string} is ${ShowDim<S["env"][P]>}, here ${ShowDim<A>}`
    : P extends `${string}${"*" | "+" | "-" | " "}${string}`
      ? Solve<Linear<Parse<P>, S["env"]>, P, A, S>
      : P extends string
        ? Bind<S, P, Canonical<A>>
        : SameDim<P, A> extends true
          ? S
          : Versus<P, A>
  : Versus<P, A>;

/** A polynomial as `factor · unknown + rest`; `"wait"` where it is not linear in one unknown. */
type Linear<P, E, X extends string = never, Factor = 0, Remainder = 0> = P extends readonly [
  readonly [infer Names extends string, infer C extends number],
  ...infer T,
]
  ? KnownFactors<Names, E, C> extends readonly [infer K, infer U extends string]
    ? U extends ""
      ? Linear<T, E, X, Factor, DimAdd<Remainder, K>>
      : U extends `${string}*${string}`
        ? "wait"
        : [X] extends [U]
          ? Linear<T, E, U, DimAdd<Factor, K>, Remainder>
          : "wait"
    : never
  : readonly [X, Factor, Remainder];
type KnownFactors<Names extends string, E, K, U extends string = ""> = Names extends ""
  ? readonly [K, U]
  : Names extends `${infer H}*${infer T}`
    ? H extends keyof E
      ? KnownFactors<T, E, DimMultiply<K, E[H]>, U>
      : KnownFactors<T, E, K, U extends "" ? H : `${U}*${H}`>
    : Names extends keyof E
      ? readonly [DimMultiply<K, E[Names]>, U]
      : readonly [K, U extends "" ? Names : `${U}*${Names}`];

type Solve<L, P extends string, A, S extends State> = L extends readonly [infer X extends string, infer Factor, infer Remainder]
  ? [X] extends [never]
    ? SameDim<Remainder, A> extends true
      ? S
      : `${P} is ${ShowDim<Remainder>}, here ${ShowDim<A>}`
    : DimDivide<DimSubtract<A, Remainder>, Factor> extends infer V
      ? [V] extends [never]
        ? `no ${X} makes ${P} ${ShowDim<A>}`
        : V extends number
          ? number extends V
            ? Bind<S, X, V>
            : IsNegative<V> extends true
              ? `no ${X} makes ${P} ${ShowDim<A>}`
              : Bind<S, X, V>
          : Bind<S, X, V>
      : never
  : "wait";

// ---------------------------------------------------------------- one shape

/** The state, or the message. */
type UnifyShape<P extends Shape, A extends Shape, S extends State, At extends string> =
  UnifyAxes<P, A, S, At> extends infer R
    ? R extends string
      ? `${At}: expected ${Show<EvaluateShape<P, S["env"]>>}, got ${Show<A>}${R extends "" ? "" : ` (${R})`}`
      : R
    : never;
type UnifyAxes<P extends Shape, A extends Shape, S extends State, At extends string> = P extends readonly [
  infer p extends Dim,
  ...infer Ps extends Shape,
]
  ? p extends Rest
    ? Prefix<A, Ps> extends readonly [infer Taken extends Shape, infer Left extends Shape]
      ? p extends keyof S["env"]
        ? Show<S["env"][p]> extends Show<Taken>
          ? UnifyAxes<Ps, Left, S, At>
          : `${p} is ${Show<S["env"][p]>}, here ${Show<Taken>}`
        : UnifyAxes<Ps, Left, Bind<S, p, Taken>, At>
      : ""
    : A extends readonly [infer a extends Dim, ...infer As extends Shape]
      ? UnifyDim<p, a, S> extends infer R
        ? R extends State
          ? UnifyAxes<Ps, As, R, At>
          : R extends "wait"
            ? UnifyAxes<Ps, As, Wait<S, [p & string, a, At]>, At>
            : R & string
        : never
      : ""
  : A extends readonly []
    ? S
    : "";
/** A split so that the second part is as long as `Tail`. */
type Prefix<A extends Shape, Tail extends Shape, Right extends Shape = []> = Right["length"] extends Tail["length"]
  ? readonly [A, Right]
  : A extends readonly [...infer As extends Shape, infer a extends Dim]
    ? Prefix<As, Tail, [a, ...Right]>
    : never;

// ---------------------------------------------------------------- one tree

/** The state after a parameter tree has met its argument, or the message of the first leaf (in the order of names) that is wrong. */
type UnifyTree<P, A, S extends State, At extends string> =
  IsStatic<P, A> extends true
    ? S
    : P extends AnyTensor
      ? A extends AnyTensor
        ? [A["dtype"]] extends [P["dtype"]]
          ? false extends IsRanked<A["shape"]> | IsRanked<P["shape"]>
            ? S
            : UnifyShape<P["shape"], A["shape"], S, At>
          : `${At}: expected ${ShowDTypes<P["dtype"]>}, got ${ShowDTypes<A["dtype"]>}; write cast(…, "${ShowDTypes<P["dtype"]>}")`
        : `${At}: expected a tensor ${Show<EvaluateShape<P["shape"], S["env"]>>}`
      : P extends readonly unknown[]
        ? A extends readonly unknown[]
          ? A["length"] extends P["length"]
            ? UnifyItems<P, A, S, At>
            : `${At}: expected ${P["length"]} items, got ${number extends A["length"] ? "a list of unknown length" : A["length"]}`
          : `${At}: expected a tuple`
        : P extends object
          ? A extends object
            ? UnifyFields<P, A, S, At, Sorted<keyof P & string>>
            : `${At}: expected an object`
          : P extends number
            ? `${At}: expected a number`
            : `${At}: not what the model takes`;
type UnifyItems<P, A, S extends State, At extends string, Count extends readonly 1[] = []> = P extends readonly [infer p, ...infer Ps]
  ? A extends readonly [infer a, ...infer As]
    ? UnifyTree<p, a, S, `${At}[${Count["length"]}]`> extends infer R
      ? R extends State
        ? UnifyItems<Ps, As, R, At, [...Count, 1]>
        : R
      : never
    : never
  : S;
type UnifyFields<P, A, S extends State, At extends string, Keys> = Keys extends readonly [infer K extends keyof P & string, ...infer Ks]
  ? K extends keyof A
    ? UnifyTree<P[K], A[K], S, `${At}.${K}`> extends infer R
      ? R extends State
        ? UnifyFields<P, A, R, At, Ks>
        : R
      : never
    : `${At}: ${K} is missing`
  : S;
/** Nothing to bind, and assignable as it stands: most of a parameter tree. */
type IsStatic<P, A> = [DimsOf<P>] extends [never] ? ([A] extends [P] ? true : false) : false;

// ---------------------------------------------------------------- a call

/** Which argument is wrong, and how. */
interface Wrong<At extends string, M> {
  readonly at: At;
  readonly message: M;
}
/** The state after all arguments, or what is wrong. */
export type Unify<P extends readonly unknown[], A extends readonly unknown[], E extends Env = object> =
  UnifyArguments<P, A, { readonly env: E; readonly waiting: [] }> extends infer R ? (R extends State ? Settle<R> : R) : never;
type UnifyArguments<P, A, S extends State, Count extends readonly 1[] = []> = P extends readonly [infer p, ...infer Ps]
  ? A extends readonly [infer a, ...infer As]
    ? UnifyTree<p, a, S, `args[${Count["length"]}]`> extends infer R
      ? R extends State
        ? UnifyArguments<Ps, As, R, [...Count, 1]>
        : Wrong<`${Count["length"]}`, R>
      : never
    : S
  : S;

/** Solves what waits, as long as that binds new names. */
type Settle<S extends State> = S["waiting"] extends readonly []
  ? S
  : Retry<S["waiting"], { readonly env: S["env"]; readonly waiting: [] }> extends infer R
    ? R extends State
      ? R["waiting"]["length"] extends S["waiting"]["length"]
        ? R["waiting"] extends readonly [infer W extends Waiting, ...unknown[]]
          ? Wrong<ArgumentOf<W[2]>, `${W[2]}: ${W[0]} is ${ShowDim<W[1]>}, which leaves its sizes open; add a parameter that has them`>
          : never
        : Settle<R>
      : R
    : never;
type Retry<Ws, S extends State> = Ws extends readonly [infer W extends Waiting, ...infer T]
  ? UnifyDim<W[0], W[1], S> extends infer R
    ? R extends State
      ? Retry<T, R>
      : R extends "wait"
        ? Retry<T, Wait<S, W>>
        : Wrong<ArgumentOf<W[2]>, `${W[2]}: expected ${ShowDim<EvaluateDim<W[0], S["env"]>>}, got ${ShowDim<W[1]>} (${R & string})`>
    : never
  : S;
type ArgumentOf<At extends string> = At extends `args[${infer I}]${string}` ? I : never;

/** The arguments' own types, with the message in the place of the one that is wrong. */
export type Check<P extends readonly unknown[], A extends readonly unknown[], E extends Env = object> =
  Unify<P, A, E> extends Wrong<infer At, infer M> ? { [K in keyof A]: K extends At ? M : A[K] } : A["length"] extends P["length"] ? A : P;
/** One argument that fits, or the message. */
export type CheckOne<P, A> = Unify<[P], [A]> extends Wrong<string, infer M> ? M : A;
/** What the names stand for in this call. */
export type EnvOf<P extends readonly unknown[], A extends readonly unknown[], E extends Env = object> =
  Unify<P, A, E> extends { readonly env: infer F extends Env } ? F : object;

/** Every name stands for itself: trees are compared as they are. */
export type Rigid<T> = { [N in NamesOf<T>]: N extends Rest ? [N] : N };
/** A tree like P, name for name, or the message. `At` is what the message calls it. */
export type Match<P, A, At extends string> =
  UnifyTree<P, A, { readonly env: Rigid<P>; readonly waiting: [] }, At> extends infer R ? (R extends string ? R : A) : never;
