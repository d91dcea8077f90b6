/** Scalar ops once more: floats by JavaScript's own `Math`, integers by BigInt and a wrap to 32 bits. */
import type { DType } from "../dsl/types.ts";
import { type Tolerance, tolerance } from "./tolerance.ts";

interface ScalarOracle {
  readonly float?: (...x: number[]) => number;
  readonly int?: (...x: number[]) => number;
  readonly bool?: (...x: number[]) => number;
  /** The result is a truth value. */
  readonly test?: boolean;
  /** Equal to the last bit if none is given. */
  readonly tolerance?: (dtype: DType) => Tolerance;
}

type TwoInts = (a: bigint, b: bigint) => bigint;
const wrapped =
  (f: TwoInts) =>
  (a = 0, b = 0): number =>
    Number(BigInt.asIntN(32, f(BigInt(a), BigInt(b))));

const comparison = (f: (a: number, b: number) => boolean): ScalarOracle => {
  const test = (a = 0, b = 0): number => Number(f(a, b));
  return { float: test, int: test, bool: test, test: true };
};
const logic = (f: (a: boolean, b: boolean) => boolean): ScalarOracle => ({ bool: (a, b) => Number(f(a === 1, b === 1)), test: true });

/** 2/√π · ∫₀ˣ e^(−t²) dt by Simpson's rule on 2000 steps, whose error is below 1e-13. */
function erf(x = 0): number {
  const end = Math.max(-6, Math.min(6, x));
  const n = 2000;
  const f = (k: number): number => Math.exp(-(((end * k) / n) ** 2));
  let total = 0;
  for (let k = 0; k < n; k += 2) total += f(k) + 4 * f(k + 1) + f(k + 2);
  return ((2 / Math.sqrt(Math.PI)) * end * total) / (3 * n);
}

export const scalarOracles: Readonly<Record<string, ScalarOracle>> = {
  add: { float: (a = 0, b = 0) => a + b, int: wrapped((a, b) => a + b) },
  subtract: { float: (a = 0, b = 0) => a - b, int: wrapped((a, b) => a - b) },
  multiply: { float: (a = 0, b = 0) => a * b, int: wrapped((a, b) => a * b) },
  strong_multiply: { float: (a = 0, b = 0) => (a === 0 ? 0 : a * b) },
  divide: { float: (a = 0, b = 0) => a / b, int: wrapped((a, b) => (b === 0n ? 0n : a / b)) },
  negate: { float: (a = 0) => 0 - a, int: wrapped((a) => -a) },
  exponential: { float: Math.exp },
  log: { float: Math.log },
  sqrt: { float: Math.sqrt },
  sine: { float: Math.sin },
  cosine: { float: Math.cos },
  tanh: { float: Math.tanh },
  erf: { float: erf, tolerance: (dtype) => (dtype === "f64" ? { relative: 1e-12, absolute: 0 } : tolerance.f32) },
  abs: { float: (a = 0) => (a < 0 ? -a : a), int: wrapped((a) => (a < 0n ? -a : a)) },
  maximum: { float: (a = 0, b = 0) => (a > b || Number.isNaN(a) ? a : b), int: wrapped((a, b) => (a > b ? a : b)) },
  minimum: { float: (a = 0, b = 0) => (a < b || Number.isNaN(a) ? a : b), int: wrapped((a, b) => (a < b ? a : b)) },
  power: { float: Math.pow },
  equal: comparison((a, b) => a === b),
  less: comparison((a, b) => a < b),
  less_equal: comparison((a, b) => a <= b),
  and: logic((a, b) => a && b),
  or: logic((a, b) => a || b),
  not: logic((a) => !a),
  shift_right_logical: { int: (a = 0, b = 0) => Math.floor((a >>> 0) / 2 ** b) | 0 },
};
