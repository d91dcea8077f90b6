/**
 * Dims as types: numbers, or canonical strings of integer polynomials over names, so that equal sizes are equal types.
 *
 * Canonical form: monomials `coefficient*a*b` with names sorted and a coefficient of 1 omitted; monomials sorted by their names, the
 * constant last; joined by `+` and `-`. `dsl/dim.ts` keeps the same form at the value level. `number` is unchecked: it meets anything.
 */
import type { Dim, Shape } from "../types.ts";
import type { Add, Divide, IsNegative, Multiply, Negate, Quotient } from "./int.ts";
import type { Before, IsUnion } from "./order.ts";

declare const size: unique symbol;

/**
 * A size that is read from a tensor by `dim(x, axis)`, under the name it has there. Eagerly it is a number, in a model that is being built it
 * is symbolic; so it can be passed where a size or an operand is wanted, and arithmetic on it is a type error.
 */
export interface DimValue<D extends Dim = Dim> {
  readonly [size]: D;
}

/** One monomial: names joined by `*` (`""` for the constant), and a coefficient, never 0. A polynomial lists them in order. */
type Term = readonly [names: string, coefficient: number];
type Polynomial = readonly Term[];

type Constant<N extends number> = N extends 0 ? [] : [["", N]];
/** The polynomial that a dim is, however it was written. */
export type Parse<D> = D extends number ? Constant<D> : D extends string ? ParseSum<Signs<Strip<D>>> : never;

type Strip<S extends string> = S extends `${infer A} ${infer B}` ? Strip<`${A}${B}`> : S;
/** `a-b` as `a+-b`. */
type Signs<S extends string, Out extends string = ""> = S extends `${infer A}-${infer B}` ? Signs<B, `${Out}${A}+-`> : `${Out}${S}`;
type ParseSum<S extends string, Out extends Polynomial = []> = S extends `${infer H}+${infer T}`
  ? ParseSum<T, ParseSigned<H, Out>>
  : ParseSigned<S, Out>;
type ParseSigned<S extends string, Out extends Polynomial> = S extends ""
  ? Out
  : S extends `-${infer T}`
    ? PutTerm<Out, ParseProduct<T, -1>>
    : PutTerm<Out, ParseProduct<S>>;
type ParseProduct<S extends string, C extends number = 1, Names extends string = ""> = S extends `${infer H}*${infer T}`
  ? H extends `${infer N extends number}`
    ? ParseProduct<T, Multiply<C, N>, Names>
    : ParseProduct<T, C, PutName<H, Names>>
  : S extends `${infer N extends number}`
    ? [Names, Multiply<C, N>]
    : [PutName<S, Names>, C];

type PutName<X extends string, Names extends string> = Names extends ""
  ? X
  : Names extends `${infer H}*${infer T}`
    ? Before<X, H> extends true
      ? `${X}*${Names}`
      : `${H}*${PutName<X, T>}`
    : Before<X, Names> extends true
      ? `${X}*${Names}`
      : `${Names}*${X}`;
type JoinNames<A extends string, B extends string> = A extends ""
  ? B
  : A extends `${infer H}*${infer T}`
    ? JoinNames<T, PutName<H, B>>
    : PutName<A, B>;
/** Names without those in Gone, or never where one is missing. */
type DropNames<Names extends string, Gone extends string> = Gone extends ""
  ? Names
  : Gone extends `${infer H}*${infer T}`
    ? DropNames<DropName<Names, H>, T>
    : DropName<Names, Gone>;
type DropName<Names extends string, X extends string, Out extends string = ""> = Names extends X
  ? Out
  : Names extends `${infer H}*${infer T}`
    ? H extends X
      ? Out extends ""
        ? T
        : `${Out}*${T}`
      : DropName<T, X, Out extends "" ? H : `${Out}*${H}`>
    : never;

/** P + T, in order. */
type PutTerm<P extends Polynomial, T extends Term, Out extends Polynomial = []> = T[1] extends 0
  ? [...Out, ...P]
  : P extends readonly [infer H extends Term, ...infer Rest extends Polynomial]
    ? H[0] extends T[0]
      ? Add<H[1], T[1]> extends infer C extends number
        ? C extends 0
          ? [...Out, ...Rest]
          : [...Out, [H[0], C], ...Rest]
        : never
      : Precedes<T[0], H[0]> extends true
        ? [...Out, T, ...P]
        : PutTerm<Rest, T, [...Out, H]>
    : [...Out, T];
type Precedes<A extends string, B extends string> = A extends "" ? false : B extends "" ? true : Before<A, B>;

type AddTerms<P extends Polynomial, Q extends Polynomial> = Q extends readonly [infer H extends Term, ...infer T extends Polynomial]
  ? AddTerms<PutTerm<P, H>, T>
  : P;
type NegateTerms<P extends Polynomial> = ScaleTerms<P, ["", -1]>;
type ScaleTerms<P extends Polynomial, T extends Term, Out extends Polynomial = []> = P extends readonly [
  infer H extends Term,
  ...infer Rest extends Polynomial,
]
  ? ScaleTerms<Rest, T, PutTerm<Out, [JoinNames<H[0], T[0]>, Multiply<H[1], T[1]>]>>
  : Out;
