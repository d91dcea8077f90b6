import { blockUntilReady, grad, type Array as JaxArray, jit, nn, tree } from "@jax-js/jax";
import type { Contender, TrainTask } from "../../library.ts";
import { arrayOf } from "./array.ts";

/**
 * A training step as jax-js has it: the gradient of a loss and SGD under one `jit`. A call uses up its arguments: what is used twice is
 * referred to (`ref`). It is lazy: a step is done when its parameters are ready.
 */
export function stepper(
  logits: (parameters: JaxArray[], x: JaxArray) => JaxArray,
  start: JaxArray[],
  x: JaxArray,
  { batch, labels, lr }: TrainTask,
): Contender {
  const onehot = Float32Array.from({ length: batch * 10 }, (_, i) => (labels[Math.floor(i / 10)] === i % 10 ? 1 : 0));
  const y = arrayOf(onehot, [batch, 10]);
  const loss = (p: JaxArray[], images: JaxArray, target: JaxArray): JaxArray =>
    nn
      .logSoftmax(logits(p, images))
      .mul(target)
      .sum()
      .mul(-1 / batch);
  const step = jit((p: JaxArray[], images: JaxArray, target: JaxArray): JaxArray[] => {
    const gradient = grad(loss)(tree.ref(p), images, target) as JaxArray[];
    return p.map((w, i) => w.sub(gradient[i]!.mul(lr)));
  });
  let parameters = start;
  return {
    run() {
      parameters = step(parameters, x.ref, y.ref);
      return blockUntilReady(parameters);
    },
    result: () => Promise.all(parameters.map(async (w) => (await w.ref.data()) as Float32Array)),
  };
}
