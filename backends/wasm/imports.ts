import type { Arena } from "../session.ts";

/** Functions of `dsl/core.ts`, by name. */
export type Core = Readonly<Record<string, unknown>>;

/** What a module imports, on every thread: its memory, JavaScript's functions, and what to do while it waits for another thread. */
export function importsOf(memory: WebAssembly.Memory, core: Core, waiting: () => void): WebAssembly.Imports {
  return { env: { memory }, core: Object.assign(Object.create(Math), core, { waiting }) };
}

/** A model's function in a module: a thread's part of a run. */
export type Run = (...threadThreadsAndSizes: number[]) => void;

/** After the thread and how many there are, the sizes of this call, and those that there is room for. Allocates nothing once it has run. */
export function argumentsInto(args: number[], d: readonly number[], max: readonly number[]): void {
  for (let k = 0; k < d.length; k++) {
    args[k + 2] = d[k]!;
    args[k + 2 + d.length] = max[k]!;
  }
}

/** Bytes of memory at which threads meet: how many have arrived, and how often all have. Each has a cache line of its own. */
export const ARRIVED = 0;
export const ROUND = 64;

/** Zeros, every page of which is the machine's by now. */
export function memoryOf(bytes: number, shared: boolean): WebAssembly.Memory {
  const pages = Math.ceil(bytes / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared });
  new Uint8Array(memory.buffer).fill(0);
  return memory;
}

/** What a team is given of this. */
export interface Imports {
  readonly Arena: typeof Arena;
  readonly argumentsInto: typeof argumentsInto;
  readonly builtin: typeof builtin;
  readonly importsOf: typeof importsOf;
  readonly memoryOf: typeof memoryOf;
  readonly ROUND: typeof ROUND;
}

/** What is used of Node. */
interface Builtins {
  readonly "node:fs": { existsSync(url: URL): boolean; readFileSync(url: URL): Uint8Array<ArrayBuffer> };
  readonly "node:worker_threads": {
    readonly parentPort: { on(event: "message", listener: (message: never) => void): void; postMessage(message: unknown): void } | null;
    readonly Worker: new (
      url: URL,
    ) => {
      unref(): void;
      postMessage(message: unknown): void;
      once(event: "message" | "error" | "exit", listener: (value: unknown) => void): void;
    };
  };
}
/** A module of Node's, where this is Node: an import of it would trip up a browser. */
export const builtin = <K extends keyof Builtins>(name: K): Builtins[K] | undefined =>
  (globalThis as { readonly process?: { getBuiltinModule?(name: string): unknown } }).process?.getBuiltinModule?.(name) as
    | Builtins[K]
    | undefined;
