import { describe, expect, test } from "vitest";
import { expectClose } from "../proofs/close.ts";
import { fromData } from "../proofs/tensors.ts";
import { valueAndGrad, vjp } from "./derivatives.ts";
import { relu } from "./lib/activation.ts";
import { mean, sum } from "./ops/broadcast.ts";
import { add, mul, sub } from "./ops/scalar.ts";
import { parameter, type Value, withOrigin } from "./value.ts";

const vector = (...x: number[]): Value => fromData(x, [x.length], "f64");

describe("eager loops keep no history", () => {
  test("10 000 iterations later a value has no arguments", () => {
    let x = vector(1, 2);
    for (let step = 0; step < 10_000; step++) x = add(mul(x, 0.5), 1);
    expect(x.args.length).toBe(0);
    expectClose(x, vector(2, 2));
  });
  test("2000 training steps later neither has a parameter or a gradient", () => {
    let p = vector(5, -5);
    for (let step = 0; step < 2000; step++) {
      const { value, grad } = valueAndGrad(((w: Value) => mean(mul(w, w))) as never)(p);
      p = sub(p, mul(grad as Value, 0.1));
      expect([p, grad as Value, value].map((v) => v.args.length)).toEqual([0, 0, 0]);
    }
    expect(Math.abs(p.buffer?.[0] as number)).toBeLessThan(1e-9);
  });
  test("what a pullback returns has none either", () => {
    const { pullback } = vjp(((w: Value) => mul(w, w)) as never)(vector(3));
    expect((pullback(vector(1))[0] as Value).args.length).toBe(0);
  });
});

describe("symbolic values", () => {
  const x = parameter(["B", 3], "f32", "x");
  test("keep their arguments, and have no elements", async () => {
    const y = relu(sum(x, 1));
    expect(y.args.length).toBeGreaterThan(0);
    expect(y.buffer).toBeUndefined();
    await expect(y.data()).rejects.toThrow("Tensor<[B], f32> has no values while its model is being built");
  });
  test("refuse JavaScript's arithmetic", () => {
    expect(() => Number(x)).toThrow("is not a JavaScript number: write mul(x, 2), not x * 2");
    expect(String(x)).toBe("Tensor<[B, 3], f32>");
  });
  test("carry the place of the call that made them", () => {
    const origin = { file: "mlp.ts", line: 3, column: 7 };
    expect(withOrigin(origin, () => add(x, 1)).origin).toBe(origin);
    expect(add(x, 1).origin).toBeUndefined();
  });
});

test("data() is a copy", async () => {
  const x = vector(1, 2);
  (await x.data()).fill(9);
  expectClose(x, vector(1, 2));
});
