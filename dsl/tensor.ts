/** What every tensor can do. Depends on nothing that a browser bundle would not want. */
import { showShape } from "./dim.ts";
import type { Buffer } from "./storage.ts";
import type { AnyTensor } from "./types.ts";
import type { Value } from "./value.ts";

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
