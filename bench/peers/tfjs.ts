import * as tf from "@tensorflow/tfjs-core";
import type { Contender, Library, MatmulTask, MlpTask } from "../library.ts";
import { registerGradients } from "./tfjs-gradients.ts";

/** TensorFlow.js on one of its backends, as its own guide has it: `tf.train.sgd().minimize`, data on the backend once, no checks (prod mode). */
export async function tfjsOn(backend: "cpu" | "wasm"): Promise<Library> {
  tf.enableProdMode();
  if (!(await tf.setBackend(backend))) throw new Error(`tfjs: the backend ${backend} did not start`);
  await tf.ready();
  await registerGradients();
  const enter = (): Promise<boolean> => tf.setBackend(backend);
  return {
    name: `tfjs-${backend}`,
    version: tf.version_core,
    trainMlp: (task) => trainMlp(enter, task),
    multiply: (task) => multiply(enter, task),
  };
}

async function trainMlp(enter: () => Promise<boolean>, { batch, lr, params, images, labels }: MlpTask): Promise<Contender> {
  await enter();
  const w1 = tf.variable(tf.tensor2d(params.hidden.w, [784, 128]));
  const b1 = tf.variable(tf.tensor1d(params.hidden.b));
  const w2 = tf.variable(tf.tensor2d(params.out.w, [128, 10]));
  const b2 = tf.variable(tf.tensor1d(params.out.b));
  const x = tf.tensor2d(images, [batch, 784]);
  const y = tf.cast(tf.oneHot(tf.tensor1d(labels, "int32"), 10), "float32");
  const sgd = tf.train.sgd(lr);
  const loss = (): tf.Scalar => {
    const h = tf.relu(tf.add(tf.matMul(x, w1), b1));
    return tf.losses.softmaxCrossEntropy(y, tf.add(tf.matMul(h, w2), b2)) as tf.Scalar;
  };
  return {
    enter,
    run: () => {
      sgd.minimize(loss);
    },
    result: async () => [w1, b1, w2, b2].map((v) => Float32Array.from(v.dataSync())),
  };
}

async function multiply(enter: () => Promise<boolean>, { n, a, b }: MatmulTask): Promise<Contender> {
  await enter();
  const left = tf.tensor2d(a, [n, n]);
  const right = tf.tensor2d(b, [n, n]);
  return {
    enter,
    run: () => tf.matMul(left, right).dispose(),
    result: async () => {
      const product = tf.matMul(left, right);
      const elements = Float32Array.from(product.dataSync());
      product.dispose();
      return [elements];
    },
  };
}
