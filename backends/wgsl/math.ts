/**
 * Transcendental functions of f32, in WGSL, of one element or of four. A device's own may be wrong from the fourth digit on. Every value of
 * f32 has its answer: NaN, ±∞ and ±0 too; denormals, where the device has them. Drivers may put sums in another order, and `fma` may round
 * once or twice: what must be exact goes through `fma`, with factors of so few bits that their product is.
 */
import {
  erfcPolynomial,
  erfPolynomial,
  expPolynomial,
  LN2,
  log2Polynomial,
  logPolynomial,
  type Polynomial,
  sinPolynomial,
  tanhPolynomial,
} from "../wasm/math.coefficients.ts";
import { literal } from "./code.ts";
import type { Types, Written } from "./functions.ts";

const number = (x: number): string => literal(x, "f32").text;

/** p = c₀ + c₁ x + c₂ x² + … by Horner's rule. */
function polynomial(p: string, { coefficients }: Pick<Polynomial, "coefficients">, x: string, { c }: Types): string {
  const [highest, ...rest] = coefficients.toReversed();
  return [`var ${p} = ${c(highest as number)};`, ...rest.map((value) => `${p} = fma(${p}, ${x}, ${c(value)});`)].join("\n  ");
}

/** π/2 in four parts: products of the first three with integers below 2¹⁵ are exact. */
const HALF_PI = [1.5703125, 4.8351287841796875e-4, 3.1385570764541626e-7, 6.0771005e-11] as const;
/** Up to here π/2 in parts will do. */
const NEAR = 40000;
/** 2/π after the point, 32 bits a word. */
const TWO_OVER_PI = ["a2f9836e", "4e441529", "fc2757d1", "f534ddc0", "db629599", "3c439041", "fe5163ab"] as const;
/** The first 11 bits of 2/ln 2. */
const LOG2_HIGH = 2.884765625;

/** What m is beside, if not 1, where its logarithm is taken. */
const BELOW = 13 / 16;
const ABOVE = 5 / 4;
interface Parts {
  readonly high: number;
  readonly low: number;
}
/** The first of few bits. */
const inParts = (x: number): Parts => ({ high: Math.round(x * 2 ** 10) / 2 ** 10, low: x - Math.round(x * 2 ** 10) / 2 ** 10 });

