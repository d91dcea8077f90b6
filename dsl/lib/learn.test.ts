/** Losses, normalisation and optimizers against their formulas in plain numbers, as PyTorch documents them. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../../proofs/close.ts";
import { fromData } from "../../proofs/tensors.ts";
import { grad } from "../derivatives.ts";
import { sum } from "../ops/broadcast.ts";
import { mul } from "../ops/scalar.ts";
import type { Value } from "../value.ts";
import { relu, sigmoid } from "./activation.ts";
import { layerNorm, squareLoss } from "./loss.ts";
import { type AdamTree, adam, adamInit, sgd } from "./optim.ts";

const vector = (...x: number[]): Value => fromData(x, [x.length], "f64");
const single = (...x: number[]): Value => fromData(x, [x.length], "f32");
const mean = (x: readonly number[]): number => x.reduce((a, b) => a + b, 0) / x.length;

test("relu and sigmoid", () => {
  expectClose(relu(vector(-1, 0, 2)), vector(0, 0, 2));
  expectClose(sigmoid(vector(0, 2, -800, 800)), vector(0.5, 1 / (1 + Math.exp(-2)), 0, 1));
});

test("the gradient of sigmoid far out is 0, not NaN", () =>
  expectClose(grad(((x: Value) => sum(sigmoid(x))) as never)(vector(-800, 800)) as Value, vector(0, 0)));

test("squareLoss is (p − t)², its gradient 2(p − t)", () => {
  const [p, t] = [vector(1, 5), vector(3, 2)];
  expectClose(squareLoss(p, t), vector(4, 9));
  expectClose(grad(((x: Value) => sum(squareLoss(x, t))) as never)(p) as Value, vector(-4, 6));
});

describe("layerNorm", () => {
  const [x, gain, bias, weights] = [
    [1, 2, 4],
    [1, 0.5, 2],
    [0, 1, -1],
    [1, -2, 3],
  ];
  const centre = mean(x);
  const root = Math.sqrt(mean(x.map((e) => (e - centre) ** 2)) + 1e-5);
  const normal = x.map((e) => (e - centre) / root);
  test("is (x − mean) / √(biased variance + ε) · gain + bias", () =>
    expectClose(
      layerNorm(vector(...x), vector(...gain), vector(...bias)),
      vector(...normal.map((e, i) => e * (gain[i] as number) + (bias[i] as number))),
    ));
  test("its gradient is (g − mean g − x̂·mean(g·x̂)) / √(variance + ε), g = ct·gain", () => {
    const g = weights.map((w, i) => w * (gain[i] as number));
    const along = mean(g.map((e, i) => e * (normal[i] as number)));
    const expected = g.map((e, i) => (e - mean(g) - (normal[i] as number) * along) / root);
    const f = (v: Value): Value => sum(mul(layerNorm(v, vector(...gain), vector(...bias)), vector(...weights)));
    expectClose(grad(f as never)(vector(...x)) as Value, vector(...expected));
  });
  test("of equal entries is the bias, and its gradient finite", () => {
    const f = (v: Value): Value => sum(mul(layerNorm(v, vector(1, 1, 1), vector(0, 0, 0)), vector(1, 2, 4)));
    expectClose(layerNorm(vector(7, 7, 7), vector(1, 1, 1), vector(...bias)), vector(...bias));
    const g = grad(f as never)(vector(7, 7, 7)) as Value;
    expect(Array.from(g.buffer ?? []).every(Number.isFinite)).toBe(true);
  });
});

describe("sgd", () => {
  test("p − lr·g, leaf by leaf; what is not a float stays", () => {
    const table = fromData([1, 2], [2], "i32");
    const p = { w: vector(1, 2), deep: [vector(3)], table };
    const next = sgd(p, { w: vector(10, -10), deep: [vector(1)], table: null }, { lr: 0.1 }) as typeof p;
    expectClose(next.w, vector(0, 3));
    expectClose(next.deep[0] as Value, vector(2.9));
    expect(next.table).toBe(table);
  });
});

describe("adam", () => {
  /** torch.optim.Adam without weight decay and amsgrad, one number at a time. */
  const reference = (p: number, gradients: readonly number[], lr: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8): number[] => {
    let [x, m, v] = [p, 0, 0];
    return gradients.map((g, k) => {
      m = beta1 * m + (1 - beta1) * g;
      v = beta2 * v + (1 - beta2) * g * g;
      x -= (lr / (1 - beta1 ** (k + 1))) * (m / (Math.sqrt(v) / Math.sqrt(1 - beta2 ** (k + 1)) + epsilon));
      return x;
    });
  };
  const steps = [0.5, -1, 2, 0, 1e-6, -3];
  const run = (start: Value, options: { lr: number; beta1?: number; beta2?: number; epsilon?: number }): number[] => {
    let p: { w: Value } = { w: start };
    let state: AdamTree = adamInit(p);
    return steps.map((g) => {
      [p, state] = adam(p, { w: fromData([g], [1], start.dtype) }, state, options) as [{ w: Value }, AdamTree];
      return p.w.buffer?.[0] as number;
    });
  };
  test("six steps as PyTorch takes them", () => expectClose(single(...run(single(1), { lr: 0.01 })), single(...reference(1, steps, 0.01))));
  test("with its own constants", () => {
    const options = { lr: 0.1, beta1: 0.5, beta2: 0.9, epsilon: 1e-3 };
    expectClose(single(...run(single(-2), options)), single(...reference(-2, steps, 0.1, 0.5, 0.9, 1e-3)));
  });
  test("starts at step 0 with moments 0", () => {
    const { step, m, v } = adamInit({ w: single(1, 2) }) as { step: Value; m: { w: Value }; v: { w: Value } };
    expectClose(step, fromData([0], [], "i32"));
    expectClose(m.w, single(0, 0));
    expectClose(v.w, single(0, 0));
  });
});
