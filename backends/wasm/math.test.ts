/** The functions against Math in float64: every exponent, the special values, and all neighbours where something changes. */
import { describe, expect, test, vi } from "vitest";
import { core } from "../../dsl/core.ts";
import { Assembler, type Code, i32, none, v128 } from "./assembler.ts";
import {
  erfcPolynomial,
  erfPolynomial,
  exp2Polynomial,
  expPolynomial,
  log2Polynomial,
  logPolynomial,
  type Polynomial,
  sinPolynomial,
  tanhPolynomial,
} from "./math.coefficients.ts";
import { mathFunction, ulpBounds, type VectorFunction, vectorFunctions } from "./math.ts";

const unary = Object.keys(vectorFunctions) as (keyof typeof vectorFunctions)[];
const variants = ["fma", "plain"] as const;
const CAPACITY = 2 ** 20;
const { NaN: nan, POSITIVE_INFINITY: inf } = Number;
const greatest = 2 ** 128 - 2 ** 104;
const [leastNormal, leastDenormal] = [2 ** -126, 2 ** -149];

type Mapped = Record<VectorFunction, (bytes: number) => void> & { readonly memory: WebAssembly.Memory };

function mapped(fma: boolean): Mapped {
  const asm = new Assembler({ fma });
  asm.m.setMemory((CAPACITY * 12) / 65536, -1, "memory");
  for (const fn of [...unary, "pow"] as const) {
    const name = mathFunction(asm, fn);
    asm.func(`map_${fn}`, [i32], none, (f) => {
      const { m } = f;
      const i = f.let(i32, f.int(0));
      const operand = (k: number): Code => m.v128.load(k * CAPACITY * 4, 16, f.get(i));
      const result = (): Code => m.call(name, fn === "pow" ? [operand(0), operand(1)] : [operand(0)], v128);
      f.loop(i, f.param(0), 16, () => f.emit(m.v128.store(2 * CAPACITY * 4, 16, f.get(i), result())));
    });
    asm.m.addFunctionExport(`map_${fn}`, fn);
  }
  expect(asm.m.validate()).toBe(1);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(Uint8Array.from(asm.m.emitBinary())), { core });
  asm.m.dispose();
  return exports as unknown as Mapped;
}
const modules = { fma: mapped(true), plain: mapped(false) };

function apply(variant: keyof typeof modules, fn: VectorFunction, ...operands: readonly Float32Array[]): Float32Array {
  const { memory, [fn]: map } = modules[variant];
  const all = new Float32Array(memory.buffer);
  for (const [k, x] of operands.entries()) all.set(x, k * CAPACITY);
  const { length } = operands[0]!;
  map(Math.ceil(length / 4) * 16);
  return all.slice(2 * CAPACITY, 2 * CAPACITY + length);
}

const f32 = new Float32Array(1);
const bits = new Uint32Array(f32.buffer);
/** |y − exact| in units in the last place of f32 there; 2¹²⁸ stands for infinity. */
function ulps(y: number, exact: number): number {
  if (Number.isNaN(exact) || Math.abs(exact) === inf || exact === 0) return Object.is(y, exact) ? 0 : inf;
  f32[0] = Math.min(Math.abs(exact), greatest);
  const exponent = Math.max(1, bits[0]! >>> 23) - 150;
  const clamp = (v: number): number => Math.max(-(2 ** 128), Math.min(2 ** 128, v));
  return Number.isNaN(y) ? inf : Math.abs(clamp(y) - clamp(exact)) / 2 ** exponent;
}

/** The greatest error, and the operands that it is at. */
function worst(fn: VectorFunction, y: Float32Array, ...[a, b = new Float32Array()]: readonly [Float32Array, Float32Array?]) {
  const exact: (a: number, b: number) => number = core[fn];
  let found = { ulps: 0, at: [] as number[] };
  for (let i = 0; i < y.length; i++) {
    const wanted = exact(a[i]!, b[i]!);
    if (y[i] === Math.fround(wanted) && wanted !== 0) continue;
    const error = ulps(y[i]!, wanted);
    if (error > found.ulps) found = { ulps: error, at: [a[i]!, b[i]!] };
  }
  return found;
}

