/** After warm-up a step allocates no buffer, and next to nothing on the heap: a frame of animation never waits for the collector. */
import { setTimeout } from "node:timers/promises";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type AdamState, adam, adamInit, add, matmul, mean, relu, softmaxCrossEntropy, type Tensor, tensor, valueAndGrad } from "cotangent";
import { describe, expect, test } from "vitest";
import { hosts } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

type Params = { readonly w: Tensor<[8, 4]>; readonly b: Tensor<[4]> };
const loss = (p: Params, x: Tensor<["B", 8]>, y: Tensor<["B"], "i32">) => mean(softmaxCrossEntropy(relu(add(matmul(x, p.w), p.b)), y));
const train = (s: { p: Params; opt: AdamState<Params> }, x: Tensor<["B", 8]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(s.p, x, y);
  const [p, opt] = adam(s.p, grad, s.opt, { lr });
  return [{ p, opt }, value] as const;
};

const STEPS = 1000;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What `run` leaves on the heap, live or not; the collector does not run meanwhile, since there is nothing to collect. */
function allocated(run: () => void): { heap: number; buffers: number } {
  collect();
  const [heap, buffers] = [getHeapStatistics().used_heap_size, process.memoryUsage().arrayBuffers];
  run();
  return { heap: getHeapStatistics().used_heap_size - heap, buffers: process.memoryUsage().arrayBuffers - buffers };
}

describe.each(hosts)("$name", ({ instantiate }) => {
  test(`${STEPS} steps allocate no ArrayBuffer and at most 200 bytes of heap each`, async () => {
    const specs = { w: spec([8, 4]), b: spec([4]) };
    const opt = { step: spec([], "i32"), m: specs, v: specs };
    const graph = traced("train", train, { s: { p: specs, opt }, x: spec(["B", 8]), y: spec(["B"], "i32"), lr: "number" });
    const built = await instantiate([graph]);
    const p = { w: tensor(new Float32Array(32).fill(0.1), [8, 4]), b: tensor(new Float32Array(4), [4]) };
    const session = built.train.start({ p, opt: adamInit(p) }, { max: { B: 4 } });
    const batches = [4, 3].map((n) => [tensor(new Float32Array(n * 8).fill(0.5), [n, 8]), tensor(new Int32Array(n), [n], "i32")] as const);
    const run = (): void => {
      for (let k = 0; k < STEPS; k++) {
        const [x, y] = batches[0] as (typeof batches)[number];
        session.step(x, y, 0.001);
      }
    };
    // Warm-up ends when the optimizing compiler, on a thread of its own, has got round to everything: on a busy machine that takes a while.
    let best = { heap: Number.POSITIVE_INFINITY, buffers: 0 };
    for (let round = 0; round < 100 && best.heap > 200 * STEPS; round++) {
      run();
      await setTimeout(5);
      const now = allocated(run);
      if (now.heap >= 0 && now.heap < best.heap) best = now;
    }
    expect(best.heap / STEPS).toBeLessThanOrEqual(200);
    expect(best.buffers).toBe(0);
  });
});
