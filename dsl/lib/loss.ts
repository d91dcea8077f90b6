/** Losses and normalisation over the last axis. */

import { agreeAll } from "../agree.ts";
import { showShape } from "../dim.ts";
import { mean } from "../ops/broadcast.ts";
import type { Operand } from "../ops/operand.ts";
import { add, div, mul, sqrt, sub } from "../ops/scalar.ts";
import { type Value, valueOf } from "../value.ts";

/** (prediction − target)², elementwise. */
export function squareLoss(prediction: Operand, target: Operand): Value {
  const difference = sub(prediction, target);
  return mul(difference, difference);
}

/** (x − mean) / √(variance + ε) · gain + bias over the last axis; the variance is the biased one, as in Ba, Kiros, Hinton 2016. */
export function layerNorm(x: Operand, gain: Operand, bias: Operand, epsilon = 1e-5): Value {
  for (const [what, t] of [
    ["gain", gain],
    ["bias", bias],
  ] as const) {
    const [features, got] = [valueOf(x as Value).shape.slice(-1), valueOf(t as Value).shape];
    if (!agreeAll(features, got))
      throw new Error(
        `layerNorm: ${what} must be ${showShape(features)} for ${showShape(valueOf(x as Value).shape)}, got ${showShape(got)}`,
      );
  }
  const centred = sub(x, mean(x, -1, { keepDims: true }));
  const variance = mean(mul(centred, centred), -1, { keepDims: true });
  const perDeviation = div(1, sqrt(add(variance, epsilon)));
  return add(mul(mul(centred, perDeviation), gain), bias);
}
