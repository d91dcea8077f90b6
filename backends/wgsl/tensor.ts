/** Tensors that are on a GPU. */
import type { Data, DType, Leaf } from "../session.ts";
import { Region } from "./arena.ts";
import type { GpuEngine } from "./engine.ts";

/** Its elements are read by `data()`; a model on the same device takes it from where it is. */
export abstract class GpuTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly engine: GpuEngine;
  protected readonly leaf: Leaf;
  constructor(engine: GpuEngine, leaf: Leaf) {
    this.dtype = leaf[1];
    this.shape = leaf[3];
    this.engine = engine;
    this.leaf = leaf;
  }
  get buffer(): Data {
    throw new Error(`${this.engine.name}: this tensor is on the GPU: await its data()`);
  }
  abstract data(): Promise<Data>;
  /** Where it is there, as long as it is. */
  abstract get region(): Region | undefined;
}

/** A part of a session's memory, until the next run. */
export class Output extends GpuTensor {
  readonly #run: number;
  #read: Promise<readonly Data[]> | undefined;
  #data: Data | undefined;
  constructor(engine: GpuEngine, leaf: Leaf) {
    super(engine, leaf);
    this.#run = engine.runs;
  }
  override get buffer(): Data {
    return (this.region && this.#data) || super.buffer;
  }
  async data(): Promise<Data> {
    const { engine, leaf, region } = this;
    this.#read ??= engine.fetch([{ leaf, region }]);
    [this.#data] = await this.#read;
    return this.#data!.slice();
  }
  get region(): Region {
    const { engine, leaf } = this;
    if (engine.runs !== this.#run) throw new Error(`${engine.name}: read this output before the next step`);
    return engine.arena.read(leaf);
  }
}

/** What a call gives: elements of its own, on their way to the host, and on the GPU until they are there. */
export class Result extends GpuTensor {
  region: Region | undefined;
  #data: Data | undefined;
  readonly #arrived: Promise<void>;
  constructor(engine: GpuEngine, leaf: Leaf) {
    super(engine, leaf);
    const { buffer, offset, bytes } = engine.arena.read(leaf);
    const kept = engine.gpu.copies.take(bytes);
    engine.commands.copy(buffer, offset, kept, 0, bytes);
    this.region = new Region(kept, 0, bytes);
    this.#arrived = this.#arrive(this.region);
    // Who awaits the data is told.
    this.#arrived.catch(() => {});
  }
  async #arrive(region: Region): Promise<void> {
    const { engine, leaf } = this;
    try {
      [this.#data] = await engine.fetch([{ leaf, region }]);
    } finally {
      this.region = undefined;
      engine.gpu.copies.give(region.buffer);
    }
  }
  override get buffer(): Data {
    return this.#data ?? super.buffer;
  }
  async data(): Promise<Data> {
    await this.#arrived;
    return this.#data!.slice();
  }
}
