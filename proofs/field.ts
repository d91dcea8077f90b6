/** Fields in which a graph can be evaluated without rounding: integers modulo a prime, and dual numbers over them. */

export interface Field<T> {
  /** A whole number, or one with a few binary places. */
  of(x: number): T;
  add(a: T, b: T): T;
  neg(a: T): T;
  mul(a: T, b: T): T;
  /** Throws where there is none. */
  inverse(a: T): T;
  equal(a: T, b: T): boolean;
}

/** The greatest prime below 2²⁶: products of two residues are exact in float64. */
const prime = 67_108_859;

const reduced = (x: number): number => ((x % prime) + prime) % prime;

export const residues: Field<number> = {
  of(x) {
    if (!Number.isFinite(x)) throw new NotRational(`${x}`);
    let [whole, halvings] = [x, 0];
    for (; !Number.isInteger(whole); halvings++) whole *= 2;
    if (!Number.isSafeInteger(whole)) throw new NotRational(`${x}`);
    return reduced(reduced(whole) * power((prime + 1) / 2, halvings));
  },
  add: (a, b) => (a + b) % prime,
  neg: (a) => (prime - a) % prime,
  mul: (a, b) => (a * b) % prime,
  inverse(a) {
    if (a === 0) throw new Pole();
    return power(a, prime - 2);
  },
  equal: (a, b) => a === b,
};

/** Fermat: a^(p−2) is the inverse of a. */
function power(base: number, exponent: number): number {
  let [result, square] = [1, base];
  for (let e = exponent; e > 0; e = Math.floor(e / 2)) {
    if (e % 2 === 1) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

/** a + b·ε with ε² = 0: f(x + t·ε) = f(x) + f′(x)·t·ε. */
export interface Dual {
  readonly value: number;
  readonly tangent: number;
}

const dual = (value: number, tangent: number): Dual => ({ value, tangent });
const z = residues;

export const duals: Field<Dual> = {
  of: (x) => dual(z.of(x), 0),
  add: (a, b) => dual(z.add(a.value, b.value), z.add(a.tangent, b.tangent)),
  neg: (a) => dual(z.neg(a.value), z.neg(a.tangent)),
  mul: (a, b) => dual(z.mul(a.value, b.value), z.add(z.mul(a.value, b.tangent), z.mul(a.tangent, b.value))),
  inverse(a) {
    const inverse = z.inverse(a.value);
    return dual(inverse, z.neg(z.mul(a.tangent, z.mul(inverse, inverse))));
  },
  equal: (a, b) => a.value === b.value && a.tangent === b.tangent,
};

/** What is asked for is no rational function: it has no meaning in a finite field. */
export class NotRational extends Error {
  constructor(what: string) {
    super(`${what} has no meaning modulo a prime`);
  }
}
/** A division by zero: the point has no value. */
class Pole extends Error {}
