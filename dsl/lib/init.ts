/** First values for parameters, and other tensors made from keys and numbers. */

import { agreeAll } from "../agree.ts";
import { showShape } from "../dim.ts";
import { broadcastTo } from "../ops/broadcast.ts";
import { scatterAddIntoZeros } from "../ops/gather.ts";
import { iota, scalar } from "../ops/generate.ts";
import { commonDType, normalAxis, type Operand, toValue } from "../ops/operand.ts";
import { randomBits as bits } from "../ops/random.ts";
import { reshape } from "../ops/reshape.ts";
import { add, cast, cos, equal, log, mul, shiftRight, sqrt, sub } from "../ops/scalar.ts";
import { slice } from "../ops/slice.ts";
import type { Dim, DType, Shape } from "../types.ts";
import { concrete, type Value, valueOf } from "../value.ts";

export const zeros = (shape: Shape, dtype: DType = "f32"): Value => broadcastTo(scalar(0, dtype), shape);
export const ones = (shape: Shape, dtype: DType = "f32"): Value => broadcastTo(scalar(1, dtype), shape);

/** A key from a seed: all randomness flows from keys, and a key used twice gives the same numbers twice. */
export function randomKey(seed: number): Value {
  if (!Number.isSafeInteger(seed)) throw new Error(`randomKey: the seed is a whole number, got ${seed}`);
  return concrete(Int32Array.of(Math.floor(seed / 2 ** 32), seed | 0), [2], "i32");
}
/** Two keys that are independent of each other and of `key`. */
export function splitKey(key: Value): [Value, Value] {
  const four = bits(key, [2, 2]);
  return [reshape(slice(four, [[0, 1]]), [2]), reshape(slice(four, [[1, 2]]), [2])];
}
/** A key for item `n` of a family: one for each step, layer or example. */
export function foldIn(key: Value, n: Operand): Value {
  const moved = add(valueOf(key), reshape(toValue("foldIn", n, "i32"), [1]));
  return bits(moved, [2]);
}

export const randomBits = (key: Value, shape: Shape): Value => bits(valueOf(key), shape);

/** In [0, 1), multiples of 2⁻²⁴. */
export const uniform = (key: Value, shape: Shape): Value => mul(cast(shiftRight(bits(valueOf(key), shape), 8), "f32"), 2 ** -24);

/** Standard normal, by Box & Muller 1958. */
export function normal(key: Value, shape: Shape): Value {
  const [a, b] = splitKey(key);
  const radius = sqrt(mul(log(sub(1, uniform(a, shape))), -2));
  return mul(radius, cos(mul(uniform(b, shape), 2 * Math.PI)));
}

function fans(op: string, shape: Shape): [fanIn: number, fanOut: number] {
  const [out, into] = [shape.at(-1), shape.at(-2)];
  if (typeof out !== "number" || typeof into !== "number") throw new Error(`${op}: the last two dims are numbers, got ${showShape(shape)}`);
  const field = shape.slice(0, -2).reduce<number>((n, d) => n * Number(d), 1);
  return [into * field, out * field];
}
/** Uniform in ±√(6 / (fanIn + fanOut)), for a weight `[…, in, out]`. Glorot & Bengio 2010. */
export function glorotUniform(key: Value, shape: Shape): Value {
  const [fanIn, fanOut] = fans("glorotUniform", shape);
  const limit = Math.sqrt(6 / (fanIn + fanOut));
  return sub(mul(uniform(key, shape), 2 * limit), limit);
}
/** Normal with variance 2 / fanIn, for a weight `[…, in, out]` before a relu. He et al. 2015. */
export function heNormal(key: Value, shape: Shape): Value {
  return mul(normal(key, shape), Math.sqrt(2 / fans("heNormal", shape)[0]));
}

/** `i32 […] → […, n]`: 1 at the index, 0 elsewhere. */
export function oneHot(indices: Operand, n: Dim, dtype: DType = "f32"): Value {
  const v = valueOf(indices as Value);
  const column = broadcastTo(reshape(v, [...v.shape, 1]), [...v.shape, n]);
  return cast(equal(column, iota(n)), dtype);
}

/** x with each of `updates` added at its index along the axis; out of range is dropped. */
export function scatterAdd(x: Operand, indices: Operand, updates: Operand, axis = 0): Value {
  const [into, at, change] = [x, indices, updates].map((t) => valueOf(t as Value)) as [Value, Value, Value];
  const along = normalAxis("scatterAdd", axis, into.shape);
  commonDType("scatterAdd", [into, change]);
  const expected = into.shape.toSpliced(along, 1, ...at.shape);
  if (!agreeAll(expected, change.shape))
    throw new Error(
      `scatterAdd: updates of ${showShape(into.shape)} at ${showShape(at.shape)} are ${showShape(expected)}, got ${showShape(change.shape)}`,
    );
  return add(into, scatterAddIntoZeros(into.shape[along] as Dim, at, change, along));
}
