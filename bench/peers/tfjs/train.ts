import * as tf from "@tensorflow/tfjs-core";
import type { CnnTask, Contender, Layer, MlpTask, TrainTask } from "../../library.ts";

export function trainMlp(task: MlpTask): Contender {
  const { sizes, layers, images, batch } = task;
  const variables = layers.map((layer, l) => variablesOf(layer, [sizes[l]!, sizes[l + 1]!]));
  const x = tf.tensor2d(images, [batch, sizes[0]!]);
  const logits = (): tf.Tensor => variables.reduce<tf.Tensor>((h, { w, b }, l) => tf.add(tf.matMul(l > 0 ? tf.relu(h) : h, w), b), x);
  return stepper(logits, variables, task);
}

export function trainCnn(task: CnnTask): Contender {
  const { layers, images, batch } = task;
  const first = variablesOf(layers[0], [3, 3, 1, 8]);
  const second = variablesOf(layers[1], [3, 3, 8, 16]);
  const out = variablesOf(layers[2], [784, 10]);
  const x = tf.tensor4d(images, [batch, 28, 28, 1]);
  const convolve = (h: tf.Tensor4D, { w, b }: Variables): tf.Tensor4D =>
    tf.maxPool(tf.relu(tf.add(tf.conv2d(h, w as tf.Tensor4D, 1, "same"), b)), 2, 2, "valid");
  const logits = (): tf.Tensor => tf.add(tf.matMul(tf.reshape(convolve(convolve(x, first), second), [batch, 784]), out.w), out.b);
  return stepper(logits, [first, second, out], task);
}

interface Variables {
  readonly w: tf.Variable;
  readonly b: tf.Variable;
}

const variablesOf = ({ w, b }: Layer, shape: number[]): Variables => ({
  w: tf.variable(tf.tensor(w, shape)),
  b: tf.variable(tf.tensor1d(b)),
});

function stepper(logits: () => tf.Tensor, variables: readonly Variables[], { labels, lr }: TrainTask): Contender {
  const y = tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 10), "float32");
  const sgd = tf.train.sgd(lr);
  return {
    run: () => {
      sgd.minimize(() => tf.losses.softmaxCrossEntropy(y, logits()));
    },
    result: async () => variables.flatMap(({ w, b }) => [w, b]).map((v) => Float32Array.from(v.dataSync())),
  };
}
