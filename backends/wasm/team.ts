/**
 * Threads that run a module's kernels together. A step begins when the main thread writes which session runs, for which sizes, and counts up;
 * within it the threads meet at the module's own barriers; after it a worker spins for a moment and then parks.
 */
import type { Engine } from "../session.ts";
import type { Core, Imports, Run } from "./imports.ts";

/** Words that all threads see. */
export const Word = {
  /** Changes with everything that happens: what a parked worker waits on. */
  turn: 0,
  /** How many messages a worker must have taken before it takes part. */
  announced: 1,
  /** How many steps have begun. */
  step: 2,
  /** The session that runs. */
  session: 3,
  /** Not 0: a worker has failed. */
  lost: 4,
  /** How many sizes follow, and they: no more than the 1000 parameters that engines let a function have. */
  count: 5,
  sizes: 6,
} as const;
const WORDS = Word.sizes + 1000;

/** What a worker is told. */
export type Message =
  | {
      readonly kind: "begin";
      readonly control: Int32Array;
      readonly module: WebAssembly.Module;
      readonly thread: number;
      readonly threads: number;
    }
  | { readonly kind: "session"; readonly id: number; readonly name: string; readonly memory: WebAssembly.Memory }
  | { readonly kind: "end"; readonly id: number };

/** A worker of Node or of a browser. */
export interface Port {
  post(message: Message): void;
  /** `told` hears that it is ready; `failed`, that it will not come again. */
  listen(told: () => void, failed: (why: string) => void): void;
}

/** Longer than any phase of a step takes, in milliseconds. */
const PATIENCE = 30_000;

/**
 * Starts the workers of a module, where there can be any; ready when all are. Gives what starts an engine for one of its models. What the
 * loader has already it gives along.
 */
export async function startTeam(
  bytes: Uint8Array,
  threads: number,
  core: Core,
  { Arena, argumentsInto, builtin, importsOf, memoryOf, ROUND }: Imports,
): Promise<((name: string) => Engine) | undefined> {
  if (!canShare(core)) return undefined;
  const module = await WebAssembly.compile(sharing(bytes));
  const control = new Int32Array(new SharedArrayBuffer(WORDS * 4));
  let lost: string | undefined;
  const ports = await Promise.all(
    Array.from({ length: threads - 1 }, async (_, k) => {
      const port = openWorker(builtin);
      const ready = new Promise<void>((resolve, reject) =>
        port.listen(resolve, (why) => {
          lost ??= why;
          reject(new Error(`cotangent: thread ${k + 2} of ${threads} did not start: ${why}`));
        }),
      );
      port.post({ kind: "begin", control, module, thread: k + 1, threads });
      await ready;
      return port;
    }),
  );
  const tell = (message: Message): void => {
    // Counted first: a worker that had taken more than were announced would not take part.
    Atomics.add(control, Word.announced, 1);
    for (const port of ports) port.post(message);
    wake();
  };
  const wake = (): void => {
    Atomics.add(control, Word.turn, 1);
    Atomics.notify(control, Word.turn);
  };
  const gone = new FinalizationRegistry<number>((id) => tell({ kind: "end", id }));
  let sessions = 0;

  return (name) => {
    let run: Run;
    let id: number;
    const args = [0, threads];
    let words: Int32Array;
    let round: number;
    let since: number;
    /** Asked now and then at a barrier: is it still worth it? */
    const waiting = (): void => {
      const now = performance.now();
      if (words[ROUND / 4] !== round) {
        round = words[ROUND / 4]!;
        since = now;
      }
      if (Atomics.load(control, Word.lost) === 0 && now - since < PATIENCE) return;
      throw new Error(lost ?? "it stopped in the middle of a step");
    };
    const self: Engine = {
      threads,
      most: 4096,
      allocate(bytes) {
        const memory = memoryOf(bytes, true);
        if (gone.unregister(self)) tell({ kind: "end", id });
        id = sessions++;
        gone.register(self, id, self);
        words = new Int32Array(memory.buffer);
        run = new WebAssembly.Instance(module, importsOf(memory, {}, waiting)).exports[name] as Run;
        tell({ kind: "session", id, name, memory });
        return new Arena(memory.buffer);
      },
      run(_, d, max) {
        if (lost === undefined) {
          argumentsInto(args, d, max);
          control[Word.session] = id;
          control[Word.count] = args.length - 2;
          for (let k = 2; k < args.length; k++) control[Word.sizes + k - 2] = args[k]!;
          Atomics.add(control, Word.step, 1);
          wake();
          try {
            run.apply(undefined, args);
          } catch (error) {
            lost ??= String(error);
            Atomics.store(control, Word.lost, 1);
          }
        }
        if (lost !== undefined) throw new Error(`${name}: this session is lost, a thread of it is: ${lost}; load the module again`);
      },
    };
    return self;
  };
}

/** The same module for a memory that threads share: one bit of the type of the memory that it imports. */
function sharing(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = Uint8Array.from(bytes);
  const name = [..."\u0003env\u0006memory\u0002"].map((c) => c.charCodeAt(0));
  const at = out.findIndex((_, k) => name.every((byte, i) => out[k + i] === byte)) + name.length;
  out[at] = 3;
  return out;
}

/** Workers of this engine: Node's, or a browser's. */
function openWorker(builtin: Imports["builtin"]): Port {
  const node = builtin("node:worker_threads");
  if (node) {
    // Not in the form that bundlers look for: this one is nothing to them.
    const here = import.meta.url;
    const worker = new node.Worker(new URL(here.endsWith(".ts") ? "./worker.ts" : "./worker.js", here));
    // A program that has nothing else to do ends.
    worker.unref();
    return {
      post: (message) => worker.postMessage(message),
      listen(told, failed) {
        worker.once("message", told);
        worker.once("error", (error) => failed(String(error)));
        worker.once("exit", (code) => failed(`it ended with code ${code}`));
      },
    };
  }
  // As bundlers know it.
  const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  return {
    post: (message) => worker.postMessage(message),
    listen(told, failed) {
      worker.onmessage = () => told();
      worker.onerror = (event) => failed(event.message);
    },
  };
}

/** Can there be threads? Says why not. */
function canShare(core: Core): boolean {
  const why =
    typeof SharedArrayBuffer === "undefined" || globalThis.crossOriginIsolated === false
      ? "this page is not cross-origin isolated: serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp"
      : Object.keys(core).length > 0 && `${Object.keys(core)} is computed in JavaScript`;
  // biome-ignore lint/suspicious/noConsole: it works all the same, but not as it was asked to
  if (why) console.warn(`cotangent: one thread: ${why}`);
  return !why;
}
