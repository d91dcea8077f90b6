/** Signed whole numbers as types: what coefficients of a dim may be. `-3` is a number literal type like any other. */
import type { AtLeast, NatAdd, NatDivide, NatMultiply, NatQuotient, NatSubtract } from "./nat.ts";

type Magnitude<A extends number> = `${A}` extends `-${infer N extends number}` ? N : A;

/** A < 0. */
export type IsNegative<A extends number> = `${A}` extends `-${string}` ? true : false;

/** −A; −0 is 0. */
export type Negate<A extends number> = A extends 0
  ? 0
  : `${A}` extends `-${infer N extends number}`
    ? N
    : `-${A}` extends `${infer N extends number}`
      ? N
      : never;

/** A + B. */
export type Add<A extends number, B extends number> =
  IsNegative<A> extends true
    ? IsNegative<B> extends true
      ? Negate<NatAdd<Magnitude<A>, Magnitude<B>>>
      : Below<B, Magnitude<A>>
    : IsNegative<B> extends true
      ? Below<A, Magnitude<B>>
      : NatAdd<A, B>;

/** A − B for A, B ≥ 0. */
type Below<A extends number, B extends number> = AtLeast<A, B> extends true ? NatSubtract<A, B> : Negate<NatSubtract<B, A>>;

/** A − B. */
export type Subtract<A extends number, B extends number> = Add<A, Negate<B>>;

type Signed<A extends number, B extends number, N extends number> = IsNegative<A> extends IsNegative<B> ? N : Negate<N>;

/** A · B. */
export type Multiply<A extends number, B extends number> = Signed<A, B, NatMultiply<Magnitude<A>, Magnitude<B>>>;

/** A / B where B divides A, else never. */
export type Divide<A extends number, B extends number> =
  NatDivide<Magnitude<A>, Magnitude<B>> extends infer N extends number ? ([N] extends [never] ? never : Signed<A, B, N>) : never;

/** ⌊A / B⌋ for B > 0. */
export type Quotient<A extends number, B extends number> =
  IsNegative<A> extends true ? Subtract<-1, NatQuotient<Magnitude<Add<A, 1>>, B>> : NatQuotient<A, B>;
