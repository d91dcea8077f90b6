import { glorotUniform, heNormal, randomKey, splitKey, zeros } from "cotangent";
import type { Params as Cnn } from "./cnn.ts";
import type { Params as Mlp } from "./mlp.ts";

/** Weights uniform after Glorot & Bengio 2010, biases 0; the same for the same seed. */
export function mlpParams(seed: number): Mlp {
  const [first, second] = splitKey(randomKey(seed));
  return {
    hidden: { w: glorotUniform(first, [784, 128]), b: zeros([128]) },
    out: { w: glorotUniform(second, [128, 10]), b: zeros([10]) },
  };
}

/** Weights normal after He et al. 2015, biases 0; the same for the same seed. */
export function cnnParams(seed: number): Cnn {
  const [first, rest] = splitKey(randomKey(seed));
  const [second, third] = splitKey(rest);
  return {
    first: { w: heNormal(first, [3, 3, 1, 8]), b: zeros([8]) },
    second: { w: heNormal(second, [3, 3, 8, 16]), b: zeros([16]) },
    out: { w: heNormal(third, [784, 10]), b: zeros([10]) },
  };
}
