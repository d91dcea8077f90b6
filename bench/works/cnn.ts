import type { CnnTask } from "../library.ts";
import { randomUniform } from "../measure/random.ts";
import { trainCnn } from "../reference/cnn.ts";
import { trainingTask } from "./train.ts";
import type { Work } from "./work.ts";

/** A small convolutional network for digits. */
export function cnnWork(): Work {
  const uniform = randomUniform(2);
  const layer = (inputs: number, outputs: number) => ({ w: uniform(inputs * outputs, Math.sqrt(6 / inputs)), b: uniform(outputs, 0.1) });
  const batch = 32;
  const task: CnnTask = {
    batch,
    lr: 0.05,
    layers: [layer(9, 8), layer(9 * 8, 16), layer(7 * 7 * 16, 10)],
    images: uniform(batch * 28 * 28, 1),
    labels: Int32Array.from({ length: batch }, (_, i) => (7 * i) % 10),
  };
  return {
    ...trainingTask(task, ({ does }) => does.cnn?.(task), trainCnn),
    name: `cnn-b${batch}`,
    atLeast: { wasm: { "jax-js": 60, "tfjs-cpu": 120, torch: 1 } },
  };
}
