/** What a session tells the queue of its GPU, in order, each thing at once or several together; and what the device says to it. */
import type { Gpu } from "./device.ts";

export type Words = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;
type Record = (encoder: GPUCommandEncoder) => void;

/** Bytes of a buffer through which arguments pass on their way between two steps of one submit, and how many such there are at once. */
const PASSAGE = 2 ** 20;
const MOST_PASSAGES = 64;

export class Commands {
  readonly #gpu: Gpu;
  readonly #name: string;
  /** Open while several things go together, and whether anything has been recorded there. */
  #encoder: GPUCommandEncoder | undefined;
  #recorded = false;
  /** Where arguments wait; how much of the last one is full. */
  readonly #passages: GPUBuffer[] = [];
  #full = 0;
  readonly #afterwards: (() => void)[] = [];
  #wrong: string | undefined;
  #told: Promise<unknown> = Promise.resolve();

  constructor(gpu: Gpu, name: string) {
    this.#gpu = gpu;
    this.#name = name;
  }

  record(what: Record): void {
    const { device } = this.#gpu;
    const encoder = this.#encoder ?? device.createCommandEncoder();
    what(encoder);
    if (this.#encoder) this.#recorded = true;
    else device.queue.submit([encoder.finish()]);
  }

  /** The queue writes at once, before anything that is still open: what comes after a step in there has to be copied from elsewhere. */
  write(to: GPUBuffer, at: number, words: Words): void {
    const { device, copies } = this.#gpu;
    const bytes = words.byteLength;
    let passage = this.#passages.at(-1);
    const fits = passage !== undefined && this.#full + bytes <= passage.size;
    if (this.#encoder && !fits && this.#passages.length === MOST_PASSAGES) {
      this.#submit(this.#encoder);
      this.#encoder = device.createCommandEncoder();
    }
    if (!this.#encoder || !this.#recorded) {
      device.queue.writeBuffer(to, at, words);
      return;
    }
    if (!passage || !fits) {
      passage = copies.take(Math.max(bytes, PASSAGE));
      this.#passages.push(passage);
      this.#full = 0;
    }
    device.queue.writeBuffer(passage, this.#full, words);
    this.#encoder.copyBufferToBuffer(passage, this.#full, to, at, bytes);
    this.#full += bytes;
  }

  copy(from: GPUBuffer, at: number, to: GPUBuffer, there: number, bytes: number): void {
    this.record((encoder) => encoder.copyBufferToBuffer(from, at, to, there, bytes));
  }

  /** What `work` records is submitted in one, unless its arguments are too many; also if it throws on the way. */
  together<T>(work: () => T): T {
    return this.watched(() => {
      this.#encoder = this.#gpu.device.createCommandEncoder();
      try {
        return work();
      } finally {
        this.#submit(this.#encoder);
        this.#encoder = undefined;
      }
    });
  }
  #submit(encoder: GPUCommandEncoder): void {
    if (this.#recorded) this.#gpu.device.queue.submit([encoder.finish()]);
    this.#recorded = false;
    for (const passage of this.#passages.splice(0)) this.#gpu.copies.give(passage);
    for (const what of this.#afterwards.splice(0)) what();
  }

  /** Once all that was recorded is submitted. */
  afterwards(what: () => void): void {
    if (this.#encoder) this.#afterwards.push(what);
    else what();
  }

  /** The device is asked what it finds wrong with `work`. Whatever is new has to be watched; what was right once can only fail with the device. */
  watched<T>(work: () => T): T {
    const { device } = this.#gpu;
    device.pushErrorScope("validation");
    device.pushErrorScope("out-of-memory");
    try {
      return work();
    } finally {
      for (let k = 0; k < 2; k++) {
        const found = device.popErrorScope().then(
          (error) => (this.#wrong ??= error?.message),
          () => {},
        );
        this.#told = Promise.all([this.#told, found]);
      }
    }
  }

  /** Throws if something went wrong that is known by now. */
  check(): void {
    const why = this.#gpu.lost ?? this.#wrong;
    if (why !== undefined)
      throw new Error(`${this.#name}: this session is lost: ${why}; load the module again, and start from the last carry that was read`);
  }

  /** Rejects if something went wrong with what was submitted until now, open work included. */
  async checked(): Promise<void> {
    // Work goes together within one turn.
    await undefined;
    await this.#told;
    this.check();
  }
}
