import { describe, expect, test } from "vitest";
import { grad } from "../dsl/derivatives.ts";
import { heNormal, randomKey, uniform, zeros } from "../dsl/lib/init.ts";
import { sum } from "../dsl/ops/broadcast.ts";
import { mul, tanh } from "../dsl/ops/scalar.ts";
import { makeValue, type Value } from "../dsl/value.ts";
import * as mlp from "../examples/mnist/mlp.ts";
import { proveDerivatives } from "./index.ts";
import { planted } from "./planted.ts";
import { fromData } from "./tensors.ts";

const key = randomKey(1);

describe("proveDerivatives", () => {
  test("holds MNIST's loss to the laws", () => {
    const params = {
      hidden: { w: heNormal(key, [784, 128]), b: zeros([128]) },
      out: { w: heNormal(key, [128, 10]), b: zeros([10]) },
    };
    proveDerivatives(mlp.loss as never, [params, uniform(key, [2, 784]), fromData([3, 9], [2], "i32")], { runs: 3 });
  });
  test("and a function of its gradient", () => {
    const energy = (x: Value): Value => sum(grad(((y: Value) => sum(tanh(mul(y, y)))) as never)(x) as Value);
    proveDerivatives(energy, [uniform(key, [2, 3])]);
  });
  test("says which law a wrong rule breaks, and where to find it again", () => {
    const wrong = planted.find(({ mistake }) => mistake === "a wrong partial")?.op;
    const model = (x: Value): Value => sum(makeValue(wrong as NonNullable<typeof wrong>, [x], {}));
    expect(() => proveDerivatives(model, [uniform(key, [2])])).toThrow(/seed: -?\d+/);
    expect(causeOf(() => proveDerivatives(model, [uniform(key, [2])]))).toMatch(
      /^J·t agrees with central differences.*: element 0 of 1: expected .*, got /,
    );
  });
});

const causeOf = (f: () => void): string => {
  try {
    f();
  } catch (error) {
    return String(((error as Error).cause as Error).message);
  }
  return "";
};