export const math: Readonly<Record<string, Written>> = {
  withSign: (name, { F, U, c }) => `fn ${name}(size: ${F}, x: ${F}) -> ${F} {
  return bitcast<${F}>(bitcast<${U}>(size) | (bitcast<${U}>(x) & ${c("0x80000000u")}));
}`,
  /** The first 12 bits of a number: of two such the product is exact. */
  leading: (name, { F, U, c }) => `fn ${name}(x: ${F}) -> ${F} {
  return bitcast<${F}>(bitcast<${U}>(x) & ${c("0xfffff000u")});
}`,
  /** 2ⁿ for −127 ≤ n ≤ 128: 0 at the one end, infinity at the other. */
  powerOf2: (name, { F, I, c }) => `fn ${name}(n: ${I}) -> ${F} {
  return bitcast<${F}>((n + 127) << ${c("23u")});
}`,
  /** eʳ − 1 for |r| ≤ ln 2 / 2. */
  expLess1: (name, types) => `fn ${name}(r: ${types.F}) -> ${types.F} {
  ${polynomial("p", expPolynomial, "r", types)}
  return fma(p, r * r, r);
}`,
  /** What is left of x beside n · ln 2. */
  besideLn2: (name, { F, c }) => `fn ${name}(x: ${F}, n: ${F}) -> ${F} {
  return fma(n, ${c(-LN2.low)}, fma(n, ${c(-LN2.high)}, x));
}`,
  /** y · 2ⁿ for −254 ≤ n ≤ 256. */
  scaled: (name, { F, I, c, f }) => `fn ${name}(y: ${F}, n: ${I}) -> ${F} {
  let half = n >> ${c("1u")};
  return y * ${f("powerOf2")}(half) * ${f("powerOf2")}(n - half);
}`,
  expf: (name, { F, I, c, f }) => `fn ${name}(x: ${F}) -> ${F} {
  let bounded = clamp(x, ${c(-176)}, ${c(89)});
  let n = round(bounded * ${number(Math.LOG2E)});
  let y = ${f("scaled")}(1.0 + ${f("expLess1")}(${f("besideLn2")}(bounded, n)), ${I}(n));
  return select(y, x, ${f("isNaN")}(x));
}`,
  /** The bits of x > 0 as if the exponent had room for more: a denormal, taken for an integer, is 2¹⁴⁹ x. */
  normalBits: (name, { F, I, c }) => `fn ${name}(x: ${F}) -> ${I} {
  let bits = bitcast<${I}>(x);
  return select(bits, bitcast<${I}>(${F}(bits)) - (149 << 23u), bits < ${c("0x800000")});
}`,
  /** log x = k · ln 2 + log(1 + u), where 1 + u = x / 2ᵏ is between √½ and √2. What rounding takes from the sum, the small terms give back. */
  logf: (name, types) => {
    const { F, I, c, f, one } = types;
    return `fn ${name}(x: ${F}) -> ${F} {
  let bits = ${f("normalBits")}(x);
  let exponent = (bits - 0x3f3504f3) >> ${c("23u")};
  let u = bitcast<${F}>(bits - (exponent << ${c("23u")})) - 1.0;
  let k = ${F}(exponent);
  let sum = fma(k, ${c(LN2.high)}, u);
  let lost = u - fma(k, ${c(-LN2.high)}, sum);
  ${polynomial("p", logPolynomial, "u", types)}
  let small = fma(p, u * u * u, fma(k, ${c(LN2.low)}, lost));
  let y = sum + fma(u * u, ${c(-0.5)}, small);
  let exact = bitcast<${I}>(x);
  let positive = select(y, x, exact >= ${c("0x7f800000")});
  let negative = select(${c(`${one("nan")}()`)}, ${c(`-${one("infinity")}()`)}, (exact & ${c("0x7fffffff")}) == ${c("0")});
  return select(positive, negative, exact <= ${c("0")});
}`;
  },
  /** Of a = |x|: a + a³ · p(a²) where that is near 0, 1 − 2 / (e²ᵃ + 1) elsewhere. */
  tanhf: (name, types) => {
    const { F, I, c, f } = types;
    return `fn ${name}(x: ${F}) -> ${F} {
  let a = abs(x);
  let square = a * a;
  ${polynomial("p", tanhPolynomial, "square", types)}
  let near = fma(p * square, a, a);
  let twice = 2.0 * min(a, ${c(10)});
  let n = round(twice * ${number(Math.LOG2E)});
  let power = 1.0 + ${f("expLess1")}(${f("besideLn2")}(twice, n));
  let far = 1.0 - 2.0 / fma(power, ${f("powerOf2")}(${I}(n)), ${c(1)});
  return select(${f("withSign")}(select(far, near, a < ${c(tanhPolynomial.interval[1])}), x), x, ${f("isNaN")}(x));
}`;
  },
  /** Of a = |x|: a + a · p(a²) where that is near 0, 1 − q(a − 2.5) elsewhere. */
  erff: (name, types) => {
    const { F, c, f } = types;
    const [near, far] = [polynomial("p", erfPolynomial, "square", types), polynomial("q", erfcPolynomial, "centred", types)];
    return `fn ${name}(x: ${F}) -> ${F} {
  let a = abs(x);
  let square = a * a;
  ${near}
  let centred = min(a, ${c(erfcPolynomial.interval[1])}) - 2.5;
  ${far}
  let size = select(1.0 - q, fma(p, a, a), a < ${c(erfcPolynomial.interval[0])});
  return select(${f("withSign")}(size, x), x, ${f("isNaN")}(x));
}`;
  },
  /** The upper half of a product. */
  upper: (name) => `fn ${name}(a: u32, b: u32) -> u32 {
  let low = (a & 0xffffu) * (b & 0xffffu);
  let middle = (a >> 16u) * (b & 0xffffu) + (low >> 16u);
  let other = (a & 0xffffu) * (b >> 16u) + (middle & 0xffffu);
  return (a >> 16u) * (b >> 16u) + (middle >> 16u) + (other >> 16u);
}`,
  /** Of a large x = m · 2ᵉ: which quarter turn it is in, and how far from its middle, both by the bits of m · 2/π · 2ᵉ around the point. */
  quarterTurns: (name, { one }) => `const twoOverPi = array<u32, 8>(0u, ${TWO_OVER_PI.map((word) => `0x${word}u`).join(", ")});
fn ${name}(x: f32) -> vec2<f32> {
  let bits = bitcast<u32>(x) & 0x7fffffffu;
  let m = (bits & 0x7fffffu) | 0x800000u;
  let start = min((bits >> 23u) - 120u, 134u);
  let word = start / 32u;
  let shift = start % 32u;
  var window = vec3(twoOverPi[word], twoOverPi[word + 1u], twoOverPi[word + 2u]);
  if (shift > 0u) {
    let next = vec3(window.yz, twoOverPi[word + 3u]);
    window = (window << vec3(shift)) | (next >> vec3(32u - shift));
  }
  let middle = m * window.y + ${one("upper")}(m, window.z);
  let carry = select(0u, 1u, middle < m * window.y);
  let high = m * window.x + ${one("upper")}(m, window.y) + carry;
  let fraction = (high << 2u) | (middle >> 30u);
  let rest = (middle << 2u) | ((m * window.z) >> 30u);
  let quarter = f32((high + 0x20000000u) >> 30u);
  let beside = f32(bitcast<i32>(fraction)) * ${number(2 ** -32)} + f32(rest) * ${number(2 ** -64)};
  return select(vec2(quarter, beside), vec2(-quarter, -beside), x < 0.0);
}`,
  /** sin(x + offset · π/2) for an offset of 0 or 1: ± sin r, where x = n · π/2 + r, and n + offset is even. */
  sine: (name, types) => {
    const { F, I, U, c, one } = types;
    const isWide = F !== "f32";
    const [, ...rest] = sinPolynomial.coefficients;
    const turns = one("quarterTurns");
    const [large, quarter, beside] = isWide
      ? [
          `mat4x2(${[..."xyzw"].map((axis) => `${turns}(x.${axis})`).join(", ")})`,
          ...[0, 1].map((k) => `vec4(${[0, 1, 2, 3].map((j) => `turns[${j}][${k}]`).join(", ")})`),
        ]
      : [`${turns}(x)`, "turns.x", "turns.y"];
    return `fn ${name}(x: ${F}, offset: f32) -> ${F} {
  var n = 2.0 * round((x * ${number(2 / Math.PI)} + offset) * 0.5) - offset;
  var r = fma(n, ${c(-HALF_PI[3])}, fma(n, ${c(-HALF_PI[2])}, fma(n, ${c(-HALF_PI[1])}, fma(n, ${c(-HALF_PI[0])}, x))));
  r = select(r, x, n == ${c(0)});
  if (any(abs(x) > ${c(NEAR)})) {
    let turns = ${large};
    let quarter = ${quarter};
    let beside = ${beside};
    let isOther = ((${I}(quarter + offset)) & ${c("1")}) == ${c("1")};
    let step = select(${c(-1)}, ${c(1)}, beside >= ${c(0)});
    n = select(n, select(quarter, quarter + step, isOther), abs(x) > ${c(NEAR)});
    let part = select(beside, beside - step, isOther);
    r = select(r, fma(part, ${c(Math.PI / 2)}, part * ${number(Math.PI / 2 - Math.fround(Math.PI / 2))}), abs(x) > ${c(NEAR)});
  }
  let square = r * r;
  ${polynomial("p", { coefficients: rest }, "square", types)}
  let y = select(fma(p * square, r, r), r, square == ${c(0)});
  let flipped = bitcast<${F}>(bitcast<${U}>(y) ^ ((bitcast<${U}>(${I}(n + offset)) << ${c("30u")}) & ${c("0x80000000u")}));
  return select(flipped, ${c(`${one("nan")}()`)}, (bitcast<${U}>(x) & ${c("0x7fffffffu")}) >= ${c("0x7f800000u")});
}`;
  },
  sinf: (name, { F, f }) => `fn ${name}(x: ${F}) -> ${F} {
  return ${f("sine")}(x, 0.0);
}`,
  cosf: (name, { F, f }) => `fn ${name}(x: ${F}) -> ${F} {
  return ${f("sine")}(x, 1.0);
}`,
  /** ±2^(y · log₂ |x|), where log₂ |x| = k + log₂ m is in two parts, high + low. Of m ≈ c it is log₂ c and a polynomial of s = (m − c) / (m + c). */
  powf: (name, types) => {
    const { F, I, c, f, one } = types;
    const [first, ...rest] = log2Polynomial.coefficients as [number, ...number[]];
    const low = first - LOG2_HIGH;
    const [below, above] = [BELOW, ABOVE].map((centre) => inParts(Math.log2(centre))) as [Parts, Parts];
    return `fn ${name}(x: ${F}, y: ${F}) -> ${F} {
  let size = abs(x);
  let bits = ${f("normalBits")}(size);
  let exponent = (bits - 0x3f3504f3) >> ${c("23u")};
  let m = bitcast<${F}>(bits - (exponent << ${c("23u")}));
  let centre = select(select(${c(1)}, ${c(BELOW)}, m < ${c(0.9)}), ${c(ABOVE)}, m > ${c(1.12)});
  let sum = ${f("leading")}(m + centre);
  let s = (m - centre) / (m + centre);
  let sHigh = ${f("leading")}(s);
  let sLow = fma(-sHigh, m - (sum - centre), fma(-sHigh, sum, m - centre)) / (m + centre);
  let square = s * s;
  ${polynomial("p", { coefficients: rest }, "square", types)}
  let beside = select(select(${c(0)}, ${c(below.low)}, m < ${c(0.9)}), ${c(above.low)}, m > ${c(1.12)});
  let rest = fma(${c(LOG2_HIGH)}, sLow, fma(${c(low)}, s, fma(p * square, s, beside)));
  let k = ${F}(exponent) + select(select(${c(0)}, ${c(below.high)}, m < ${c(0.9)}), ${c(above.high)}, m > ${c(1.12)});
  let high = ${f("leading")}(fma(${c(LOG2_HIGH)}, sHigh, k));
  let low = fma(${c(LOG2_HIGH)}, sHigh, k - high) + rest;
  let bounded = clamp(y, ${c(-(2 ** 32))}, ${c(2 ** 32)});
  let yHigh = ${f("leading")}(bounded);
  let n = round(clamp(bounded * (high + low), ${c(-200)}, ${c(200)}));
  let r = clamp(fma(bounded, low, fma(bounded - yHigh, high, fma(yHigh, high, -n))), ${c(-1)}, ${c(1)});
  let power = ${f("scaled")}(1.0 + ${f("expLess1")}(r * ${number(Math.LN2)}), ${I}(n));
  let vast = ${c(`${one("infinity")}()`)};
  let isZero = (bitcast<${I}>(size) == ${c("0")});
  let isEdge = isZero | (bitcast<${I}>(size) == ${c("0x7f800000")});
  let edge = select(${c(0)}, vast, isZero == (y < ${c(0)}));
  let isInteger = trunc(y) == y;
  let isOdd = isInteger & (abs(y) < ${c(2 ** 24)}) & ((${I}(y) & ${c("1")}) == ${c("1")});
  let result = select(power, edge, isEdge);
  let signed = select(result, -result, isOdd & (bitcast<${I}>(x) < ${c("0")}));
  let isUnknown = ((bitcast<${I}>(x) < ${c("0")}) & !isInteger & !isEdge) | ((size == ${c(1)}) & (abs(y) == vast)) | ${f("isNaN")}(x) | ${f("isNaN")}(y);
  return select(select(signed, ${c(`${one("nan")}()`)}, isUnknown), ${c(1)}, y == ${c(0)});
}`;
  },
};
