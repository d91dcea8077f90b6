/** What is recognised as a contraction, and which index is its row and which its column. */
import { add, dotGeneral, exp, matmul, mul, relu, sum, type Tensor, transpose } from "cotangent";
import { expect, test } from "vitest";
import type { Shape } from "../dsl/types.ts";
import { contractionKernel } from "./contraction.ts";
import { tensorSpec, trace } from "./graph.ts";
import { compile } from "./pipeline.ts";

/** `row × column` of each contraction, by extent. */
const contractions = (f: (...args: never[]) => unknown, ...shapes: readonly Shape[]): string[] =>
  compile(
    trace(
      "f",
      f,
      shapes.map((shape, k) => ({ name: `x${k}`, specs: tensorSpec(shape, "f32") })),
    ),
  ).kernels.flatMap((kernel) => {
    const found = contractionKernel(kernel);
    return found ? [`${found.row?.extent} × ${found.column?.extent}`] : [];
  });

test.each<[string, string[], string[]]>([
  ["x · w", contractions((x: Tensor<["B", 4]>, w: Tensor<[4, 5]>) => matmul(x, w), ["B", 4], [4, 5]), ["B × 5"]],
  ["xᵀ · y", contractions((x: Tensor<["B", 4]>, y: Tensor<["B", 5]>) => matmul(transpose(x), y), ["B", 4], ["B", 5]), ["4 × 5"]],
  ["batched", contractions((x: Tensor<["B", 2, 3]>, y: Tensor<["B", 3, 4]>) => matmul(x, y), ["B", 2, 3], ["B", 3, 4]), ["2 × 4"]],
  ["with an epilogue", contractions((x: Tensor<["B", 4]>, w: Tensor<[4, 5]>) => relu(add(matmul(x, w), 1)), ["B", 4], [4, 5]), ["B × 5"]],
  [
    "of an operand that is computed first",
    contractions((x: Tensor<["B", 4]>, w: Tensor<[4, 5]>) => matmul(exp(x), w), ["B", 4], [4, 5]),
    ["B × 5"],
  ],
  [
    "matrix times vector",
    contractions((x: Tensor<["B", 4]>, v: Tensor<[4]>) => dotGeneral(x, v, { contract: [[1], [0]] }), ["B", 4], [4]),
    ["B × undefined"],
  ],
  [
    "over two axes",
    contractions(
      (x: Tensor<["B", 2, 3]>, y: Tensor<[5, 2, 3]>) =>
        dotGeneral(x, y, {
          contract: [
            [1, 2],
            [1, 2],
          ],
        }),
      ["B", 2, 3],
      [5, 2, 3],
    ),
    ["B × 5"],
  ],
  [
    "written out, Σ x · y, is one too",
    contractions((x: Tensor<["B", 4]>, y: Tensor<["B", 4]>) => sum(mul(x, y), 1), ["B", 4], ["B", 4]),
    ["undefined × undefined"],
  ],
  ["a sum is none", contractions((x: Tensor<["B", 4]>) => sum(x, 1), ["B", 4]), []],
  ["an outer product is none", contractions((x: Tensor<["B"]>) => dotGeneral(x, x, { contract: [[], []] }), ["B"]), []],
])("%s", (_, found, expected) => expect(found).toEqual(expected));
