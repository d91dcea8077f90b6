/** How a model runs on a GPU: a step writes its arguments and submits one compute pass; what it puts out is read back only if it is asked for. */
import type { Data, Engine, HostTensor, Leaf } from "../session.ts";
import { dataOf, GpuArena, type Region } from "./arena.ts";
import { Commands } from "./commands.ts";
import { type Gpu, Usage } from "./device.ts";
import { MOST_GROUPS } from "./shader.ts";
import { GpuTensor } from "./tensor.ts";

/** A shader, and how many workgroups it has by the sizes of a call. */
export interface Dispatch {
  readonly pipeline: GPUComputePipeline;
  groups(d: readonly number[]): number;
}
/** What is to be read, and what it is. */
export interface Reading {
  readonly leaf: Leaf;
  readonly region: Region;
}

const MAP_READ = 0x1;
const MEBI = 2 ** 20;

export class GpuEngine implements Engine<GpuArena> {
  readonly name: string;
  readonly gpu: Gpu;
  readonly commands: Commands;
  readonly most: string;
  /** How often it ran: an output is good until the next time. */
  runs = 0;
  arena!: GpuArena;
  /** The arena before this one, as long as its carry may not have been copied. */
  #outgrown: GpuArena | undefined;
  readonly #bytes: number;
  readonly #dispatches: readonly Dispatch[];
  /** Of this call, then those that there is room for. */
  readonly #sizes: GPUBuffer;
  #bindings!: GPUBindGroup;
  /** The sizes that are there, and the workgroups that they make. */
  #d: readonly number[] | undefined;
  #max: readonly number[] | undefined;
  #counts: readonly number[] = [];

  constructor(gpu: Gpu, name: string, dims: number, dispatches: readonly Dispatch[]) {
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
    this.name = name;
    this.gpu = gpu;
    this.commands = new Commands(gpu, name);
    this.#dispatches = dispatches;
    this.#bytes = Math.min(maxStorageBufferBindingSize, maxBufferSize);
    this.most = `${Math.floor(this.#bytes / MEBI)} (${maxStorageBufferBindingSize < maxBufferSize ? "maxStorageBufferBindingSize" : "maxBufferSize"} of this GPU)`;
    this.#sizes = gpu.device.createBuffer({
      label: name,
      size: 16 * Math.max(1, Math.ceil(dims / 2)),
      usage: Usage.UNIFORM | Usage.COPY_DST,
    });
  }

  allocate(bytes: number): GpuArena {
    const { name, gpu, commands } = this;
    commands.check();
    if (bytes > this.#bytes) throw new RangeError(`${bytes} bytes are more than ${this.#bytes}`);
    this.#outgrown = this.arena;
    this.#d = undefined;
    return commands.watched(() => {
      this.arena = new GpuArena(gpu, commands, name, bytes);
      const entries = [this.arena.buffer, this.#sizes].map((buffer, binding) => ({ binding, resource: { buffer } }));
      this.#bindings = gpu.device.createBindGroup({ label: name, layout: gpu.layout, entries });
      return this.arena;
    });
  }

  contents(tensor: HostTensor): Region | undefined {
    this.commands.check();
    return tensor instanceof GpuTensor && tensor.engine.gpu === this.gpu ? tensor.region : undefined;
  }

  run(_: GpuArena, d: readonly number[], max: readonly number[]): void {
    const { commands } = this;
    commands.check();
    this.runs++;
    if (d === this.#d && max === this.#max) commands.record(this.#dispatch);
    else {
      this.#d = d;
      this.#max = max;
      this.#counts = this.#dispatches.map(({ groups }) => groups(d));
      if (d.length > 0) commands.write(this.#sizes, 0, Int32Array.of(...d, ...max));
      commands.watched(() => commands.record(this.#dispatch));
    }
    const old = this.#outgrown;
    this.#outgrown = undefined;
    if (old) commands.afterwards(() => old.buffer.destroy());
  }

  readonly #dispatch = (encoder: GPUCommandEncoder): void => {
    const pass = encoder.beginComputePass();
    pass.setBindGroup(0, this.#bindings);
    for (let k = 0; k < this.#dispatches.length; k++) {
      const count = this.#counts[k]!;
      if (count === 0) continue;
      const rows = Math.ceil(count / MOST_GROUPS);
      pass.setPipeline(this.#dispatches[k]!.pipeline);
      pass.dispatchWorkgroups(Math.ceil(count / rows), rows);
    }
    pass.end();
  };

  /** What is in these regions now, once it is here. */
  async fetch(readings: readonly Reading[]): Promise<readonly Data[]> {
    const { commands, gpu } = this;
    const total = readings.reduce((sum, { region }) => sum + region.bytes, 0);
    const copy = gpu.mappable.take(total);
    commands.record((encoder) => {
      let end = 0;
      for (const { region } of readings) {
        encoder.copyBufferToBuffer(region.buffer, region.offset, copy, end, region.bytes);
        end += region.bytes;
      }
    });
    await commands.checked();
    try {
      await copy.mapAsync(MAP_READ, 0, total);
    } catch (cause) {
      commands.check();
      throw new Error(`${this.name}: cannot be read: ${(cause as Error).message}`, { cause });
    }
    const words = copy.getMappedRange(0, total);
    let at = 0;
    const read = readings.map(({ leaf, region }) => dataOf(leaf[1], words.slice(at, (at += region.bytes))));
    copy.unmap();
    gpu.mappable.give(copy);
    return read;
  }
}
