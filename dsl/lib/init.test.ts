import { describe, expect, test } from "vitest";
import { expectClose } from "../../proofs/close.ts";
import { threefry2x32 } from "../../proofs/oracles.ts";
import { fromData } from "../../proofs/tensors.ts";
import { core } from "../core.ts";
import { type Expr, int } from "../expr.ts";
import { threefry } from "../ops/random.ts";
import type { Value } from "../value.ts";
import {
  foldIn,
  glorotUniform,
  heNormal,
  normal,
  oneHot,
  ones,
  randomBits,
  randomKey,
  scatterAdd,
  splitKey,
  uniform,
  zeros,
} from "./init.ts";

const numbers = (x: Value): number[] => Array.from(x.buffer ?? []);
const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;
const variance = (x: readonly number[]): number => mean(x.map((e) => e * e)) - mean(x) ** 2;
const word = (x: Expr): number => (x.kind === "const" ? x.value >>> 0 : Number.NaN);

describe("threefry2x32, the known answers of Random123 (kat_vectors, 20 rounds)", () => {
  test.each([
    [
      [0, 0],
      [0, 0],
      [0x6b200159, 0x99ba4efe],
    ],
    [
      [0xffffffff, 0xffffffff],
      [0xffffffff, 0xffffffff],
      [0x1cb996fc, 0xbb002be7],
    ],
    [
      [0x13198a2e, 0x03707344],
      [0x243f6a88, 0x85a308d3],
      [0xc4923a9c, 0x483df7a0],
    ],
  ] as [[number, number], [number, number], [number, number]][])("key %o, counter %o", (key, counter, expected) => {
    // Constants fold, so the expression is its own value.
    expect(threefry([int(key[0] | 0), int(key[1] | 0)], [int(counter[0] | 0), int(counter[1] | 0)]).map(word)).toEqual(expected);
    expect(threefry2x32(key, counter)).toEqual(expected);
  });
});

describe("keys", () => {
  test("the same seed gives the same numbers, another seed others", () => {
    expect(numbers(uniform(randomKey(7), [4]))).toEqual(numbers(uniform(randomKey(7), [4])));
    expect(numbers(uniform(randomKey(7), [4]))).not.toEqual(numbers(uniform(randomKey(8), [4])));
  });
  test("a seed is a whole number, and all of its 53 bits count", () => {
    expect(() => randomKey(0.5)).toThrow("randomKey: the seed is a whole number, got 0.5");
    expect(numbers(randomKey(2 ** 32 + 5))).toEqual([1, 5]);
    expect(numbers(randomKey(-1))).toEqual([-1, -1]);
  });
  test("a split gives two keys that differ from each other and from their parent", () => {
    const key = randomKey(1);
    const streams = [key, ...splitKey(key), foldIn(key, 1), foldIn(key, 2)].map((k) => numbers(randomBits(k, [8])).join());
    expect(new Set(streams).size).toBe(streams.length);
  });
  test("an element's bits depend on its place alone, not on the rank", () =>
    expect(numbers(randomBits(randomKey(3), [2, 3]))).toEqual(numbers(randomBits(randomKey(3), [6]))));
});

// One seed: the numbers are the same everywhere, so each bound is met for ever or never.
describe("uniform", () => {
  const n = 20_000;
  const x = numbers(uniform(randomKey(2024), [n]));
  test("lies in [0, 1)", () => expect(x.every((e) => e >= 0 && e < 1)).toBe(true));
  test("mean ½ and variance 1/12, within four standard errors", () => {
    expect(Math.abs(mean(x) - 1 / 2)).toBeLessThan(4 * Math.sqrt(1 / 12 / n));
    expect(Math.abs(variance(x) - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / n));
  });
  test("chi-square over 100 bins: below its 99.9th percentile, and not too good to be true", () => {
    const bins = Array<number>(100).fill(0);
    for (const e of x) bins[Math.floor(e * 100)] = (bins[Math.floor(e * 100)] as number) + 1;
    const chiSquare = bins.reduce((s, k) => s + (k - n / 100) ** 2 / (n / 100), 0);
    expect(chiSquare).toBeLessThan(148.2);
    expect(chiSquare).toBeGreaterThan(60);
  });
  test("neighbours are not correlated", () => {
    const lagged = mean(x.slice(1).map((e, i) => (e - 0.5) * ((x[i] as number) - 0.5))) * 12;
    expect(Math.abs(lagged)).toBeLessThan(4 / Math.sqrt(n));
  });
});

describe("normal", () => {
  const n = 20_000;
  const x = numbers(normal(randomKey(2024), [n]));
  const moment = (k: number): number => mean(x.map((e) => e ** k));
  test("moments 0, 1, 0, 3, within four standard errors", () => {
    const error = (deviation: number): number => (4 * deviation) / Math.sqrt(n);
    expect(Math.abs(moment(1))).toBeLessThan(error(1));
    expect(Math.abs(moment(2) - 1)).toBeLessThan(error(Math.sqrt(2)));
    expect(Math.abs(moment(3))).toBeLessThan(error(Math.sqrt(15)));
    expect(Math.abs(moment(4) - 3)).toBeLessThan(error(Math.sqrt(96)));
  });
  test("Kolmogorov–Smirnov distance to Φ below its 99.9 % bound, 1.95 / √n", () => {
    const sorted = [...x].sort((a, b) => a - b);
    const distance = sorted.reduce((top, e, i) => {
      const phi = (1 + core.erf(e / Math.SQRT2)) / 2;
      return Math.max(top, Math.abs(phi - i / n), Math.abs(phi - (i + 1) / n));
    }, 0);
    expect(distance).toBeLessThan(1.95 / Math.sqrt(n));
  });
  test("is never infinite: 1 − u is never 0", () => expect(x.every(Number.isFinite)).toBe(true));
});

describe("first values", () => {
  test("glorot: uniform in ±√(6 / (in + out))", () => {
    const x = numbers(glorotUniform(randomKey(1), [60, 40]));
    const limit = Math.sqrt(6 / 100);
    expect(Math.max(...x)).toBeLessThan(limit);
    expect(Math.min(...x)).toBeGreaterThanOrEqual(-limit);
    expect(variance(x)).toBeCloseTo(limit ** 2 / 3, 3);
  });
  test("he: normal with variance 2 / in", () => expect(variance(numbers(heNormal(randomKey(1), [100, 50])))).toBeCloseTo(0.02, 3));
  test("zeros and ones of any dtype", () => {
    expectClose(zeros([2], "i32"), fromData([0, 0], [2], "i32"));
    expectClose(ones([1, 2]), fromData([1, 1], [1, 2], "f32"));
  });
});

test("oneHot: 1 at the index, nothing out of range", () =>
  expectClose(oneHot(fromData([1, 0, 5], [3], "i32"), 2), fromData([0, 1, 1, 0, 0, 0], [3, 2], "f32")));

test("scatterAdd: duplicates add up, out of range is dropped", () =>
  expectClose(
    scatterAdd(fromData([1, 1], [2], "f32"), fromData([1, 1, -1, 2], [4], "i32"), fromData([1, 2, 4, 8], [4], "f32")),
    fromData([1, 4], [2], "f32"),
  ));
