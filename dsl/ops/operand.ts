/** What ops accept: tensors, numbers, sizes; and how they meet on one shape and one dtype. */
import { agree } from "../agree.ts";
import { showShape } from "../dim.ts";
import type { AnyTensor, Dim, DType, Shape } from "../types.ts";
import { isTensor, type Value, valueOf } from "../value.ts";
import { broadcastTo } from "./broadcast.ts";
import { dimensionSize, scalar } from "./generate.ts";

/** A tensor, a number, or a size (`dim(x, 0)`). */
export type Operand = AnyTensor | Value | number | string;

/** Operands as Values of one dtype and one shape: numbers take the tensors' dtype, shapes broadcast by trailing axes. */
export function meet(op: string, operands: readonly Operand[]): Value[] {
  const dtype = commonDType(op, operands);
  const values = operands.map((x) => toValue(op, x, dtype));
  const shape = values.map((v) => v.shape).reduce((a, b) => broadcastShapes(op, a, b));
  return values.map((v) => broadcastTo(v, shape));
}

export function toValue(op: string, x: Operand, dtype: DType = "f32"): Value {
  if (typeof x === "number" || typeof x === "string") {
    if (typeof x === "number" && dtype === "i32" && !Number.isInteger(x))
      throw new Error(`${op}: ${x} is not an i32: write cast(…, "f32") first`);
    return typeof x === "number" ? scalar(x, dtype) : dimensionSize(x, dtype);
  }
  return valueOf(x);
}

/** The one dtype of the tensors among `operands`. There is no promotion. */
export function commonDType(op: string, operands: readonly Operand[]): DType {
  const dtypes = operands.filter(isTensor).map((x) => x.dtype);
  const [first] = dtypes;
  if (first === undefined) return "f32";
  const other = dtypes.find((d) => d !== first);
  if (other) throw new Error(`${op}: dtypes differ: ${first} and ${other}; write cast(…, "${widest(first, other)}")`);
  return first;
}

/** The dtype of the two that loses least. */
const widest = (a: DType, b: DType): DType => (["f64", "f32", "i32", "bool"] as const).find((d) => d === a || d === b) as DType;

/** NumPy's rule: aligned at the last axis, equal or 1. */
export function broadcastShapes(op: string, a: Shape, b: Shape): Dim[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const x = a[axis - rank + a.length] ?? 1;
    const y = b[axis - rank + b.length] ?? 1;
    if (x === y || y === 1) return x;
    if (x === 1) return y;
    if (agree(x, y)) return x;
    throw new Error(`${op}: cannot broadcast ${showShape(a)} with ${showShape(b)} (${x} vs ${y})`);
  });
}

/** Counts negative axes from the end; throws when out of range. */
export function normalAxis(op: string, axis: number, shape: Shape): number {
  const normal = axis < 0 ? axis + shape.length : axis;
  if (!Number.isInteger(axis) || normal < 0 || normal >= shape.length)
    throw new Error(`${op}: axis ${axis} is out of range for ${showShape(shape)}`);
  return normal;
}

/** All of `axes` normalised and sorted; every axis when none is named. */
export function normalAxes(op: string, axes: number | readonly number[] | undefined, shape: Shape): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  const list = (typeof axes === "number" ? [axes] : axes).map((axis) => normalAxis(op, axis, shape));
  const twice = list.find((axis, i) => list.indexOf(axis) !== i);
  if (twice !== undefined) throw new Error(`${op}: axis ${twice} given twice`);
  return list.sort((a, b) => a - b);
}
