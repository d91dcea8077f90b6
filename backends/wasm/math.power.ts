/** aᵇ of four f32 at once, two and two in f64: every case of JavaScript's `**`, none of them a branch. */
import { type Code, type Func, type Local, v128 } from "./assembler.ts";
import { exp2Polynomial, log2Polynomial } from "./math.coefficients.ts";
import { byHalves, polynomial64, two, twoBits } from "./math.polynomial.ts";

/** A logarithm for 0 and ∞ whose product with 0 is 0 and with any other f32 is out of range. */
const VAST = 1e300;
/** Results beyond 2^±200 are 0 or ∞ in f32. */
const LIMIT = 200;

const MANTISSA = 52;
const BIAS = 1023n << 52n;
const SQRT_HALF_BITS = 0x3fe6a09e667f3bcdn;
/** Adding it rounds to an integer, which the lowest bits then hold. */
const TO_INTEGER = 1.5 * 2 ** 52;

export const power = (f: Func, a: Local, b: Local): Code => byHalves(f, [a, b], (x: Local, y: Local) => powerOfTwo(f, x, y));

/** aᵇ = ±2^(b · log₂ |a|) */
function powerOfTwo(f: Func, a: Local, b: Local): Code {
  const { m } = f;
  const magnitude = f.let(v128, m.f64x2.abs(f.get(a)));
  const product = f.let(v128, m.f64x2.mul(f.get(b), log2(f, magnitude)));
  const exponent = f.let(v128, m.f64x2.pmax(m.f64x2.pmin(f.get(product), two(f, LIMIT)), two(f, -LIMIT)));
  const result = f.let(v128, exp2(f, exponent));

  const isInteger = f.let(v128, m.f64x2.eq(m.f64x2.nearest(f.get(b)), f.get(b)));
  const half = f.let(v128, m.f64x2.mul(f.get(b), two(f, 0.5)));
  const isOdd = m.v128.andnot(f.get(isInteger), m.f64x2.eq(m.f64x2.nearest(f.get(half)), f.get(half)));
  const signed = m.v128.or(f.get(result), m.v128.and(m.v128.and(isOdd, two(f, -0)), f.get(a)));
  const finiteNegative = m.v128.and(m.f64x2.lt(f.get(a), two(f, 0)), m.f64x2.gt(f.get(a), two(f, -Infinity)));
  // All bits set are a NaN.
  const real = m.v128.or(signed, m.v128.andnot(finiteNegative, f.get(isInteger)));
  return m.v128.bitselect(two(f, 1), real, m.f64x2.eq(f.get(b), two(f, 0)));
}

/** Of x ≥ 0. A denormal f32 is normal here. */
function log2(f: Func, x: Local): Code {
  const { m } = f;
  const biased = f.let(v128, m.i64x2.shr_u(m.i64x2.add(f.get(x), twoBits(f, BIAS - SQRT_HALF_BITS)), f.int(MANTISSA)));
  const mantissa = m.i64x2.sub(m.i64x2.add(f.get(x), twoBits(f, BIAS)), m.i64x2.shl(f.get(biased), f.int(MANTISSA)));
  const u = f.let(v128, mantissa);
  const s = f.let(v128, m.f64x2.div(m.f64x2.sub(f.get(u), two(f, 1)), m.f64x2.add(f.get(u), two(f, 1))));
  const square = f.let(v128, m.f64x2.mul(f.get(s), f.get(s)));
  // An integer below 2⁵² as the lowest bits of a number that is greater by 2⁵².
  const integer = m.f64x2.sub(m.v128.or(f.get(biased), two(f, 2 ** 52)), two(f, 2 ** 52 + 1023));
  const finite = f.fma64(f.get(s), polynomial64(f, log2Polynomial, square), integer);
  const orInfinite = m.v128.bitselect(two(f, VAST), finite, m.f64x2.eq(f.get(x), two(f, Infinity)));
  const orZero = m.v128.bitselect(two(f, -VAST), orInfinite, m.f64x2.eq(f.get(x), two(f, 0)));
  return m.v128.or(orZero, m.f64x2.ne(f.get(x), f.get(x)));
}

/** Of |x| ≤ 1000, or NaN. */
function exp2(f: Func, x: Local): Code {
  const { m } = f;
  const rounded = f.let(v128, m.f64x2.add(f.get(x), two(f, TO_INTEGER)));
  const fraction = f.let(v128, m.f64x2.sub(f.get(x), m.f64x2.sub(f.get(rounded), two(f, TO_INTEGER))));
  const power = m.i64x2.add(m.i64x2.shl(f.get(rounded), f.int(MANTISSA)), twoBits(f, BIAS));
  return m.f64x2.mul(polynomial64(f, exp2Polynomial, fraction), power);
}
