import { describe, expect, test } from "vitest";
import { expectClose } from "../../proofs/close.ts";
import { fromData } from "../../proofs/tensors.ts";
import { grad } from "../derivatives.ts";
import { sum } from "../ops/broadcast.ts";
import { mul } from "../ops/scalar.ts";
import type { Value } from "../value.ts";
import { logSumExp, softmax, softmaxCrossEntropy } from "./softmax.ts";

const vector = (...x: number[]): Value => fromData(x, [x.length], "f64");
const gradient = (f: (x: Value) => Value, x: Value): Value => grad(f as never)(x) as Value;
/** eˣ / Σ eˣ in plain numbers. */
const softmaxOf = (x: readonly number[]): number[] => {
  const top = Math.max(...x);
  const total = x.reduce((s, e) => s + Math.exp(e - top), 0);
  return x.map((e) => Math.exp(e - top) / total);
};

describe("logSumExp", () => {
  test.each([
    ["small", [0.5, -1, 2]],
    ["huge", [1e4, 1e4 - 1, 0]],
    ["deep", [-1e4, -1e4 - 1, -2e4]],
    ["equal", [1e4, 1e4, 1e4]],
  ])("of %s numbers is shifted, and its gradient is softmax", (_, x) => {
    const top = Math.max(...x);
    expectClose(logSumExp(vector(...x)), fromData([top + Math.log(x.reduce((s, e) => s + Math.exp(e - top), 0))], [], "f64"));
    expectClose(
      gradient((v) => logSumExp(v), vector(...x)),
      vector(...softmaxOf(x)),
    );
  });
  test("of −∞ alone is −∞; beside a number it counts for nothing", () => {
    const none = Number.NEGATIVE_INFINITY;
    expectClose(logSumExp(vector(none, none)), fromData([none], [], "f64"));
    expectClose(logSumExp(vector(none, 3)), fromData([3], [], "f64"));
  });
  test("along another axis, kept", () =>
    expectClose(
      logSumExp(fromData([1, 2, 1, 2], [2, 2], "f64"), 0, { keepDims: true }),
      fromData([1 + Math.LN2, 2 + Math.LN2], [1, 2], "f64"),
    ));
});

describe("softmax", () => {
  test.each([
    ["huge", [1e4, 1e4 - 1, 0]],
    ["equal", [-1e4, -1e4, -1e4]],
    ["far apart", [1e30, 0, -1e30]],
  ])("of %s logits neither overflows nor loses its sum", (_, x) => {
    expectClose(softmax(vector(...x)), vector(...softmaxOf(x)));
    expectClose(sum(softmax(vector(...x))), fromData([1], [], "f64"));
  });
  test("its Jacobian is diag(p) − p·pᵀ", () => {
    const [x, weights] = [
      [0.5, -1, 2],
      [3, 1, -2],
    ];
    const p = softmaxOf(x);
    const mean = p.reduce((s, e, i) => s + e * (weights[i] as number), 0);
    const expected = p.map((e, i) => e * ((weights[i] as number) - mean));
    expectClose(
      gradient((v) => sum(mul(softmax(v), vector(...weights))), vector(...x)),
      vector(...expected),
    );
  });
});

describe("softmaxCrossEntropy", () => {
  const [rows, labels] = [
    [
      [1, 2, 3],
      [1e4, -1e4, 0],
      [7, 7, 7],
    ],
    [2, 1, 0],
  ];
  const logits = fromData(rows.flat(), [3, 3], "f64");
  const targets = fromData(labels, [3], "i32");
  test("is −ln softmax(logits)[label]", () =>
    expectClose(softmaxCrossEntropy(logits, targets), vector(Math.log(1 + Math.exp(-1) + Math.exp(-2)), 2e4, Math.log(3))));
  test("its gradient is softmax − onehot", () =>
    expectClose(
      gradient((x) => sum(softmaxCrossEntropy(x, targets)), logits),
      fromData(
        rows.flatMap((row, r) => softmaxOf(row).map((p, c) => p - Number(c === labels[r]))),
        [3, 3],
        "f64",
      ),
    ));
  test("refuses labels of another shape or dtype", () => {
    expect(() => softmaxCrossEntropy(logits, fromData([0], [1], "i32"))).toThrow("labels must be [3] for logits [3, 3], got [1]");
    expect(() => softmaxCrossEntropy(logits, fromData([0, 0, 0], [3], "f32"))).toThrow("labels are i32, got f32");
  });
});
