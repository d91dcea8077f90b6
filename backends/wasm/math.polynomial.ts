/** Constants and polynomials of several numbers at once. */
import { type Code, type Func, type Local, v128 } from "./assembler.ts";
import type { Polynomial } from "./math.coefficients.ts";

/** Four equal f32. */
export const four = (f: Func, value: number): Code =>
  f.asm.constant(`four_${value}`, new Uint8Array(new Float32Array(4).fill(value).buffer));
/** Four equal i32, or f32 by their bits. */
export const fourBits = (f: Func, bits: number): Code =>
  f.asm.constant(`bits_${bits}`, new Uint8Array(new Int32Array(4).fill(bits).buffer));
/** Two equal f64. */
export const two = (f: Func, value: number): Code => f.asm.constant(`two_${value}`, new Uint8Array(new Float64Array(2).fill(value).buffer));

/** Two equal i64, or f64 by their bits. */
export const twoBits = (f: Func, bits: bigint): Code =>
  f.asm.constant(`bits_${bits}`, new Uint8Array(new BigInt64Array(2).fill(bits).buffer));

/** c₀ + c₁ x + c₂ x² + … of four f32, by Horner's rule. */
export const polynomial = (f: Func, { coefficients }: Pick<Polynomial, "coefficients">, x: Local): Code =>
  coefficients.map((c) => four(f, c)).reduceRight((sum, c) => f.fma(sum, f.get(x), c));

/** The same in half the time where there are many: even and odd powers apart. For |x| > 1 their sum may cancel. */
export function longPolynomial(f: Func, { coefficients }: Polynomial, x: Local): Code {
  const square = f.let(v128, f.m.f32x4.mul(f.get(x), f.get(x)));
  const even = coefficients.filter((_, k) => k % 2 === 0);
  const odd = coefficients.filter((_, k) => k % 2 === 1);
  return f.fma(polynomial(f, { coefficients: odd }, square), f.get(x), polynomial(f, { coefficients: even }, square));
}

/** `polynomial` of two f64. */
export const polynomial64 = (f: Func, { coefficients }: Polynomial, x: Local): Code =>
  coefficients.map((c) => two(f, c)).reduceRight((sum, c) => f.fma64(sum, f.get(x), c));

/** `make` of the lower two and of the upper two of four f32, computed in f64. */
export function byHalves(f: Func, xs: readonly Local[], make: (...xs: readonly Local[]) => Code): Code {
  const { m } = f;
  const upper = (x: Local): Code => m.i8x16.shuffle(f.get(x), f.get(x), [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15]);
  const of = (half: (x: Local) => Code): Code =>
    m.f32x4.demote_f64x2_zero(make(...xs.map((x) => f.let(v128, m.f64x2.promote_low_f32x4(half(x))))));
  return m.i8x16.shuffle(of(f.get.bind(f)), of(upper), [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23]);
}