type MultiplyTerms<P extends Polynomial, Q extends Polynomial, Out extends Polynomial = []> = Q extends readonly [
  infer H extends Term,
  ...infer T extends Polynomial,
]
  ? MultiplyTerms<P, T, AddTerms<Out, ScaleTerms<P, H>>>
  : Out;
type DivideTerms<P extends Polynomial, T extends Term, Out extends Polynomial = []> = P extends readonly [
  infer H extends Term,
  ...infer Rest extends Polynomial,
]
  ? [DropNames<H[0], T[0]>, Divide<H[1], T[1]>] extends infer Q extends Term
    ? [Q[0]] extends [never]
      ? never
      : [Q[1]] extends [never]
        ? never
        : DivideTerms<Rest, T, PutTerm<Out, Q>>
    : never
  : Out;

type Print<P extends Polynomial> = P extends readonly []
  ? 0
  : P extends readonly [readonly ["", infer N extends number]]
    ? N
    : PrintTerms<P>;
type PrintTerms<P extends Polynomial, Out extends string = ""> = P extends readonly [infer H extends Term, ...infer T extends Polynomial]
  ? IsNegative<H[1]> extends true
    ? PrintTerms<T, `${Out}-${PrintTerm<H[0], Negate<H[1]>>}`>
    : PrintTerms<T, Out extends "" ? PrintTerm<H[0], H[1]> : `${Out}+${PrintTerm<H[0], H[1]>}`>
  : Out;
type PrintTerm<Names extends string, C extends number> = Names extends "" ? `${C}` : C extends 1 ? Names : `${C}*${Names}`;

type IsUnchecked<A, B> = number extends A ? true : number extends B ? true : false;
type Numbers<A, B> = [A, B] extends [number, number] ? true : false;

/** A dim in canonical form: `"T*B"` is `"B*T"`, `"1+T"` is `"T+1"`, `"T-T"` is 0. */
export type Canonical<D> = D extends `${string}${"*" | "+" | "-" | " "}${string}` ? Print<Parse<D>> : D;
/** A shape in canonical form. */
export type CanonicalShape<S extends Shape> = [Extract<S[number], `${string}${"*" | "+" | "-" | " "}${string}`>] extends [never]
  ? S
  : { -readonly [K in keyof S]: Canonical<S[K]> };

/** A + B. */
export type DimAdd<A, B> =
  IsUnchecked<A, B> extends true
    ? number
    : [A, B] extends [infer a extends number, infer b extends number]
      ? Add<a, b>
      : Print<AddTerms<Parse<A>, Parse<B>>>;
/** A − B. */
export type DimSubtract<A, B> =
  IsUnchecked<A, B> extends true ? number : B extends number ? DimAdd<A, Negate<B>> : Print<AddTerms<Parse<A>, NegateTerms<Parse<B>>>>;
/** A · B. */
export type DimMultiply<A, B> =
  IsUnchecked<A, B> extends true
    ? number
    : [A, B] extends [infer a extends number, infer b extends number]
      ? Multiply<a, b>
      : A extends 1
        ? B
        : B extends 1
          ? A
          : Print<MultiplyTerms<Parse<A>, Parse<B>>>;
/** The exact quotient A / B where B is a number, a monomial, or A itself; else never. */
export type DimDivide<A, B> = B extends 0
  ? never
  : IsUnchecked<A, B> extends true
    ? number
    : [A, B] extends [infer a extends number, infer b extends number]
      ? Divide<a, b>
      : Canonical<A> extends Canonical<B>
        ? 1
        : Parse<B> extends readonly [infer T extends Term]
          ? DivideTerms<Parse<A>, T> extends infer Q extends Polynomial
            ? [Q] extends [never]
              ? never
              : Print<Q>
            : never
          : never;

/** ⌊A / N⌋ for a number N > 0, where that is a dim: N divides every coefficient, so that only the constant is rounded. Else never. */
export type DimQuotient<A, N extends number> =
  IsUnchecked<A, N> extends true
    ? number
    : N extends 1
      ? A
      : A extends number
        ? Quotient<A, N>
        : Parse<A> extends readonly [...infer P extends Polynomial, ["", infer C extends number]]
          ? FloorTerms<P, N, Quotient<C, N>>
          : FloorTerms<Parse<A>, N, 0>;
type FloorTerms<P extends Polynomial, N extends number, C extends number> =
  DivideTerms<P, ["", N]> extends infer Q extends Polynomial ? ([Q] extends [never] ? never : Print<PutTerm<Q, ["", C]>>) : never;

/** The number of elements of a shape; `number` where a dim is unchecked. */
export type Size<S extends Shape, Out = 1> = S extends readonly [infer H, ...infer T extends Shape] ? Size<T, DimMultiply<Out, H>> : Out;

/** A size that stands for several dims, `"...L"`: how many, only the caller knows. */
export type Rest = `...${string}`;

/** The same size? `number` is the same as any one size; a union of sizes is not even the same as itself. */
export type SameDim<A, B> =
  IsUnchecked<A, B> extends true
    ? A extends Rest
      ? false
      : B extends Rest
        ? false
        : true
    : [A] extends [B]
      ? Single<B>
      : Numbers<A, B> extends true
        ? false
        : [Canonical<A>] extends [Canonical<B>]
          ? Single<B>
          : false;
type Single<D> = IsUnion<D> extends true ? false : true;

/** Of two dims that are the same, the one that says more. */
export type MeetDim<A, B> = number extends A ? Canonical<B> : Canonical<A>;
