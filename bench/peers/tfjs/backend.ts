import * as tf from "@tensorflow/tfjs-core";
import type { Contender, Library, MatmulTask } from "../../library.ts";
import { registerGradients } from "./gradients.ts";
import { trainCnn, trainMlp } from "./train.ts";

/** TensorFlow.js on one of its backends, as its own guide has it: `tf.train.sgd().minimize`, data on the backend once, no checks (prod mode). */
export async function tfjsOn(backend: "cpu" | "wasm"): Promise<Library> {
  tf.enableProdMode();
  const enter = async (): Promise<void> => {
    if (!(await tf.setBackend(backend))) throw new Error(`tfjs: the backend ${backend} did not start`);
  };
  await enter();
  await tf.ready();
  await registerGradients();
  const entered = <Task>(make: (task: Task) => Contender) => {
    return async (task: Task): Promise<Contender> => {
      await enter();
      return { enter, ...make(task) };
    };
  };
  return {
    name: `tfjs-${backend}`,
    version: tf.version_core,
    does: { matmul: entered(matmul), mlp: entered(trainMlp), cnn: entered(trainCnn) },
  };
}

function matmul({ n, a, b }: MatmulTask): Contender {
  const left = tf.tensor2d(a, [n, n]);
  const right = tf.tensor2d(b, [n, n]);
  return {
    run: () => tf.matMul(left, right).dispose(),
    result: async () => {
      const product = tf.matMul(left, right);
      const elements = Float32Array.from(product.dataSync());
      product.dispose();
      return [elements];
    },
  };
}
