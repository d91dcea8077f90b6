/** The log-sum-exp family: shifted by the greatest entry, so that nothing overflows. */

import { agreeAll } from "../agree.ts";
import { showShape } from "../dim.ts";
import { broadcastTo, max, type ReduceOptions, sum } from "../ops/broadcast.ts";
import { iota } from "../ops/generate.ts";
import { normalAxis, type Operand } from "../ops/operand.ts";
import { reshape } from "../ops/reshape.ts";
import { abs, add, div, equal, exp, lessEqual, log, mul, stopGradient, sub, where } from "../ops/scalar.ts";
import type { Dim } from "../types.ts";
import { type Value, valueOf } from "../value.ts";

const GREATEST_F32 = 3.4028234663852886e38;

/** The greatest entry along `axis`, kept as an axis of size 1; 0 where it is infinite, so that it can be subtracted. */
function shift(x: Value, axis: number): Value {
  const top = max(stopGradient(x), axis, { keepDims: true });
  return where(lessEqual(abs(top), GREATEST_F32), top, 0);
}

/** eˣ / Σ eˣ along `axis`, by the reciprocal of the sum, which is at least 1. */
export function softmax(x: Operand, axis = -1): Value {
  const v = valueOf(x as Value);
  const at = normalAxis("softmax", axis, v.shape);
  const e = exp(sub(v, shift(v, at)));
  return mul(e, div(1, sum(e, at, { keepDims: true })));
}

/** ln Σ eˣ along `axis`. */
export function logSumExp(x: Operand, axis = -1, options?: ReduceOptions): Value {
  const v = valueOf(x as Value);
  const at = normalAxis("logSumExp", axis, v.shape);
  const top = shift(v, at);
  const out = add(log(sum(exp(sub(v, top)), at, { keepDims: true })), top);
  return options?.keepDims
    ? out
    : reshape(
        out,
        v.shape.filter((_, a) => a !== at),
      );
}

/** `[…, c], i32 […] → […]`: −ln softmax(logits)[label], one loss an example. A label is 0 to c − 1; any other is taken to be the likeliest class. */
export function softmaxCrossEntropy(logits: Operand, labels: Operand): Value {
  const [x, y] = [valueOf(logits as Value), valueOf(labels as Value)];
  const batch = x.shape.slice(0, -1);
  if (x.shape.length === 0 || !agreeAll(batch, y.shape))
    throw new Error(`softmaxCrossEntropy: labels must be ${showShape(batch)} for logits ${showShape(x.shape)}, got ${showShape(y.shape)}`);
  if (y.dtype !== "i32") throw new Error(`softmaxCrossEntropy: labels are i32, got ${y.dtype}; write cast(…, "i32")`);
  const top = stopGradient(shift(x, x.shape.length - 1));
  const shifted = sub(x, top);
  const chosen = equal(broadcastTo(reshape(y, [...batch, 1]), x.shape), iota(x.shape.at(-1) as Dim));
  const picked = sum(where(chosen, shifted, 0), -1);
  return sub(log(sum(exp(shifted), -1)), picked);
}
