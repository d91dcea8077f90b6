import type { MatmulTask } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { randomUniform } from "../measure/random.ts";
import type { Work } from "./work.ts";

/** A square f32 product; one multiply-add is two FLOP. */
export function matmulWork(n: number): Work {
  const uniform = randomUniform(n);
  const task: MatmulTask = { n, a: uniform(n * n, 1), b: uniform(n * n, 1) };
  return {
    name: `matmul-${n}`,
    unit: "GFLOP/s",
    unitsARun: (2 * n ** 3) / 1e9,
    open: (library) => library.multiply(task),
    async error(contender) {
      await contender.run();
      return relativeError(await contender.result(), [product(task)]);
    },
    tolerance: 1e-5,
    atLeast: { "tfjs-cpu": 2 },
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
