import { glorotUniform, randomKey, splitKey, zeros } from "cotangent";
import type { Params } from "./mlp.ts";

/** Weights uniform after Glorot & Bengio 2010, biases 0; the same for the same seed. */
export function initialParams(seed: number): Params {
  const [first, second] = splitKey(randomKey(seed));
  return {
    hidden: { w: glorotUniform(first, [784, 128]), b: zeros([128]) },
    out: { w: glorotUniform(second, [128, 10]), b: zeros([10]) },
  };
}
