import { describe, expect, test } from "vitest";
import { adam, adamState, arraysOf, type Batch, copyOf, forward, lossAndGradient, type Mlp, sgd } from "./reference.ts";

/** A small network with numbers of every sign, away from relu's kink. */
const random = ((state) => () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 31 - 1;
})(42);
const array = (length: number) => Float64Array.from({ length }, random);
const small = (): Mlp => ({ hidden: { w: array(5 * 4), b: array(4) }, out: { w: array(4 * 3), b: array(3) } });
const batch: Batch = { count: 6, images: array(6 * 5), labels: [0, 2, 1, 1, 0, 2] };

describe("the reference's gradient", () => {
  test("is the slope of its loss, in every one of its parameters", () => {
    const p = small();
    const { grad } = lossAndGradient(p, batch);
    const step = 1e-6;
    arraysOf(p).forEach((param, which) => {
      const slopes = param.map((centre, k) => {
        const lossAt = (v: number) => {
          param[k] = v;
          return lossAndGradient(p, batch).loss;
        };
        const slope = (lossAt(centre + step) - lossAt(centre - step)) / (2 * step);
        param[k] = centre;
        return slope;
      });
      for (const [k, slope] of slopes.entries()) expect(arraysOf(grad)[which]![k]).toBeCloseTo(slope, 8);
    });
  });

  test("some units are off, some are on: both sides of relu are in that test", () => {
    const { h } = forward(small(), batch);
    expect(h.some((v) => v === 0)).toBe(true);
    expect(h.some((v) => v > 0)).toBe(true);
  });

  test("equal logits cost log(classes), and large ones do not overflow", () => {
    const zero = copyOf({ hidden: { w: array(20), b: array(4) }, out: { w: new Float64Array(12), b: new Float64Array(3) } });
    expect(lossAndGradient(zero, batch).loss).toBeCloseTo(Math.log(3), 14);
    const sure = copyOf({ ...zero, out: { w: new Float64Array(12), b: Float64Array.of(1000, 0, 0) } });
    expect(lossAndGradient(sure, batch).loss).toBeCloseTo((1000 * 4) / 6, 10);
  });
});

describe("its optimizers", () => {
  const one = (v: number): Mlp => copyOf({ hidden: { w: [v], b: [v] }, out: { w: [v], b: [v] } });
  const values = (p: Mlp) => arraysOf(p).map((a) => a[0]!);

  test("sgd steps against the gradient", () => {
    const p = one(1);
    sgd(p, one(3), 0.1);
    for (const v of values(p)) expect(v).toBeCloseTo(0.7, 15);
  });

  test("under a constant gradient every step of adam is lr, whatever the gradient's size", () => {
    for (const g of [1, -1e-3, 1e5]) {
      const p = one(1);
      const state = adamState(p);
      for (let t = 1; t <= 5; t++) adam(p, one(g), state, 0.01);
      expect(state.step).toBe(5);
      for (const v of values(p)) expect(v).toBeCloseTo(1 - Math.sign(g) * 0.05, 6);
    }
  });

  test("adam's second step, worked out on paper: gradients 1, then -1", () => {
    const p = one(0);
    const state = adamState(p);
    adam(p, one(1), state, 1, 0.5, 0.75, 0);
    adam(p, one(-1), state, 1, 0.5, 0.75, 0);
    // m = 0.5·0.5 − 0.5 = −1/4, m̂ = −1/4 ÷ 3/4 = −1/3; v̂ = 1. So p = −1 + 1/3.
    for (const v of values(p)) expect(v).toBeCloseTo(-2 / 3, 15);
  });
});
