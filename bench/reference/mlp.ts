import type { MlpTask } from "../library.ts";
import { affine, affineBack, crossEntropyBack, descend, type Layer, layerOf, relu, reluBack } from "./dense.ts";

/** The parameters after so many steps of SGD, in float64. */
export function trainMlp(task: MlpTask, steps: number): readonly Layer[] {
  const layers = task.layers.map(layerOf);
  for (let step = 0; step < steps; step++) descend(layers, gradients(layers, task), task.lr);
  return layers;
}

function gradients(layers: readonly Layer[], { batch, images, labels }: MlpTask): readonly Layer[] {
  const inputs: Float64Array[] = [Float64Array.from(images)];
  for (const layer of layers.slice(0, -1)) inputs.push(relu(affine(inputs.at(-1)!, batch, layer)));

  let d = crossEntropyBack(affine(inputs.at(-1)!, batch, layers.at(-1)!), labels);
  const found: Layer[] = [];
  for (let l = layers.length - 1; l >= 0; l--) {
    const { dx, grad } = affineBack(inputs[l]!, d, batch, layers[l]!);
    found.unshift(grad);
    d = reluBack(inputs[l]!, dx);
  }
  return found;
}
