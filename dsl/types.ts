/** The vocabulary every other file speaks: dims, shapes, dtypes, tensors. Types only. */

/** A size: a literal (`784`), a canonical symbolic expression (`"B"`, `"4*B"`, `"T+1"`), or plain `number` (unchecked until run time). */
export type Dim = number | string;
export type Shape = readonly Dim[];
export type DType = "f32" | "f64" | "i32" | "bool";
export type FloatDType = "f32" | "f64";

/** Element storage by dtype; `bool` is one byte, 0 or 1. */
export interface Storage {
  f32: Float32Array;
  f64: Float64Array;
  i32: Int32Array;
  bool: Uint8Array;
}

/**
 * An n-dimensional array. On the host, inside a compiled session, or symbolic while a model is being built: the call types are the same.
 * Values are read with `await t.data()`, which copies.
 */
export interface Tensor<S extends Shape = Shape, D extends DType = "f32"> {
  readonly shape: S;
  readonly dtype: D;
  /** A copy of the elements in row-major order. Rejects on a symbolic tensor, and on a session's output that a later step has overwritten. */
  data(): Promise<Storage[D]>;
}
export type AnyTensor = Tensor<Shape, DType>;
