/** The law between targets catches a target that is wrong, and says where. */
import { add, exp, matmul, mean, model, mul, relu, softmax, type Tensor, valueAndGrad } from "cotangent";
import { describe, expect, test } from "vitest";
import { instantiatePrograms } from "../backends/loops/instantiate.ts";
import { instantiatePrograms as wasmPrograms } from "../backends/wasm/instantiate.ts";
import { tensorSpec, trace } from "../codegen/graph.ts";
import { compile } from "../codegen/pipeline.ts";
import type { Program } from "../codegen/program.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { firstDifference, type Runner } from "./kernels.ts";

const loops: Runner = { align: 1, run: instantiatePrograms };
const wasm: Runner = { align: 4, run: (programs) => wasmPrograms(programs) };

const loss = model((w: Tensor<["N", 5]>, x: Tensor<["B", "N"]>) => mean(softmax(relu(matmul(x, w)))));
const step = model((w: Tensor<["N", 5]>, x: Tensor<["B", "N"]>) => {
  const { value, grad } = valueAndGrad(loss)(w, x);
  return [add(w, mul(grad, 0.1)), exp(value)];
});
const program: Program = compile(
  trace("step", step as never, [
    { name: "w", specs: tensorSpec(["N", 5], "f32") },
    { name: "x", specs: tensorSpec(["B", "N"], "f32") },
  ]),
  { align: 4 },
);
const sizes = { B: 3, N: 7 };
const next = (() => {
  let k = 0;
  return () => (k++ * 0.618034) % 1;
})();

interface Output {
  data(): Promise<Float32Array>;
}
type Called = (...args: readonly unknown[]) => Output[];

/** Loops whose kernel number `k` is wrong in the last element of the first thing that it writes. */
const wrongIn = (k: number): Runner => ({
  align: 1,
  async run(programs) {
    const right = await loops.run(programs);
    const wrong = (...args: readonly unknown[]): unknown => {
      const [first, ...others] = (right[`kernel_${k}`] as Called)(...args);
      const data = async () => (await (first as Output).data()).map((x, i, all) => (i === all.length - 1 ? x + 0.01 : x));
      return [{ data }, ...others];
    };
    return { ...right, [`kernel_${k}`]: wrong };
  },
});

describe("kernel by kernel", () => {
  test("wasm computes what loops compute", async () => {
    expect(program.kernels.length).toBeGreaterThan(3);
    expect(await firstDifference(program, loops, wasm, sizes, next)).toBeUndefined();
  });

  test.each(program.kernels.map((kernel, k) => [kernel.name, k] as const))("a wrong %s is named", async (name, k) => {
    const found = await firstDifference(program, loops, wrongIn(k), sizes, next);
    expect(found?.kernel.name).toBe(name);
    expect((found?.actual ?? 0) - (found?.expected ?? 0)).toBeCloseTo(0.01, 4);
    const shape = found?.value.shape.map((dim) => evaluateDim(dim, sizes));
    expect(found?.index).toEqual(shape?.map((n) => n - 1));
  });
});
