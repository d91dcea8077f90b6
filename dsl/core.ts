/**
 * Core functions: everything a scalar expression may compute. Their meaning is given here, once, on JavaScript numbers; a backend spells
 * each (`satisfies Record<CoreFn, Spelling>`), so that a new one stops the build until it is spelled everywhere. Integers are 32-bit and wrap.
 * `equal less lessEqual max min toFloat toBool` serve several dtypes: their operands tell which.
 */
export const core = {
  add: (a: number, b: number): number => a + b,
  sub: (a: number, b: number): number => a - b,
  mul: (a: number, b: number): number => a * b,
  div: (a: number, b: number): number => a / b,
  neg: (a: number): number => -a,
  exp: Math.exp,
  log: Math.log,
  sqrt: Math.sqrt,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  erf,
  abs: Math.abs,
  /** NaN if either is. */
  max: (a: number, b: number): number => Math.max(a, b),
  min: (a: number, b: number): number => Math.min(a, b),
  pow: (a: number, b: number): number => a ** b,
  equal: (a: number, b: number): number => +(a === b),
  less: (a: number, b: number): number => +(a < b),
  lessEqual: (a: number, b: number): number => +(a <= b),
  and: (a: number, b: number): number => +(a !== 0 && b !== 0),
  or: (a: number, b: number): number => +(a !== 0 || b !== 0),
  not: (a: number): number => +(a === 0),
  addInt: (a: number, b: number): number => (a + b) | 0,
  subInt: (a: number, b: number): number => (a - b) | 0,
  mulInt: (a: number, b: number): number => Math.imul(a, b),
  negInt: (a: number): number => -a | 0,
  absInt: (a: number): number => Math.abs(a) | 0,
  /** Quotient rounded toward zero; x / 0 is 0. */
  divInt,
  /** Remainder with the dividend's sign; x % 0 is 0. */
  remInt,
  xor: (a: number, b: number): number => a ^ b,
  shiftLeft: (a: number, b: number): number => a << b,
  /** Logical: zeros come in from the left. */
  shiftRight: (a: number, b: number): number => (a >>> b) | 0,
  /** Rounds toward zero; saturates; NaN is 0. */
  toInt,
  /** To a float from i32 or bool. */
  toFloat: (a: number): number => a,
  toBool: (a: number): number => +(a !== 0),
} as const;

export type CoreFn = keyof typeof core;

export function divInt(a: number, b: number): number {
  return b === 0 ? 0 : (a / b) | 0;
}
export function remInt(a: number, b: number): number {
  return b === 0 ? 0 : (a % b) | 0;
}
export function toInt(a: number): number {
  return a >= 2147483647 ? 2147483647 : a <= -2147483648 ? -2147483648 : a | 0;
}

/**
 * The error function, |relative error| < 1e-15.
 * Maclaurin series for |x| < 2, the continued fraction of erfc beyond (Abramowitz & Stegun 7.1.5, 7.1.14).
 */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (!(a <= 6)) return Number.NaN;
  if (a < 2) {
    let term = a;
    let sum = a;
    for (let n = 1; Math.abs(term) > 1e-17 * sum; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * sum * (2 / Math.sqrt(Math.PI));
  }
  let tail = 0;
  for (let n = 60; n > 0; n--) tail = n / 2 / (a + tail);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + tail)));
}
