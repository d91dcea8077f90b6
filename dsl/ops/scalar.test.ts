import { describe, expect, test } from "vitest";
import { expectClose } from "../../proofs/close.ts";
import { fromData } from "../../proofs/tensors.ts";
import { erf as erfNumber } from "../core.ts";
import { grad } from "../derivatives.ts";
import { relu } from "../lib/activation.ts";
import type { Value } from "../value.ts";
import { max, sum } from "./broadcast.ts";
import { abs, add, cast, div, exp, greater, less, log, maximum, minimum, mul, notEqual, pow, sqrt, strongMul, where } from "./scalar.ts";

const vector = (...x: number[]): Value => fromData(x, [x.length], "f64");
const number = (x: number): Value => fromData([x], [], "f64");
/** Gradients of Σ f(…) with respect to every argument. */
const gradients = (f: (...x: Value[]) => Value, ...x: Value[]): Value[] => grad(((p: Value[]) => sum(f(...p))) as never)(x) as Value[];
const slopes = (f: (...x: Value[]) => Value, ...x: number[]): number[] =>
  gradients(f, ...x.map(number)).map((g) => g.buffer?.[0] as number);

describe("kinks have a stated slope, never NaN", () => {
  test("maximum and minimum: a tie sends half to each side", () => {
    expect(slopes(maximum, 2, 2)).toEqual([0.5, 0.5]);
    expect(slopes(minimum, 2, 2)).toEqual([0.5, 0.5]);
  });
  test("the winner takes all otherwise", () => {
    expect(slopes(maximum, 3, 2)).toEqual([1, 0]);
    expect(slopes(minimum, 3, 2)).toEqual([0, 1]);
  });
  test("maximum(x, x) has slope 1: two halves", () => expect(slopes((x) => maximum(x as Value, x as Value), 2)).toEqual([1]));
  test("max over an axis: a tie of n gives 1/n to each", () => {
    expectClose(gradients((x) => max(x as Value), vector(5, 1, 5, 5))[0] as Value, vector(1 / 3, 0, 1 / 3, 1 / 3));
    expectClose(
      gradients((x) => max(x as Value, 1), fromData([1, 1, 2, 3], [2, 2], "f64"))[0] as Value,
      fromData([0.5, 0.5, 0, 1], [2, 2], "f64"),
    );
  });
  test("relu: 0 at 0", () => expectClose(gradients((x) => relu(x as Value), vector(-1, 0, 2))[0] as Value, vector(0, 0, 1)));
  test("abs: 0 at 0", () => expectClose(gradients((x) => abs(x as Value), vector(-2, 0, 2))[0] as Value, vector(-1, 0, 1)));
});

describe("pow at its edges", () => {
  test.each([
    // a, b, aᵇ, ∂/∂a, ∂/∂b
    [0, 0, 1, 0, 0],
    [0, 1, 0, 1, 0],
    [0, 2, 0, 0, 0],
    [0, 3, 0, 0, 0],
    [2, 0, 1, 0, Math.LN2],
    [-2, 0, 1, 0, 0],
    [-2, 1, -2, 1, 0],
    [-2, 2, 4, -4, 0],
    [-2, 3, -8, 12, 0],
    [-2, -1, -0.5, -0.25, 0],
    [2, 3, 8, 12, 8 * Math.LN2],
  ])("%d ^ %d = %d, slopes %d and %d", (a, b, y, da, db) => {
    expectClose(pow(number(a), number(b)), number(y));
    expectClose(slopes(pow, a, b), [da, db]);
  });
  test("a fixed exponent costs no logarithm of the base: slope of x² at 0 and −3", () => {
    expect(slopes((x) => pow(x as Value, 2), 0)).toEqual([0]);
    expect(slopes((x) => pow(x as Value, 2), -3)).toEqual([-6]);
  });
  test("x^½ at 0 is √x at 0: masked, it does not exist", () =>
    expect(slopes((x) => where(notEqual(x as Value, 0), pow(x as Value, 0.5), mul(x as Value, 3)), 0)).toEqual([3]));
  test("the mixed derivative at exponent 0: ∂²(aᵇ)/∂a∂b = 1/a", () => {
    const da = (a: Value, b: Value): Value => grad(((x: Value) => pow(x, b)) as never)(a) as Value;
    expectClose(grad(((b: Value) => da(number(4), b)) as never)(number(0)) as Value, number(0.25));
  });
});

describe("strongMul", () => {
  test("is 0 where its first factor is, whatever the second", () =>
    expectClose(strongMul(vector(0, 0, 2, 0), vector(Number.POSITIVE_INFINITY, Number.NaN, 3, 5)), vector(0, 0, 6, 0)));
  test("still changes with its first factor there", () => expect(slopes(strongMul, 0, 5)).toEqual([5, 0]));
});

test("√x at 0 has an infinite slope, and says so", () => expect(slopes((x) => sqrt(x as Value), 0)).toEqual([Number.POSITIVE_INFINITY]));

describe("erf, against tables (DLMF 7.23, to 16 digits)", () => {
  test.each([
    [0, 0],
    [0.1, 0.1124629160182849],
    [0.5, 0.5204998778130465],
    [1, 0.8427007929497149],
    [1.5, 0.9661051464753106],
    [2, 0.9953222650189527],
    [3, 0.9999779095030014],
    [4, 0.9999999845827421],
    [6, 1],
    [Number.POSITIVE_INFINITY, 1],
  ])("erf %d = %d", (x, y) => {
    expectClose(erfNumber(x), y, { tolerance: { relative: 1e-15, absolute: 0 } });
    expectClose(erfNumber(-x), -y, { tolerance: { relative: 1e-15, absolute: 0 } });
  });
  test("erf NaN is NaN", () => expect(erfNumber(Number.NaN)).toBeNaN());
});

describe("integers", () => {
  const ints = (...x: number[]): Value => fromData(x, [x.length], "i32");
  test("wrap at 32 bits", () => {
    expectClose(add(ints(2 ** 31 - 1), 1), ints(-(2 ** 31)));
    expectClose(mul(ints(65_536, 123_456_789), ints(65_536, 987_654_321)), ints(0, -67_153_019));
  });
  test("divide towards zero; by zero it is 0", () => expectClose(div(ints(7, -7, 7, 5), ints(2, 2, -2, 0)), ints(3, -3, -3, 0)));
  test("a cast from a float rounds towards zero and saturates; NaN is 0", () =>
    expectClose(cast(vector(1.9, -1.9, 1e20, -1e20, Number.NaN), "i32"), ints(1, -1, 2 ** 31 - 1, -(2 ** 31), 0)));
});

describe("a product in a branch that is not taken does not exist", () => {
  test("p · ln p at 0", () =>
    expectClose(
      grad((p) => sum(where(greater(p as Value, 0), mul(p as Value, log(p as Value)), 0)))(vector(0, 0.5)) as Value,
      vector(0, Math.log(0.5) + 1),
    ));
  test("eˣ · y where eˣ overflowed", () =>
    expectClose(
      grad((y) => sum(where(less(vector(1000, 0), 10), mul(exp(vector(1000, 0)), y as Value), 0)))(vector(2, 2)) as Value,
      vector(0, 1),
    ));
  test("elsewhere 0 · ∞ is what it is", () =>
    expect(Number.isNaN((mul(vector(0), vector(Number.POSITIVE_INFINITY)).buffer ?? [0])[0])).toBe(true));
});
