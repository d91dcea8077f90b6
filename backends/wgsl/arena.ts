/** The memory of a session on a GPU: one buffer, whose words are written from here or copied from another. */
import type { Data, DType, Leaf, Memory } from "../session.ts";
import type { Commands, Words } from "./commands.ts";
import { type Gpu, Usage } from "./device.ts";

/** A part of a buffer, in bytes. */
export class Region {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly bytes: number;
  constructor(buffer: GPUBuffer, offset: number, bytes: number) {
    this.buffer = buffer;
    this.offset = offset;
    this.bytes = bytes;
  }
}

const floats = (elements: ArrayLike<number>): Words => Float32Array.from(elements);
const integers = (elements: ArrayLike<number>): Words => Int32Array.from(elements);
const number = { f32: new Float32Array(1), i32: new Int32Array(1), bool: new Int32Array(1) };

/** A bool takes a word. WebGPU has no f64. */
function wordsOf(dtype: DType, contents: Data | number): Words {
  if (typeof contents !== "number") return dtype === "bool" ? integers(contents) : (contents as Words);
  const word = number[dtype as keyof typeof number];
  word[0] = contents;
  return word;
}
export const dataOf = (dtype: DType, words: ArrayBuffer): Data =>
  dtype === "f32" ? new Float32Array(words) : dtype === "i32" ? new Int32Array(words) : Uint8Array.from(new Int32Array(words));

export class GpuArena implements Memory {
  readonly buffer: GPUBuffer;
  readonly #gpu: Gpu;
  readonly #commands: Commands;
  constructor(gpu: Gpu, commands: Commands, label: string, bytes: number) {
    const usage = Usage.STORAGE | Usage.COPY_SRC | Usage.COPY_DST;
    this.buffer = gpu.device.createBuffer({ label, size: Math.max(16, Math.ceil(bytes / 16) * 16), usage });
    this.#gpu = gpu;
    this.#commands = commands;
  }

  read([, , offset, shape]: Leaf): Region {
    return new Region(
      this.buffer,
      4 * offset,
      shape.reduce((a, b) => a * b, 4),
    );
  }

  write([, dtype, offset]: Leaf, contents: Data | number | Region): void {
    if (contents instanceof Region) this.#copy(contents, 4 * offset);
    else this.#commands.write(this.buffer, 4 * offset, wordsOf(dtype, contents));
  }

  /** A buffer cannot be copied to itself. */
  #copy({ buffer, offset, bytes }: Region, to: number): void {
    if (buffer !== this.buffer) {
      this.#commands.copy(buffer, offset, this.buffer, to, bytes);
      return;
    }
    const between = this.#gpu.copies.take(bytes);
    this.#commands.copy(buffer, offset, between, 0, bytes);
    this.#commands.copy(between, 0, buffer, to, bytes);
    this.#commands.afterwards(() => this.#gpu.copies.give(between));
  }

  readonly f32 = this.#view(floats);
  readonly i32 = this.#view(integers);
  #view(words: (elements: readonly number[]) => Words) {
    return { set: (elements: readonly number[], offset: number) => this.#commands.write(this.buffer, 4 * offset, words(elements)) };
  }
}
