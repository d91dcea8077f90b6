import type { MlpTask } from "../library.ts";
import { wayError } from "../measure/check.ts";
import { randomUniform } from "../measure/random.ts";
import { trainMlp } from "../reference/mlp.ts";
import { arraysOf, trainingTask } from "./train.ts";
import type { Work } from "./work.ts";

/** The MNIST network. */
export const mlpWork = (): Work => ({
  ...trainingWork(smallMlp(32)),
  name: "mlp-784-128-10-b32",
  atLeast: {
    loops: { "tfjs-cpu": 4, "tfjs-wasm": 1.2 },
    wasm: { "tfjs-wasm": 15, "jax-js": 3, numpy: 1 },
  },
});

/** Wide enough that matrix products are all that counts. */
export const mlpLargeWork = (): Work => ({
  ...trainingWork(mlpTask([784, 512, 512, 10], 128)),
  name: "mlp-784-512-512-10-b128",
  atLeast: { wasm: { "tfjs-wasm": 20, "jax-js": 1.8, numpy: 0.6 } },
});

const trainingWork = (task: MlpTask) => trainingTask(task, ({ does }) => does.mlp?.(task), trainMlp);

export const smallMlp = (batch: number): MlpTask => mlpTask([784, 128, 10], batch);

/** Random weights, of about √(6 / inputs), and images. */
function mlpTask(sizes: readonly number[], batch: number): MlpTask {
  const uniform = randomUniform(1);
  const layers = sizes.slice(1).map((n, l) => ({ w: uniform(sizes[l]! * n, Math.sqrt(6 / sizes[l]!)), b: uniform(n, 0.1) }));
  const labels = Int32Array.from({ length: batch }, (_, i) => (7 * i) % 10);
  return { sizes, batch, lr: 0.05, layers, images: uniform(batch * sizes[0]!, 1), labels };
}

/** How wrong the small network's parameters are after so many steps. */
export const errorAfter = (steps: number, task: MlpTask, found: readonly Float32Array[]): number =>
  wayError(arraysOf(task.layers), found, arraysOf(trainMlp(task, steps)));
