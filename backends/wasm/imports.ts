/** What a module imports, on every thread: its memory, JavaScript's functions, and what to do while it waits for another thread. */
export function importsOf(memory: WebAssembly.Memory, core: Readonly<Record<string, unknown>>, waiting: () => void): WebAssembly.Imports {
  const math = Object.fromEntries(Object.getOwnPropertyNames(Math).map((name) => [name, Math[name as "exp"]]));
  return { env: { memory }, core: { ...math, ...core, waiting } as WebAssembly.ModuleImports };
}

/** A model's function in a module: a thread's part of a run. */
export type Run = (thread: number, threads: number, ...sizes: number[]) => void;

/** Bytes of memory at which threads meet: how many have arrived, and how often all have. Each has a cache line of its own. */
export const ARRIVED = 0;
export const ROUND = 64;
