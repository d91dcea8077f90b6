/** The verifier catches what a pass might get wrong: kernels as they should be, with one fault planted in each. */
import { add, softmax, sum, type Tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { indexVar, local } from "../dsl/expr.ts";
import { add as addOp } from "../dsl/ops/scalar.ts";
import { parameter, type Value } from "../dsl/value.ts";
import { checkKernels, checkValues } from "./check.ts";
import { tensorSpec, trace } from "./graph.ts";
import type { Kernel, Stage } from "./kernel.ts";
import { compile } from "./pipeline.ts";

const f = (x: Tensor<["B", 3]>) => [add(softmax(x), 1), sum(x, 0)] as const;
const { kernels, inputs } = compile(trace("f", f, [{ name: "x", specs: tensorSpec(["B", 3], "f32") }]));
const given = new Set(inputs.map((leaf) => leaf.value));

const withStages = (kernel: Kernel, change: (stage: Stage) => Stage | undefined): Kernel => ({
  ...kernel,
  stages: kernel.stages.flatMap((stage) => change(stage) ?? []),
});
/** The kernel that has most in it, changed. */
const planted = (change: (kernel: Kernel) => Kernel): readonly Kernel[] => {
  const most = Math.max(...kernels.map((kernel) => kernel.stages.length));
  return kernels.map((kernel) => (kernel.stages.length === most ? change(kernel) : kernel));
};
const stores = (change: (stage: Stage & { kind: "store" }) => Stage | undefined) =>
  planted((kernel) => withStages(kernel, (stage) => (stage.kind === "store" ? change(stage) : stage)));

describe("kernels", () => {
  test("as the pipeline makes them are accepted", () => expect(() => checkKernels(kernels, given)).not.toThrow());

  test.each<[string, () => readonly Kernel[], RegExp]>([
    ["an index of no loop", () => stores((s) => ({ ...s, value: indexVar("i9") })), /index i9 is not in scope/],
    ["a local of no stage", () => stores((s) => ({ ...s, value: local("nothing", "f32") })), /local nothing is not in scope/],
    ["a local before its stage", () => planted((k) => ({ ...k, stages: [...k.stages].reverse() })), /not in scope|before it is written/],
    ["a stage left out", () => planted((k) => withStages(k, (s) => (s.kind === "reduce" ? undefined : s))), /not in scope/],
    ["a store with an index missing", () => stores((s) => ({ ...s, index: s.index.slice(1) })), /indices/],
    [
      "rows that all write the first row",
      () => stores((s) => ({ ...s, index: s.index.map(() => ({ kind: "const", dtype: "i32", value: 0 })) })),
      /write the same elements/,
    ],
  ])("%s", (_, faulty, message) => {
    expect(() => checkKernels(faulty(), given)).toThrow(message);
    expect(() => checkKernels(faulty(), given)).toThrow(/^internal: /);
  });

  test("an input that nobody gave", () => expect(() => checkKernels(kernels, new Set())).toThrow(/before it is written/));
});

describe("values", () => {
  const [x, y] = [parameter(["B"], "f32", "x"), parameter(["B"], "f32", "y")];
  const sumOf = addOp(x, y);
  test("with the shape and dtype of their op's rule are accepted", () => expect(() => checkValues([x, y, sumOf])).not.toThrow());
  test.each<[string, Partial<Value>]>([
    ["another shape", { shape: ["B", 1] }],
    ["another dtype", { dtype: "f64" }],
  ])("%s is a fault of the compiler", (_, change) => expect(() => checkValues([{ ...sumOf, ...change }])).toThrow(/^internal: add/));
});
