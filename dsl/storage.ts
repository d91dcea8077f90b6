/** Elements: how data comes in. Depends on next to nothing, for bundles. */
import { showShape } from "./dim.ts";
import type { DType, Shape, Storage } from "./types.ts";

export type Buffer = Storage[DType];

/** The typed array that holds elements of a dtype. */
export const storage = { f32: Float32Array, f64: Float64Array, i32: Int32Array, bool: Uint8Array } as const;

/** What an array of numbers or truth values may look like on its way in. */
export type Data = number | boolean | ArrayLike<number> | ArrayLike<boolean>;

/** Elements from a person's data: one number for a scalar; a typed array of the dtype is taken as it is, not copied. */
export function bufferOf(data: Data, shape: Shape, dtype: DType): Buffer {
  const count = shape.reduce<number>((n, d) => (Number.isInteger(d) && Number(d) >= 0 ? n * Number(d) : Number.NaN), 1);
  const array = typeof data === "object" ? (data as ArrayLike<number>) : [Number(data)];
  if (array.length !== count) throw new Error(`tensor: ${array.length} elements do not make ${showShape(shape)}`);
  return array instanceof storage[dtype] ? array : new storage[dtype](Array.from(array, Number));
}
