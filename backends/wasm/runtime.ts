/** What ships with a generated WebAssembly module: it is compiled once a load; each session has an instance and a memory of its own. */
import type { CompiledModule } from "../../dsl/compiled.ts";
import { Arena, type Engine, link, type Plan } from "../session.ts";
import { argumentsInto, builtin, type Core, importsOf, memoryOf, ROUND, type Run } from "./imports.ts";

export type { Arena, Leaf } from "../session.ts";

/** More than any machine has use for; each is a worker with a heap of its own. */
const MOST_THREADS = 64;

/** A module: where it is, or what has its bytes. */
type Source = URL | (() => Uint8Array<ArrayBuffer>);

/** A module that is in the text: `() => base64("…")`. */
export const base64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export interface LoadOptions {
  /**
   * How many threads share each step, up to 64; 1 without it. The results have the same bits for any number. More than one needs shared memory, which a browser gives
   * to pages that are served with `Cross-Origin-Opener-Policy: same-origin` and `Cross-Origin-Embedder-Policy: require-corp`.
   */
  readonly threads?: number;
  /** Where the module is, if not where the build wrote it: where a bundler or a server has put it. */
  readonly module?: URL;
}

/** `(module (func (param $x v128) (result v128) (f32x4.relaxed_madd $x $x $x)))`: is it valid here? */
const relaxed = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0, 10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11,
];

/** The `load` of a generated module; `[with multiply-add, plain]`. Nothing happens before it is called. */
export const define =
  <M>(plans: Readonly<Record<string, Plan>>, [fma, simd]: readonly [Source, Source], core: Core = {}) =>
  async ({ threads = 1, module: given }: LoadOptions = {}): Promise<CompiledModule<M>> => {
    if (!(threads >= 1 && threads <= MOST_THREADS && threads % 1 === 0))
      throw new Error(`cotangent: threads cannot be ${threads}: a whole number from 1 to ${MOST_THREADS}`);
    const bytes = await bytesOf(given ?? (WebAssembly.validate(Uint8Array.from(relaxed)) ? fma : simd));
    if (threads > 1) {
      const { startTeam } = await import("./team.ts");
      const team = await startTeam(bytes, threads, core, { Arena, argumentsInto, builtin, importsOf, memoryOf, ROUND });
      if (team) return link<M>(plans, team);
    }
    const module = await WebAssembly.compile(bytes);
    return link<M>(plans, (name) => engine(name, module, core));
  };

async function bytesOf(source: Source): Promise<Uint8Array<ArrayBuffer>> {
  if (typeof source === "function") return source();
  if (source.protocol === "file:") {
    const { existsSync, readFileSync } = builtin("node:fs")!;
    if (!existsSync(source))
      throw new Error(`cotangent: ${source} is not there; copy it beside the compiled module, or build with --inline`);
    return readFileSync(source);
  }
  const response = await fetch(source);
  if (!response.ok) throw new Error(`cotangent: ${source}: ${response.status} ${response.statusText}; the build wrote this file`);
  return new Uint8Array(await response.arrayBuffer());
}

function engine(name: string, module: WebAssembly.Module, core: Core): Engine {
  let run: Run;
  const args: number[] = [0, 1];
  return {
    most: 4096,
    allocate(bytes) {
      const memory = memoryOf(bytes, false);
      run = new WebAssembly.Instance(
        module,
        importsOf(memory, core, () => {}),
      ).exports[name] as Run;
      return new Arena(memory.buffer);
    },
    run(_, d, max) {
      argumentsInto(args, d, max);
      run.apply(undefined, args);
    },
  };
}