/** `count` neighbours, upwards in magnitude from `from`. */
function neighbours(from: number, count: number): Float32Array {
  const x = new Float32Array(count).fill(from);
  new Uint32Array(x.buffer).forEach((bits, i, all) => {
    all[i] = bits + i;
  });
  return x;
}

/** Every 8191st of the 2³² values, so a thousand of each exponent and sign; `CT_STRIDE=1`, given an hour, takes all. */
const STRIDE = Number(process.env.CT_STRIDE ?? 8191);
if (STRIDE < 8191) vi.setConfig({ testTimeout: 7.2e6 });
function* everywhere(): Generator<Float32Array> {
  for (let from = 0; from < 2 ** 32; from += STRIDE * CAPACITY) {
    const count = Math.min(CAPACITY, Math.ceil((2 ** 32 - from) / STRIDE));
    yield new Float32Array(Uint32Array.from({ length: count }, (_, i) => from + i * STRIDE).buffer);
  }
}

/** Where a function changes its way, saturates, overflows, or crosses 0. */
const interesting: Record<keyof typeof vectorFunctions, readonly number[]> = {
  exp: [88.72, -87.33, -103.96, 0.3465, -0.3465, -5.869, -59.913, -176.05, 89],
  log: [0.999, 1, Math.SQRT1_2 - 1e-4, Math.SQRT2 - 1e-4, 2 ** -126, 0.6992],
  tanh: [0.6249, 0.6282, 9.01, 10, 1e-4],
  erf: [1.1187, 1.0953, 3.919, 3.999, 1e-4],
  sin: [Math.PI - 1e-4, 1.5707, 355, 33554431, 1e-4, 6.2831],
  cos: [1.5707, 4.7123, 355, 33554431, 1e-4, 11.5 * Math.PI],
};

/** `of` these, the function `is` those. */
const specials: Record<keyof typeof vectorFunctions, { readonly of: readonly number[]; readonly is: readonly number[] }> = {
  exp: { of: [0, -0, inf, -inf, nan, leastDenormal, -leastDenormal, greatest, -greatest], is: [1, 1, inf, 0, nan, 1, 1, inf, 0] },
  log: { of: [0, -0, 1, inf, -inf, -1, -leastDenormal, nan], is: [-inf, -inf, 0, inf, nan, nan, nan, nan] },
  tanh: { of: [0, -0, inf, -inf, nan, leastDenormal, -greatest], is: [0, -0, 1, -1, nan, leastDenormal, -1] },
  erf: { of: [0, -0, inf, -inf, nan, leastDenormal, -greatest], is: [0, -0, 1, -1, nan, leastDenormal, -1] },
  sin: { of: [0, -0, inf, -inf, nan, leastDenormal, -leastNormal], is: [0, -0, nan, nan, nan, leastDenormal, -leastNormal] },
  cos: { of: [0, -0, inf, -inf, nan, leastDenormal, -leastNormal], is: [1, 1, nan, nan, nan, 1, 1] },
};

describe.each(unary)("%s", (fn) => {
  test.each(variants)("keeps its bound (%s)", (variant) => {
    const check = (x: Float32Array): void => {
      const found = worst(fn, apply(variant, fn, x), x);
      expect(found.ulps, `${fn}(${found.at})`).toBeLessThanOrEqual(ulpBounds[fn][variant]);
    };
    for (const from of interesting[fn]) check(neighbours(from, 2 ** 14));
    for (const x of everywhere()) check(x);
  });

  test.each(variants)("special values (%s)", (variant) => {
    const y = apply(variant, fn, Float32Array.from(specials[fn].of));
    expect([...y]).toEqual(specials[fn].is);
  });

  test.each(variants)("a lane does not depend on its neighbours (%s)", (variant) => {
    const x = Float32Array.of(0.7, -0, 1e-40, 1e30, 2.5, nan, inf, -1.25);
    const alone = Array.from(x, (each) => apply(variant, fn, new Float32Array(4).fill(each))[3]);
    expect([...apply(variant, fn, x)]).toEqual(alone);
  });
});

