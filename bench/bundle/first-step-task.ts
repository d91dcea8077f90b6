import type { MlpTask } from "../library.ts";

const layer = (m: number, n: number) => ({ w: new Float32Array(m * n).fill(0.01), b: new Float32Array(n) });

/** Something to learn that costs no time to make. */
export const task: MlpTask = {
  sizes: [784, 128, 10],
  batch: 32,
  lr: 0.05,
  layers: [layer(784, 128), layer(128, 10)],
  images: new Float32Array(32 * 784).fill(0.5),
  labels: new Int32Array(32),
};
