import { copyOf, lossAndGradient, type Mlp, sgd } from "../../examples/mnist/reference.ts";
import type { MlpParams, MlpTask } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { randomUniform } from "../measure/random.ts";
import type { Work } from "./work.ts";

const CHECKED_STEPS = 3;

/** A full training step of the MNIST network: forward, backward, SGD; 32 random images that stay where they are; the loss is not read. */
export function mlpWork(): Work {
  const task = mlpTask(32);
  return {
    name: "mlp-784-128-10-b32",
    unit: "steps/s",
    unitsARun: 1,
    open: (library) => library.trainMlp(task),
    async error(contender) {
      for (let step = 0; step < CHECKED_STEPS; step++) await contender.run();
      return errorAfter(CHECKED_STEPS, task, await contender.result());
    },
    tolerance: 1e-3,
    atLeast: { "tfjs-cpu": 4, "tfjs-wasm": 1.2 },
  };
}

export function mlpTask(batch: number): MlpTask {
  const uniform = randomUniform(1);
  const labels = Int32Array.from({ length: batch }, (_, i) => (7 * i) % 10);
  const hidden = { w: uniform(784 * 128, 0.08), b: uniform(128, 0.1) };
  const out = { w: uniform(128 * 10, 0.2), b: uniform(10, 0.1) };
  return { batch, lr: 0.05, params: { hidden, out }, images: uniform(batch * 784, 1), labels };
}

/** How far the parameters' way from their start is from the way they go in float64: an error in a gradient shows, whatever the size of the weights. */
export function errorAfter(steps: number, { batch, lr, params, images, labels }: MlpTask, found: readonly Float32Array[]): number {
  const p = copyOf(params);
  for (let step = 0; step < steps; step++) sgd(p, lossAndGradient(p, { count: batch, images, labels }).grad, lr);
  const start = arraysOf(params);
  const way = (arrays: readonly ArrayLike<number>[]): Float64Array[] =>
    arrays.map((array, i) => Float64Array.from(array, (v, k) => v - start[i]![k]!));
  return relativeError(way(found), way(arraysOf(p)));
}

const arraysOf = (p: Mlp | MlpParams): readonly (Float64Array | Float32Array)[] => [p.hidden.w, p.hidden.b, p.out.w, p.out.b];
