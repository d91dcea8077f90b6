/** Sine and cosine of four f32 at once, two and two in f64: there the reduction of any f32 up to 2²⁵ is exact enough. */
import { type Code, type Func, f64, type Local, v128 } from "./assembler.ts";
import { PI, sinPolynomial } from "./math.coefficients.ts";
import { byHalves, four, polynomial64, two } from "./math.polynomial.ts";

/** Beyond it, lane by lane: the import reduces with as many digits of π as it takes. */
const FAR = 2 ** 25;

/** Adding it rounds to an integer, whose parity is then the lowest bit. */
const TO_INTEGER = 1.5 * 2 ** 52;

export function sine(f: Func, x: Local, fn: "sin" | "cos"): Code {
  const { m } = f;
  const y = f.let(
    v128,
    byHalves(f, [x], (half: Local) => sineOfTwo(f, half, fn)),
  );
  const far = f.let(v128, m.f32x4.gt(m.f32x4.abs(f.get(x)), four(f, FAR)));
  f.if(m.v128.any_true(f.get(far)), () => f.set(y, m.v128.bitselect(byLane(f, x, fn), f.get(y), f.get(far))));
  return f.get(y);
}

/** sin x = (−1)ⁿ sin(x − nπ), cos x = (−1)ⁿ⁺¹ sin(x − (n + ½)π), where n makes the angle at most a right one. NaN passes through. */
function sineOfTwo(f: Func, x: Local, fn: "sin" | "cos"): Code {
  const { m } = f;
  const offset = fn === "sin" ? 0 : 0.5;
  // An odd constant turns n's parity around.
  const integer = TO_INTEGER + 2 * offset;
  const turns = f.fma64(f.get(x), two(f, 1 / Math.PI), two(f, fn === "sin" ? integer : -offset));
  const rounded = f.let(v128, fn === "sin" ? turns : m.f64x2.add(turns, two(f, integer)));
  const n = m.f64x2.sub(f.get(rounded), two(f, integer));
  const k = f.let(v128, fn === "sin" ? n : m.f64x2.add(n, two(f, offset)));
  const near = f.let(v128, f.fma64(f.get(k), two(f, -PI.high), f.get(x)));
  const r = f.let(v128, f.fma64(f.get(k), two(f, -PI.low), f.get(near)));
  const square = f.let(v128, m.f64x2.mul(f.get(r), f.get(r)));
  const sign = m.i64x2.shl(f.get(rounded), f.int(63));
  return m.v128.xor(m.f64x2.mul(f.get(r), polynomial64(f, sinPolynomial, square)), sign);
}

function byLane(f: Func, x: Local, fn: string): Code {
  const { m } = f;
  const one = (lane: number): Code => {
    const argument = m.f64.promote(m.f32x4.extract_lane(f.get(x), lane));
    return m.f32.demote(m.call(f.asm.core(fn, 1), [argument], f64));
  };
  return [1, 2, 3].reduce((all, lane) => m.f32x4.replace_lane(all, lane, one(lane)), m.f32x4.splat(one(0)));
}
