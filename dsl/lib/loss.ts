/** Losses and normalisation over the last axis. */
import { mean } from "../ops/broadcast.ts";
import type { Operand } from "../ops/operand.ts";
import { add, div, mul, sqrt, sub } from "../ops/scalar.ts";
import type { Value } from "../value.ts";

/** (prediction − target)², elementwise. */
export function squareLoss(prediction: Operand, target: Operand): Value {
  const difference = sub(prediction, target);
  return mul(difference, difference);
}

/** (x − mean) / √(variance + ε) · gain + bias over the last axis; the variance is the biased one, as in Ba, Kiros, Hinton 2016. */
export function layerNorm(x: Operand, gain: Operand, bias: Operand, epsilon = 1e-5): Value {
  const centred = sub(x, mean(x, -1, { keepDims: true }));
  const variance = mean(mul(centred, centred), -1, { keepDims: true });
  return add(mul(div(centred, sqrt(add(variance, epsilon))), gain), bias);
}
