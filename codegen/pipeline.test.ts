/** The whole pipeline on the model that everything is measured by: the step of examples/mnist. */
import { describe, expect, test } from "vitest";
import { evaluateDim } from "../dsl/dim.ts";
import type { Dim } from "../dsl/types.ts";
import { trainStep } from "../examples/mnist/mlp.ts";
import { contractionKernel } from "./contraction.ts";
import { tensorSpec, trace } from "./graph.ts";
import { flopsOf } from "./measure.ts";
import { type CompileOptions, compile } from "./pipeline.ts";

const p = {
  hidden: { w: tensorSpec([784, 128], "f32"), b: tensorSpec([128], "f32") },
  out: { w: tensorSpec([128, 10], "f32"), b: tensorSpec([10], "f32") },
};
const graph = trace("trainStep", trainStep.def as never, [
  { name: "s", specs: { p, opt: { step: tensorSpec([], "i32"), m: p, v: p } } },
  { name: "x", specs: tensorSpec(["B", 784], "f32") },
  { name: "y", specs: tensorSpec(["B"], "i32") },
  { name: "lr", specs: "number" },
]);
const at = (d: Dim): number => evaluateDim(d, { B: 32 });
const compiled = (options?: CompileOptions) => {
  const { kernels, memory } = compile(graph, options);
  return {
    kernels,
    bytes: at(memory.bytes),
    alive: Math.max(...memory.alive.map(at)),
    flops: kernels.reduce((n, k) => n + at(flopsOf(k)), 0),
  };
};

describe("the MNIST step, batch 32", () => {
  const step = compiled();

  test("is at most 16 kernels", () => expect(step.kernels.length).toBeLessThanOrEqual(16));

  test("has five contractions: two forward, and of the three gradients the one of the images is not among them", () => {
    expect(step.kernels.filter((kernel) => contractionKernel(kernel))).toHaveLength(5);
  });

  test("is one kernel where nothing but an operand is between, and no update has one of its own", () => {
    expect(step.kernels.map((kernel) => kernel.name).filter((name) => /^p_/.test(name))).toHaveLength(4);
    expect(step.kernels.some((kernel) => kernel.name.startsWith("keep_"))).toBe(false);
  });

  test("its arena is at most 1.3 times what is alive at once", () => expect(step.bytes / step.alive).toBeLessThanOrEqual(1.3));

  test("reuse of memory is worth it", () => {
    const without = compiled({ reuse: false });
    expect(without.bytes).toBeGreaterThan(step.bytes);
    // Without fusion too, what reuse saves is what would otherwise lie around: all intermediate values.
    const [plain, plainWithout] = [compiled({ fuse: false }), compiled({ fuse: false, reuse: false })];
    expect(plainWithout.bytes / plain.bytes).toBeGreaterThan(2);
  });

  test("fusion is worth it: fewer kernels, less memory, and no more than a little work done twice", () => {
    const plain = compiled({ fuse: false });
    expect(plain.kernels.length / step.kernels.length).toBeGreaterThan(5);
    expect(plain.bytes / step.bytes).toBeGreaterThan(1.2);
    expect(step.flops / plain.flops).toBeLessThan(1.05);
  });
});
