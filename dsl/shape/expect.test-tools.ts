/** Assertions about types, for the type tests: `Expect<Equal<A, B>>` does not compile where it does not hold. */

/** The same type, to the letter: `any`, `never`, unions and `readonly` included. */
export type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
export type Expect<True extends true> = True;
