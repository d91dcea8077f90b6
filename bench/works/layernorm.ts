import type { LayerNormTask } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { randomUniform } from "../measure/random.ts";
import { copyTask } from "./chain.ts";
import type { Work } from "./work.ts";

const [ROWS, FEATURES] = [4096, 1024];
const EPSILON = 1e-5;

/** Forward and backward, 16 MB an operand: x and ct are read, y and dx are written. Against copying x to y and ct to dx. */
export function layerNormWork(): Work {
  const uniform = randomUniform(5);
  const [x, ct] = [uniform(ROWS * FEATURES, 2), uniform(ROWS * FEATURES, 1)];
  const task: LayerNormTask = { rows: ROWS, x, ct, gain: uniform(FEATURES, 1), bias: uniform(FEATURES, 1) };
  const streaming = copyTask([x, ct]);
  return {
    name: `layernorm-${ROWS}x${FEATURES}`,
    unit: streaming.unit,
    unitsARun: streaming.unitsARun,
    open: ({ does }) => does.layerNorm?.(task),
    error: async (contender) => relativeError(await contender.result(), layerNorm(task)),
    tolerance: 1e-5,
    atLeast: { wasm: { streaming: 1 / 2.5 } },
    yardsticks: { streaming },
  };
}

/** In float64. With u = (x − mean)/σ and g = ct·gain: y = u·gain + bias, dx = (g − mean g − u·mean(g·u))/σ, dgain = Σ ct·u, dbias = Σ ct. */
function layerNorm({ x, gain, bias, ct }: LayerNormTask): readonly Float64Array[] {
  const [y, dx] = [new Float64Array(x.length), new Float64Array(x.length)];
  const [dgain, dbias] = [new Float64Array(FEATURES), new Float64Array(FEATURES)];
  const mean = (f: (j: number) => number): number => {
    let sum = 0;
    for (let j = 0; j < FEATURES; j++) sum += f(j);
    return sum / FEATURES;
  };
  for (let at = 0; at < x.length; at += FEATURES) {
    const middle = mean((j) => x[at + j]!);
    const deviation = Math.sqrt(mean((j) => (x[at + j]! - middle) ** 2) + EPSILON);
    const u = Float64Array.from({ length: FEATURES }, (_, j) => (x[at + j]! - middle) / deviation);
    const g = Float64Array.from({ length: FEATURES }, (_, j) => ct[at + j]! * gain[j]!);
    const [meanG, meanGU] = [mean((j) => g[j]!), mean((j) => g[j]! * u[j]!)];
    for (let j = 0; j < FEATURES; j++) {
      y[at + j] = u[j]! * gain[j]! + bias[j]!;
      dx[at + j] = (g[j]! - meanG - u[j]! * meanGU) / deviation;
      dgain[j]! += ct[at + j]! * u[j]!;
      dbias[j]! += ct[at + j]!;
    }
  }
  return [y, dx, dgain, dbias];
}
