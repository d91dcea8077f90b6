/** Buffers of one use, taken and given back, so that steps make none. */

/** Larger ones are not kept: to copy so much takes longer than to make a buffer. */
const MOST_KEPT = 2 ** 24;
const LEAST = 256;

export class Buffers {
  readonly #device: GPUDevice;
  readonly #usage: number;
  readonly #free = new Map<number, GPUBuffer[]>();

  constructor(device: GPUDevice, usage: number) {
    this.#device = device;
    this.#usage = usage;
  }

  /** Of so many bytes or up to twice that, with anything in them. */
  take(bytes: number): GPUBuffer {
    const size = sizeFor(bytes);
    return this.#free.get(size)?.pop() ?? this.#device.createBuffer({ size, usage: this.#usage });
  }

  /** What the queue was told to do with it before happens before. */
  give(buffer: GPUBuffer): void {
    const free = this.#free.get(buffer.size);
    if (buffer.size > MOST_KEPT) buffer.destroy();
    else if (free) free.push(buffer);
    else this.#free.set(buffer.size, [buffer]);
  }
}

const sizeFor = (bytes: number): number => {
  if (bytes > MOST_KEPT) return Math.ceil(bytes / 4) * 4;
  let size = LEAST;
  while (size < bytes) size *= 2;
  return size;
};
