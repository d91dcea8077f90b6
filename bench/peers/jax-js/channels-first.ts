/** Weights of the task, channels last, for a library that wants channels first, and back. */

/** `[3, 3, in, out] → [out, in, 3, 3]` */
export const kernelToChannelsFirst = (w: Float32Array, inputs: number, outputs: number): Float32Array =>
  transposed(w, [9, inputs, outputs], [2, 1, 0]);
/** `[out, in, 3, 3] → [3, 3, in, out]` */
export const kernelFromChannelsFirst = (w: Float32Array, inputs: number, outputs: number): Float32Array =>
  transposed(w, [outputs, inputs, 9], [2, 1, 0]);

/** A dense layer behind pixels of channels: `[pixels · channels, n] → [channels · pixels, n]` */
export const denseToChannelsFirst = (w: Float32Array, pixels: number, channels: number): Float32Array =>
  transposed(w, [pixels, channels, w.length / (pixels * channels)], [1, 0, 2]);
export const denseFromChannelsFirst = (w: Float32Array, pixels: number, channels: number): Float32Array =>
  denseToChannelsFirst(w, channels, pixels);

type Three = readonly [number, number, number];

/** Axis k of the result is axis `order[k]` of x. */
function transposed(x: Float32Array, shape: Three, order: Three): Float32Array {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const [n, m] = [shape[order[1]]!, shape[order[2]]!];
  const [a, b, c] = order.map((axis) => strides[axis]!) as [number, number, number];
  return x.map((_, i) => x[Math.floor(i / (n * m)) * a + (Math.floor(i / m) % n) * b + (i % m) * c]!);
}
