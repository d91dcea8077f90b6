import { type Array as JaxArray, lax, nn, numpy as np } from "@jax-js/jax";
import type { CnnTask, Contender } from "../../library.ts";
import { arrayOf } from "./array.ts";
import { denseFromChannelsFirst, denseToChannelsFirst, kernelFromChannelsFirst, kernelToChannelsFirst } from "./channels-first.ts";
import { stepper } from "./step.ts";

/** Channels first: `[B, c, h, w]`, kernels `[out, in, 3, 3]`. */
export async function trainCnn(task: CnnTask): Promise<Contender> {
  const { layers, images, batch } = task;
  const [first, second, out] = layers;
  const contender = stepper(
    ([k1, b1, k2, b2, w, b], x) => {
      const h = pool(nn.relu(convolve(x, k1!).add(b1!)));
      const g = pool(nn.relu(convolve(h, k2!).add(b2!)));
      return np.matmul(g.reshape([batch, 784]), w!).add(b!);
    },
    [
      arrayOf(kernelToChannelsFirst(first.w, 1, 8), [8, 1, 3, 3]),
      arrayOf(first.b, [8, 1, 1]),
      arrayOf(kernelToChannelsFirst(second.w, 8, 16), [16, 8, 3, 3]),
      arrayOf(second.b, [16, 1, 1]),
      arrayOf(denseToChannelsFirst(out.w, 49, 16), [784, 10]),
      arrayOf(out.b, [10]),
    ],
    arrayOf(images, [batch, 1, 28, 28]),
    task,
  );
  return {
    ...contender,
    async result() {
      const [k1, b1, k2, b2, w, b] = await contender.result();
      return [kernelFromChannelsFirst(k1!, 1, 8), b1!, kernelFromChannelsFirst(k2!, 8, 16), b2!, denseFromChannelsFirst(w!, 49, 16), b!];
    },
  };
}

const convolve = (x: JaxArray, kernel: JaxArray): JaxArray => lax.conv(x, kernel, [1, 1], "SAME");
const pool = (x: JaxArray): JaxArray => lax.reduceWindow(x, np.max, [2, 2], [2, 2]);
