/** What is recognised as a contraction, and which index is its row and which its column. */
import { add, type ConvOptions, conv2d, dotGeneral, exp, grad, matmul, mul, relu, sum, type Tensor, transpose } from "cotangent";
import { describe, expect, test } from "vitest";
import { showShape } from "../dsl/dim.ts";
import type { Shape } from "../dsl/types.ts";
import { contractionKernel } from "./contraction.ts";
import { tensorSpec, trace } from "./graph.ts";
import type { Kernel } from "./kernel.ts";
import { compile } from "./pipeline.ts";

const kernelsOf = (f: (...args: never[]) => unknown, ...shapes: readonly Shape[]): readonly Kernel[] =>
  compile(
    trace(
      "f",
      f,
      shapes.map((shape, k) => ({ name: `x${k}`, specs: tensorSpec(shape, "f32") })),
    ),
  ).kernels;
/** `row × column` of each contraction, by extent. */
const contractions = (f: (...args: never[]) => unknown, ...shapes: readonly Shape[]): string[] =>
  kernelsOf(f, ...shapes).flatMap((kernel) => {
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

/** Convolutions read the image, or its padded copy, in place: what they store is no greater. */
describe("a convolution is a contraction of windows that nothing stores", () => {
  type Images = Tensor<["B", 16, 16, 4]>;
  type Filters = Tensor<[3, 3, 4, 8]>;
  const image: Shape = ["B", 16, 16, 4];
  const filters: Shape = [3, 3, 4, 8];
  /** What each kernel stores; a contraction, with its row and column. */
  const stored = (f: (...args: never[]) => unknown, ...shapes: readonly Shape[]): string[] =>
    kernelsOf(f, ...shapes).map((kernel) => {
      const found = contractionKernel(kernel);
      const targets = kernel.stages.flatMap((stage) => (stage.kind === "store" ? [showShape(stage.target.shape)] : []));
      return `${targets.join(" ")}${found ? ` = ${found.row?.extent} × ${found.column?.extent}` : ""}`;
    });
  const forward = (options: ConvOptions) => (x: Images, w: Filters) => relu(conv2d(x, w, options));
  const slope = (options: ConvOptions) => (w: Filters, x: Images, ct: Tensor<["B", 16, 16, 8]>) =>
    grad((v: Filters) => sum(mul(conv2d(x, v, options) as typeof ct, ct)))(w);

  test.each<[string, string[], string[]]>([
    ["forward", stored(forward({}), image, filters), ["[B, 14, 14, 8] = 14 × 8"]],
    ["with stride and dilation", stored(forward({ stride: 2, dilation: 2 }), image, filters), ["[B, 6, 6, 8] = 6 × 8"]],
    ["padded", stored(forward({ padding: "same" }), image, filters), ["[B, 18, 18, 4]", "[B, 16, 16, 8] = 16 × 8"]],
    [
      "in groups",
      stored((x: Images, w: Tensor<[3, 3, 2, 8]>) => conv2d(x, w, { groups: 2 }), image, [3, 3, 2, 8]),
      ["[2, B, 14, 14, 4] = 14 × 4", "[B, 14, 14, 8]"],
    ],
    [
      "gradient of the image: the padded cotangent's windows with the reversed filters",
      stored(
        (x: Images, w: Filters, ct: Tensor<["B", 16, 16, 8]>) => grad((v: Images) => sum(mul(conv2d(v, w, { padding: "same" }), ct)))(x),
        image,
        filters,
        ["B", 16, 16, 8],
      ),
      ["[B, 18, 18, 8]", "[B, 16, 16, 4] = 16 × 4"],
    ],
    [
      "gradient of the filters",
      stored(slope({ padding: "same" }), filters, image, ["B", 16, 16, 8]),
      ["[B, 18, 18, 4]", "[3, 3, 4, 8] = 4 × 8"],
    ],
  ])("%s", (_, found, expected) => expect(found).toEqual(expected));
});
