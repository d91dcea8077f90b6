import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** `count` digits in row-major order: `images` is `[count, 784]` in 0…1, `labels` is `[count]` in 0…9. */
export interface Digits {
  readonly count: number;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

export const PIXELS = 28 * 28;
export const CLASSES = 10;

/** A file that was read, wherever from; its name is for what is said of it. */
export interface NamedBytes {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The images and labels of two IDX files (http://yann.lecun.com/exdb/mnist): bytes, big-endian headers. */
export function parseDigits(imageFile: NamedBytes, labelFile: NamedBytes): Digits {
  const [images, [imageCount = 0, height, width]] = parseIdx(imageFile, 3);
  const [labels, [labelCount = 0]] = parseIdx(labelFile, 1);
  if (height !== 28 || width !== 28) {
    throw new Error(`mnist: images must be 28x28: ${height}x${width} in ${imageFile.name}`);
  }
  if (imageCount !== labelCount) {
    throw new Error(`mnist: counts differ: ${imageCount} images in ${imageFile.name}, ${labelCount} labels in ${labelFile.name}`);
  }
  const stranger = labels.findIndex((label) => label >= CLASSES);
  if (stranger >= 0) throw new Error(`mnist: label ${stranger} is not a digit: ${labels[stranger]} in ${labelFile.name}`);
  const scaled = new Float32Array(images.length);
  for (let i = 0; i < images.length; i++) scaled[i] = images[i]! / 255;
  return { count: imageCount, images: scaled, labels: new Int32Array(labels) };
}

/**
 * Every digit once, `size` at a time, in an order fixed by `seed` and `epoch`. The last batch holds what is left.
 * The arrays of a batch are its own.
 */
export function* batches(digits: Digits, options: { seed: number; epoch?: number; size: number }): Generator<Digits> {
  const { seed, epoch = 0, size } = options;
  if (!Number.isInteger(size) || size < 1) throw new Error(`batches: size must be a positive integer: ${size}`);
  const order = shuffled(digits.count, seed, epoch);
  for (let start = 0; start < digits.count; start += size) {
    yield pick(digits, order.subarray(start, start + size));
  }
}

/** The digits at `indices`, in that order. */
export function pick(digits: Digits, indices: ArrayLike<number>): Digits {
  const images = new Float32Array(indices.length * PIXELS);
  const labels = new Int32Array(indices.length);
  for (let row = 0; row < indices.length; row++) {
    const i = indices[row]!;
    images.set(digits.images.subarray(i * PIXELS, (i + 1) * PIXELS), row * PIXELS);
    labels[row] = digits.labels[i]!;
  }
  return { count: indices.length, images, labels };
}

/** A permutation of 0…count-1 (Fisher–Yates). Each epoch draws from its own stretch of the seed's stream. */
function shuffled(count: number, seed: number, epoch: number): Int32Array {
  const random = xoroshiro128plus(seed);
  for (let e = 0; e < epoch; e++) random.jump();
  const order = Int32Array.from({ length: count }, (_, i) => i);
  for (let last = count - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last);
    [order[last], order[other]] = [order[other]!, order[last]!];
  }
  return order;
}

/** IDX: two zero bytes, the element type (8 = unsigned byte), the rank, one big-endian u32 a dim, the elements. */
function parseIdx({ name, bytes }: NamedBytes, rank: number): [bytes: Uint8Array, dims: number[]] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = 4 + 4 * rank;
  const magic = bytes.length < 4 ? undefined : view.getUint32(0);
  if (magic !== 0x0800 + rank) {
    const found = magic === undefined ? `${bytes.length} bytes` : `0x${magic.toString(16).padStart(8, "0")}`;
    throw new Error(`mnist: not an IDX file of bytes of rank ${rank}: ${found} in ${name}`);
  }
  if (bytes.length < header) throw new Error(`mnist: the header is cut short: ${bytes.length} bytes in ${name}`);
  const dims = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const size = dims.reduce((product, dim) => product * dim, 1);
  if (bytes.length !== header + size) {
    throw new Error(`mnist: ${dims.join("x")} elements expected, ${bytes.length - header} found in ${name}`);
  }
  return [bytes.subarray(header), dims];
}