describe("pow", () => {
  const check = (variant: (typeof variants)[number], a: Float32Array, b: Float32Array): void => {
    const found = worst("pow", apply(variant, "pow", a, b), a, b);
    expect(found.ulps, `pow(${found.at})`).toBeLessThanOrEqual(ulpBounds.pow[variant]);
  };

  test.each(variants)("keeps its bound where the result is in range (%s)", (variant) => {
    for (const x of everywhere()) {
      const a = x.map(Math.abs);
      // From −150 to 150, the exponent of the result.
      const b = a.map((base, i) => (((i * 0.6180339887498949) % 1) * 300 - 150) / Math.log2(base));
      check(variant, a, b);
      check(
        variant,
        a,
        a.map((_, i) => (i % 17) / 2 - 4),
      );
      check(
        variant,
        x,
        x.map((_, i) => (i % 17) - 8),
      );
    }
  });

  test.each(variants)("is JavaScript's of any two special values (%s)", (variant) => {
    const some = [0, leastDenormal, leastNormal, 0.5, 1 - 2 ** -24, 1, 1 + 2 ** -23, 1.5, 2, 3, 16777215, 16777216, greatest, inf];
    const values = [...some, ...some.map((x) => -x), nan];
    const [a, b] = [values.flatMap((x) => values.map(() => x)), values.flatMap(() => values)];
    check(variant, Float32Array.from(a), Float32Array.from(b));
  });
});

test.each(variants)("tanh, erf, sin and cos stay within −1 and 1 (%s)", (variant) => {
  for (const fn of ["tanh", "erf", "sin", "cos"] as const)
    for (const x of everywhere()) expect(apply(variant, fn, x).filter((y) => Math.abs(y) > 1)).toEqual(Float32Array.of());
});

describe("coefficients are as good as they say", () => {
  const at = ({ coefficients }: Polynomial, x: number): number => coefficients.reduceRight((sum, c) => sum * x + c);
  const relative = (f: (x: number) => number, p: (x: number) => number) => (x: number) => (x === 0 ? 0 : p(x) / f(x) - 1);
  test.each<[string, Polynomial, (x: number) => number]>([
    ["exp", expPolynomial, relative(Math.exp, (r) => 1 + r + r * r * at(expPolynomial, r))],
    ["log", logPolynomial, relative(Math.log1p, (u) => u - (u * u) / 2 + u ** 3 * at(logPolynomial, u))],
    ["tanh", tanhPolynomial, relative(Math.tanh, (a) => a + a ** 3 * at(tanhPolynomial, a * a))],
    ["erf", erfPolynomial, relative(core.erf, (a) => a + a * at(erfPolynomial, a * a))],
    ["erfc", erfcPolynomial, (a) => 1 - core.erf(a) - at(erfcPolynomial, a - 2.5)],
    [
      "log2",
      log2Polynomial,
      relative(
        (s) => 2 * Math.LOG2E * Math.atanh(s),
        (s) => s * at(log2Polynomial, s * s),
      ),
    ],
    [
      "exp2",
      exp2Polynomial,
      relative(
        (f) => 2 ** f,
        (f) => at(exp2Polynomial, f),
      ),
    ],
    ["sin", sinPolynomial, relative(Math.sin, (r) => r * at(sinPolynomial, r * r))],
  ])("%s", (_, { interval: [from, to], error }, difference) => {
    const steps = 2000;
    const errors = Array.from({ length: steps + 1 }, (_, i) => Math.abs(difference(from + ((to - from) * i) / steps)));
    expect(Math.max(...errors)).toBeLessThan(error);
    expect(Math.max(...errors)).toBeGreaterThan(error / 1.2);
  });
});
