import type { RowsTask } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { randomUniform } from "../measure/random.ts";
import type { Task, Work } from "./work.ts";

const SIZE = 1024;

/** Against the exponentials alone, which no softmax can do without. */
export function softmaxWork(): Work {
  const task: RowsTask = { rows: SIZE, x: randomUniform(4)(SIZE * SIZE, 5) };
  const rate = { unit: "M/s", unitsARun: (SIZE * SIZE) / 1e6 };
  const exp: Task = {
    ...rate,
    open: ({ does }) => does.exp?.(task),
    error: async (contender) => relativeError(await contender.result(), [Float64Array.from(task.x, Math.exp)]),
  };
  return {
    ...rate,
    name: `softmax-${SIZE}`,
    open: ({ does }) => does.softmax?.(task),
    error: async (contender) => relativeError(await contender.result(), [softmax(task)]),
    tolerance: 1e-6,
    atLeast: { wasm: { exp: 1 / 1.5 } },
    yardsticks: { exp },
  };
}

/** In float64. */
function softmax({ x }: RowsTask): Float64Array {
  const y = Float64Array.from(x, Math.exp);
  for (let at = 0; at < y.length; at += SIZE) {
    const row = y.subarray(at, at + SIZE);
    const total = row.reduce((a, b) => a + b);
    row.forEach((v, j) => {
      row[j] = v / total;
    });
  }
  return y;
}
