/** Sizes as a person may write them: sums of products of names and whole numbers, with spaces where they help. What `canonicalDim` takes. */
import type { Dim } from "../types.ts";
import type { Canonical } from "./dim.ts";

type Characters<S extends string> = S extends `${infer H}${infer T}` ? H | Characters<T> : never;
type Digit = Characters<"0123456789">;
type Letter = Characters<"abcdefghijklmnopqrstuvwxyz_$">;

/** A sum of products. Most are one name. */
export type IsWritten<D extends string> = IsName<D> extends true ? true : IsTerms<Terms<D>>;
/** Below 0 whatever the names stand for: `"-B"`. */
export type IsNever<D extends string> = `${Canonical<D> & Dim}` extends `-${infer T}`
  ? T extends `${string}+${string}`
    ? false
    : true
  : false;

/** `a - b` as `a+-b`. */
type Terms<S extends string, Out extends string = ""> = S extends `${infer A} ${infer B}`
  ? Terms<`${A}${B}`>
  : S extends `${infer A}-${infer B}`
    ? Terms<B, `${Out}${A}+-`>
    : `${Out}${S}`;
/** The first may be empty: that is a sign in front. */
type IsTerms<S extends string> = S extends `+${infer T}` ? AreTerms<T> : AreTerms<S>;
type AreTerms<S extends string> = S extends `${infer H}+${infer T}` ? (IsTerm<H> extends true ? AreTerms<T> : false) : IsTerm<S>;
type IsTerm<S extends string> = S extends `-${infer T}` ? IsProduct<T> : IsProduct<S>;
type IsProduct<S extends string> = S extends `${infer H}*${infer T}` ? (IsFactor<H> extends true ? IsProduct<T> : false) : IsFactor<S>;
type IsFactor<S extends string> = S extends `${Digit}${infer T}` ? IsAll<T, Digit> : IsName<S>;
type IsName<S extends string> = S extends `${infer H}${infer T}`
  ? Lowercase<H> extends Letter
    ? IsAll<Lowercase<T>, Letter | Digit>
    : false
  : false;
type IsAll<S extends string, C extends string> = S extends `${infer H}${infer T}` ? (H extends C ? IsAll<T, C> : false) : true;
