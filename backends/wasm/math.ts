/**
 * Transcendental functions of four f32 at once, as WebAssembly functions `v128 → v128`. Every value of f32 has its answer: NaN, ±∞, ±0 and
 * denormals too. The bounds hold whether a multiply-add rounds once or twice, so an engine may do either. `pmin(x, c)` and `pmax(x, c)`
 * with the constant second let NaN through, in one instruction.
 */
import type { Assembler, Code, Func, Local } from "./assembler.ts";
import { v128 } from "./assembler.ts";
import { erfcPolynomial, erfPolynomial, expPolynomial, LN2, logPolynomial, tanhPolynomial } from "./math.coefficients.ts";
import { four, fourBits, longPolynomial, polynomial } from "./math.polynomial.ts";
import { power } from "./math.power.ts";
import { sine } from "./math.sine.ts";

/**
 * Above the greatest error over all 2³² values of f32, in units in the last place (`pow`: over 10⁷ random pairs); math.test.ts holds them
 * to it. Where an engine rounds twice, `fma` has the bound of `plain`.
 */
export const ulpBounds = {
  exp: { fma: 0.99, plain: 0.97 },
  log: { fma: 0.88, plain: 0.88 },
  tanh: { fma: 1.34, plain: 1.34 },
  erf: { fma: 1.29, plain: 1.6 },
  sin: { fma: 0.59, plain: 0.59 },
  cos: { fma: 0.59, plain: 0.59 },
  pow: { fma: 0.51, plain: 0.51 },
} as const;

export type VectorFunction = keyof typeof ulpBounds;

/** Each emits its statements into `f` and returns the result. */
export const vectorFunctions: Readonly<Record<Exclude<VectorFunction, "pow">, (f: Func, x: Local) => Code>> = {
  exp,
  log,
  tanh,
  erf,
  sin: (f, x) => sine(f, x, "sin"),
  cos: (f, x) => sine(f, x, "cos"),
};

/** The name of the module's function for `fn`, of one `v128` (`pow`: of two), made when it is first asked for. */
export function mathFunction(asm: Assembler, fn: VectorFunction): string {
  return asm.shared(`math ${fn}`, fn, (name) => {
    if (fn === "pow") asm.func(name, [v128, v128], v128, (f) => f.emit(power(f, f.param(0), f.param(1))));
    else asm.func(name, [v128], v128, (f) => f.emit(vectorFunctions[fn](f, f.param(0))));
  });
}

/** Adding it rounds to an integer n, which the lowest bits then hold. */
const TO_INTEGER = 1.5 * 2 ** 23;
const MANTISSA = 23;
const ONE_BITS = 0x3f800000;

/** Results underflow gradually; where 2ⁿ would be below 2⁻²⁵², both its factors are 0, and no denormal is computed with. */
function exp(f: Func, x: Local): Code {
  const { m } = f;
  const clamped = f.let(v128, m.f32x4.pmax(m.f32x4.pmin(f.get(x), four(f, 89)), four(f, -254 * Math.LN2)));
  const { rounded, fraction } = powerOfE(f, clamped);
  // 2ⁿ is no f32 where the result is denormal, or above 2¹²⁷: so 2^(n >> 1) · 2^(n − (n >> 1)).
  const half = f.let(v128, m.i32x4.shl(m.i32x4.shr_s(f.get(rounded), f.int(1)), f.int(MANTISSA)));
  const rest = m.i32x4.sub(m.i32x4.shl(f.get(rounded), f.int(MANTISSA)), f.get(half));
  const power = (exponent: Code): Code => m.i32x4.add(exponent, fourBits(f, ONE_BITS));
  return m.f32x4.mul(m.f32x4.mul(m.f32x4.add(fraction, four(f, 1)), power(f.get(half))), power(rest));
}

/** eˣ = 2ⁿ · (1 + fraction), |x − n · ln 2| ≤ ln 2 / 2; n is in the lowest bits of `rounded`. */
function powerOfE(f: Func, x: Local): { readonly rounded: Local; readonly fraction: Code } {
  const { m } = f;
  const rounded = f.let(v128, f.fma(f.get(x), four(f, Math.LOG2E), four(f, TO_INTEGER)));
  const n = f.let(v128, m.f32x4.sub(f.get(rounded), four(f, TO_INTEGER)));
  const high = f.let(v128, f.fma(f.get(n), four(f, -LN2.high), f.get(x)));
  const r = f.let(v128, f.fma(f.get(n), four(f, -LN2.low), f.get(high)));
  return { rounded, fraction: f.fma(polynomial(f, expPolynomial, r), m.f32x4.mul(f.get(r), f.get(r)), f.get(r)) };
}

const INFINITY_BITS = 0x7f800000;
const SQRT_HALF_BITS = 0x3f3504f3;
const LEAST_NORMAL = 2 ** -126;

