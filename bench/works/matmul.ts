import type { MatmulTask } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { randomUniform } from "../measure/random.ts";
import type { Work } from "./work.ts";

/** A square f32 product; one multiply-add is two FLOP. */
export function matmulWork(n: number): Work {
  return {
    ...multiply(n, 1),
    name: `matmul-${n}`,
    atLeast: {
      loops: n <= 512 ? { "tfjs-cpu": 2 } : {},
      wasm: { "tfjs-wasm": 1.6, "onnxruntime-web": 1.6, ...(n >= 256 && { "onnxruntime-node": 0.55 }) },
    },
  };
}

/** The same product on two threads against one. */
export const matmulThreadsWork = (n: number): Work => ({
  ...multiply(n, 2),
  name: `matmul-${n}-2-threads`,
  atLeast: { wasm: { "one-thread": 1.7 } },
  yardsticks: { "one-thread": multiply(n, 1) },
});

function multiply(n: number, threads: number): Omit<Work, "name" | "atLeast"> {
  const uniform = randomUniform(n);
  const task: MatmulTask = { n, a: uniform(n * n, 1), b: uniform(n * n, 1), threads };
  return {
    unit: "GFLOP/s",
    unitsARun: (2 * n ** 3) / 1e9,
    open: ({ does }) => does.matmul?.(task),
    async error(contender) {
      await contender.run();
      return relativeError(await contender.result(), [product(task)]);
    },
    tolerance: 1e-5,
  };
}

/** In float64. */
function product({ n, a, b }: MatmulTask): Float64Array {
  const out = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < n; k++) {
      for (let j = 0; j < n; j++) out[i * n + j]! += a[i * n + k]! * b[k * n + j]!;
    }
  }
  return out;
}
