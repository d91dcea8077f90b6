import type { ChainTask, Contender } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { randomUniform } from "../measure/random.ts";
import type { Task, Work } from "./work.ts";

const LENGTH = 2 ** 22;
/** Each element is read once and written once. */
const GB_A_RUN = (2 * 4 * LENGTH) / 1e9;

/** Four cheap ops on 16 MB: it should cost what moving them costs. */
export function chainWork(): Work {
  const task: ChainTask = { x: randomUniform(3)(LENGTH, 1), a: 1.5, b: 0.25 };
  return {
    name: "chain-16mb",
    unit: "GB/s",
    unitsARun: GB_A_RUN,
    open: ({ does }) => does.chain?.(task),
    error: async (contender) => relativeError(await contender.result(), [chain(task)]),
    tolerance: 1e-6,
    atLeast: { wasm: { memcpy: 0.7 } },
    yardsticks: { memcpy: copyTask([task.x]) },
  };
}

/** In float64. */
const chain = ({ x, a, b }: ChainTask): Float64Array => Float64Array.from(x, (v) => Math.max(v * a + b, 0) - v);

/** Copies arrays, as fast as the machine copies: `memmove` behind `set`. */
export function copyTask(from: readonly Float32Array[]): Task {
  const to = from.map((array) => new Float32Array(array.length));
  const contender: Contender = {
    run() {
      for (const [i, array] of from.entries()) to[i]!.set(array);
    },
    result: async () => to,
  };
  return {
    unit: "GB/s",
    unitsARun: from.reduce((bytes, array) => bytes + 2 * array.byteLength, 0) / 1e9,
    open: async () => contender,
    async error() {
      contender.run();
      return relativeError(to, from);
    },
  };
}
