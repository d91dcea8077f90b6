/** Concrete tensors: how data comes in, and what every tensor can do. Depends on nothing that a browser bundle would not want. */
import { showShape } from "./dim.ts";
import type { AnyTensor, DType, Shape, Storage } from "./types.ts";
import type { Value } from "./value.ts";

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

/** The elements of a concrete tensor, wherever it comes from; shared, not copied. */
export function elementsOf(t: AnyTensor): Buffer {
  const buffer = (t as Partial<Value>).buffer;
  if (buffer) return buffer;
  throw new Error(`${nameless(t)} has no values while its model is being built`);
}

export const copyOf = (t: AnyTensor): Buffer => elementsOf(t).slice();

const nameless = (t: AnyTensor): string => `Tensor<${showShape(t.shape)}, ${t.dtype}>`;

/** What a tensor answers to; shared by every value. */
export const tensorMethods = {
  async data(this: AnyTensor): Promise<Buffer> {
    return copyOf(this);
  },
  toString(this: Value): string {
    return this.buffer ? `${nameless(this)} ${showElements(this.buffer, this.shape as readonly number[])}` : nameless(this);
  },
  [Symbol.for("nodejs.util.inspect.custom")](this: Value): string {
    return String(this);
  },
  /** Arithmetic in JavaScript on a tensor, or on a run-time scalar such as `lr`, would silently give NaN. */
  [Symbol.toPrimitive](this: Value, hint: string): string {
    if (hint === "string") return (this as { toString(): string }).toString();
    throw new Error(`${nameless(this)} is not a JavaScript number: write mul(x, 2), not x * 2`);
  },
};

/** At most six entries an axis, row by row. */
function showElements(buffer: Buffer, shape: readonly number[], from = 0): string {
  const [n, ...rest] = shape;
  if (n === undefined) return Number.isInteger(buffer[from]) ? String(buffer[from]) : Number(buffer[from]).toPrecision(6);
  const stride = rest.reduce((product, d) => product * d, 1);
  const shown = Array.from({ length: Math.min(n, 6) }, (_, i) => showElements(buffer, rest, from + i * stride));
  return `[${shown.join(", ")}${n > 6 ? ", …" : ""}]`;
}
