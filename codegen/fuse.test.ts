/** What becomes one kernel, what stays in memory, and what fusion may never do. */
import {
  add,
  exp,
  gather,
  layerNorm,
  matmul,
  mean,
  mul,
  neg,
  relu,
  sigmoid,
  softmax,
  sub,
  sum,
  type Tensor,
  tanh,
  transpose,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { evaluateDim } from "../dsl/dim.ts";
import type { DType, Shape } from "../dsl/types.ts";
import { nameOf } from "../dsl/value.ts";
import { tensorSpec, trace } from "./graph.ts";
import { writesOf } from "./kernel.ts";
import { flopsOf } from "./measure.ts";
import { compile } from "./pipeline.ts";

type Specs = Readonly<Record<string, readonly [Shape, DType?]>>;
const graphOf = (f: (...args: never[]) => unknown, specs: Specs) =>
  trace(
    "f",
    f,
    Object.entries(specs).map(([name, [shape, dtype = "f32"]]) => ({ name, specs: tensorSpec(shape, dtype) })),
  );
/** What each kernel writes to memory. */
const stored = (f: (...args: never[]) => unknown, specs: Specs): string[][] =>
  compile(graphOf(f, specs)).kernels.map((kernel) => writesOf(kernel).map((v) => `${nameOf(v) ?? v.op.name} [${v.shape.join(", ")}]`));

describe("one kernel", () => {
  test("a chain of elementwise ops, broadcasts and views", () =>
    expect(stored((x: Tensor<["B", 3]>, b: Tensor<[3]>) => neg(tanh(transpose(add(exp(x), b)))), { x: [["B", 3]], b: [[3]] })).toEqual([
      ["result [3, B]"],
    ]));
  test("softmax, with its exponentials kept for the second pass", () =>
    expect(stored((x: Tensor<["B", 9]>) => softmax(x), { x: [["B", 9]] })).toEqual([["exponential [B, 9]", "result [B, 9]"]]));
  test("layerNorm, with its differences computed again: they are cheap", () =>
    expect(stored((x: Tensor<["B", 9]>, g: Tensor<[9]>) => layerNorm(x, g, g), { x: [["B", 9]], g: [[9]] })).toEqual([["result [B, 9]"]]));
  test("a contraction with its epilogue", () =>
    expect(
      stored((x: Tensor<["B", 4]>, w: Tensor<[4, 5]>, b: Tensor<[5]>) => relu(add(matmul(x, w), b)), {
        x: [["B", 4]],
        w: [[4, 5]],
        b: [[5]],
      }),
    ).toEqual([["result [B, 5]"]]));
  test("sums of one row that read it differently", () =>
    expect(stored((x: Tensor<["B", 4]>) => [sum(x, 1), sum(mul(x, x), 1)], { x: [["B", 4]] }).length).toBeLessThanOrEqual(2));
});

describe("kept in memory", () => {
  test("what several read, if it costs more than an operation", () => {
    const f = (x: Tensor<["B", 3]>) => {
      const e = exp(x);
      return [sum(e, 0), sum(e, 1), transpose(e)];
    };
    expect(stored(f, { x: [["B", 3]] }).flat()).toContain("exponential [B, 3]");
  });
  test("an operand of a contraction that must be computed", () =>
    expect(stored((x: Tensor<["B", 4]>, w: Tensor<[4, 5]>) => matmul(sigmoid(x), w), { x: [["B", 4]], w: [[4, 5]] })).toHaveLength(2));
  test("not an operand that is only a view", () =>
    expect(stored((x: Tensor<["B", 4]>, w: Tensor<[5, 4]>) => matmul(x, transpose(w)), { x: [["B", 4]], w: [[5, 4]] })).toEqual([
      ["result [B, 5]"],
    ]));
  test("what is one number a row, and would be computed for each of its columns", () => {
    const f = (r: Tensor<["B", 1]>, y: Tensor<["B", 100]>) => mul(y, exp(r));
    const { kernels } = compile(graphOf(f, { r: [["B", 1]], y: [["B", 100]] }));
    expect(kernels.reduce((n, kernel) => n + evaluateDim(flopsOf(kernel), { B: 64 }), 0)).toBe(64 * 100 + 64);
  });
  test("a row that is gathered again and again", () => {
    const f = (table: Tensor<[10, 4]>, at: Tensor<["B"], "i32">) => gather(exp(table), at);
    expect(stored(f, { table: [[10, 4]], at: [["B"], "i32"] })).toHaveLength(2);
  });
});

describe("the complexity stays", () => {
  const flops = (f: (...args: never[]) => unknown, specs: Specs, fuse: boolean): number =>
    compile(graphOf(f, specs), { fuse }).kernels.reduce((n, kernel) => n + evaluateDim(flopsOf(kernel), { B: 64 }), 0);
  type Rows = Tensor<["B", 10]>;

  test.each<[string, (x: Rows, k: number) => unknown]>([
    ["rows that each read the sum of the row before", (x, k) => chain(k, x, (r) => mul(r, sum(r, 1, { keepDims: true })))],
    ["columns that each read the mean of the column before", (x, k) => chain(k, x, (r) => sub(r, mean(r, 0)))],
    ["values that are used twice", (x, k) => chain(k, x, (r) => add(mul(r, r), r))],
    ["values that are used twice, of a dear function", (x, k) => chain(k, x, (r) => mul(tanh(r), r))],
    ["softmax of softmax", (x, k) => chain(k, x, (r) => softmax(r))],
  ])("%s: work is linear in the length", (_, f) => {
    const work = (k: number): number => flops((x: Rows) => f(x, k), { x: [["B", 10]] }, true);
    expect(work(32) / work(16)).toBeLessThan(2.2);
    expect(work(16)).toBeLessThan(4 * flops((x: Rows) => f(x, 16), { x: [["B", 10]] }, false));
  });

  test("a reduction within a reduction is not computed for each of its elements", () => {
    const f = (x: Rows, y: Rows) => sum(mul(y, sum(mul(x, x), 0)), 1);
    expect(flops(f, { x: [["B", 10]], y: [["B", 10]] }, true)).toBeLessThanOrEqual(flops(f, { x: [["B", 10]], y: [["B", 10]] }, false));
  });
});

const chain = <T>(length: number, from: T, f: (x: T) => T): T => Array.from({ length }).reduce<T>((x) => f(x), from);
