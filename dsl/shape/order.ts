/**
 * Order among strings, so that nothing here depends on the order in which a compiler lists a union: TypeScript 6 and 7 differ in it.
 */

type Ascii = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

/** A < B in ASCII order; a prefix comes first. What `A < B` is in JavaScript. */
export type Before<A extends string, B extends string> = A extends `${infer a}${infer As}`
  ? B extends `${infer b}${infer Bs}`
    ? a extends b
      ? Before<As, Bs>
      : Ascii extends `${string}${a}${infer After}`
        ? After extends `${string}${b}${string}`
          ? true
          : false
        : false
    : false
  : B extends ""
    ? false
    : true;

/** More than one member? `boolean` is: true | false. */
export type IsUnion<U, All = U> = [U] extends [never] ? false : U extends All ? ([All] extends [U] ? false : true) : never;

type Both<U> = (U extends unknown ? (x: U) => void : never) extends (x: infer I) => void ? I : never;
/** Some member of U. */
type One<U> = Both<U extends unknown ? () => U : never> extends () => infer L ? L : never;

type Insert<X extends string, Into extends readonly string[], Out extends readonly string[] = []> = Into extends [
  infer H extends string,
  ...infer T extends readonly string[],
]
  ? Before<X, H> extends true
    ? [...Out, X, ...Into]
    : Insert<X, T, [...Out, H]>
  : [...Out, X];

/** The members of a union of strings, in order. */
export type Sorted<U, Out extends readonly string[] = []> = [U] extends [never]
  ? Out
  : One<U> extends infer X extends string
    ? Sorted<Exclude<U, X>, Insert<X, Out>>
    : never;

/** `"a" | "b"` as `"a|b"`. */
export type Join<Parts extends readonly string[], Separator extends string, Out extends string = ""> = Parts extends readonly [
  infer H extends string,
  ...infer T extends readonly string[],
]
  ? Join<T, Separator, Out extends "" ? H : `${Out}${Separator}${H}`>
  : Out;