/** log x = k · ln 2 + log(1 + u), where 1 + u = x / 2ᵏ is between √½ and √2. */
function log(f: Func, x: Local): Code {
  const { m } = f;
  const bits = f.let(v128, f.get(x));
  const special = f.let(v128, f.splat(0));
  // Signed and shifted by 2³¹ − 2²³, as this sum is, the bits of all but positive, finite, normal numbers are the greatest.
  const rare = m.i32x4.gt_s(m.i32x4.add(f.get(x), fourBits(f, INFINITY_BITS)), fourBits(f, INFINITY_BITS * 2 - 1));
  f.if(m.v128.any_true(rare), () => {
    // A denormal is scaled up, and its exponent field, as much too great then, brought back: that may go below 0.
    const scaled = m.i32x4.sub(m.f32x4.mul(f.get(x), four(f, 2 ** MANTISSA)), fourBits(f, MANTISSA << MANTISSA));
    f.set(bits, m.v128.bitselect(scaled, f.get(x), m.f32x4.lt(f.get(x), four(f, LEAST_NORMAL))));
    const positive = m.v128.and(f.get(x), m.f32x4.eq(f.get(x), fourBits(f, INFINITY_BITS)));
    const others = m.v128.bitselect(four(f, -Infinity), four(f, NaN), m.f32x4.eq(f.get(x), f.splat(0)));
    f.set(special, m.v128.bitselect(positive, others, m.f32x4.gt(f.get(x), f.splat(0))));
  });
  const exponent = f.let(v128, m.i32x4.shr_s(m.i32x4.sub(f.get(bits), fourBits(f, SQRT_HALF_BITS)), f.int(MANTISSA)));
  const mantissa = m.i32x4.sub(f.get(bits), m.i32x4.shl(f.get(exponent), f.int(MANTISSA)));
  const u = f.let(v128, m.f32x4.sub(mantissa, four(f, 1)));
  const k = f.let(v128, m.f32x4.convert_i32x4_s(f.get(exponent)));
  const square = f.let(v128, m.f32x4.mul(f.get(u), f.get(u)));
  // What rounding takes from k · ln 2 + u, the small terms give back.
  const sum = f.let(v128, f.fma(f.get(k), four(f, LN2.high), f.get(u)));
  const lost = m.f32x4.sub(f.get(u), f.fma(f.get(k), four(f, -LN2.high), f.get(sum)));
  const small = f.fma(f.get(k), four(f, LN2.low), m.f32x4.add(lost, f.get(special)));
  const cubic = f.fma(longPolynomial(f, logPolynomial, u), m.f32x4.mul(f.get(square), f.get(u)), small);
  return m.f32x4.add(f.get(sum), f.fma(f.get(square), four(f, -0.5), cubic));
}

/** Of a = |x|: a + a³ · p(a²) where that is near 0, 1 − 2 / (e²ᵃ + 1) elsewhere. */
function tanh(f: Func, x: Local): Code {
  const { m } = f;
  const a = f.let(v128, m.f32x4.abs(f.get(x)));
  const square = f.let(v128, m.f32x4.mul(f.get(a), f.get(a)));
  const p = polynomial(f, tanhPolynomial, square);
  const near = f.let(v128, f.fma(m.f32x4.mul(p, f.get(square)), f.get(a), f.get(a)));
  const bounded = f.let(v128, m.f32x4.pmin(f.get(a), four(f, 10)));
  const twice = f.let(v128, m.f32x4.add(f.get(bounded), f.get(bounded)));
  const { rounded, fraction } = powerOfE(f, twice);
  const power = m.i32x4.add(m.i32x4.shl(f.get(rounded), f.int(MANTISSA)), fourBits(f, ONE_BITS));
  const sum = f.fma(m.f32x4.add(fraction, four(f, 1)), power, four(f, 1));
  const far = m.f32x4.sub(four(f, 1), m.f32x4.div(four(f, 2), sum));
  return withSign(f, x, m.v128.bitselect(f.get(near), far, m.f32x4.lt(f.get(a), four(f, tanhPolynomial.interval[1]))));
}

/** Of a = |x|: a + a · p(a²) where that is near 0, 1 − q(a − 2.5) elsewhere. */
function erf(f: Func, x: Local): Code {
  const { m } = f;
  const a = f.let(v128, m.f32x4.abs(f.get(x)));
  const square = f.let(v128, m.f32x4.mul(f.get(a), f.get(a)));
  const near = f.let(v128, f.fma(polynomial(f, erfPolynomial, square), f.get(a), f.get(a)));
  const [from, to] = erfcPolynomial.interval;
  const centred = f.let(v128, m.f32x4.sub(m.f32x4.pmin(f.get(a), four(f, to)), four(f, 2.5)));
  const far = m.f32x4.sub(four(f, 1), longPolynomial(f, erfcPolynomial, centred));
  return withSign(f, x, m.v128.bitselect(f.get(near), far, m.f32x4.lt(f.get(a), four(f, from))));
}

/** A magnitude with the sign of x, that of −0 too. */
function withSign(f: Func, x: Local, magnitude: Code): Code {
  return f.m.v128.or(magnitude, f.m.v128.and(f.get(x), four(f, -0)));
}
