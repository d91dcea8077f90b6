import { adam, adamState, arraysOf, copyOf, lossAndGradient } from "../../examples/mnist/reference.ts";
import type { AdamTask } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { mlpWork, smallMlp } from "./mlp.ts";
import type { Work } from "./work.ts";

const CHECKED_STEPS = 5;

/** What a real loop adds: Adam, a batch whose size changes from step to step (32 on average), the loss read every 50 steps. Against plain SGD on 32. */
export function adamWork(): Work {
  const { layers } = smallMlp(32);
  const task: AdamTask = { layers, batches: [smallMlp(24), smallMlp(40)], lr: 1e-3, lossEvery: 50 };
  const sgd = mlpWork();
  return {
    name: `${sgd.name}-adam`,
    unit: sgd.unit,
    unitsARun: 1,
    open: ({ does }) => does.adam?.(task),
    async error(contender) {
      for (let step = 0; step < CHECKED_STEPS; step++) await contender.run();
      return relativeError(await contender.result(), momentsAfter(CHECKED_STEPS, task));
    },
    tolerance: 1e-3,
    atLeast: { wasm: { sgd: 0.75 } },
    yardsticks: { sgd },
  };
}

/** m and v in float64. A wrong step shows in the gradients of the next. */
function momentsAfter(steps: number, { layers, batches, lr }: AdamTask): readonly Float64Array[] {
  const [hidden, out] = layers;
  const p = copyOf({ hidden: hidden!, out: out! });
  const state = adamState(p);
  for (let step = 0; step < steps; step++) {
    const { batch: count, images, labels } = batches[step % batches.length]!;
    adam(p, lossAndGradient(p, { count, images, labels }).grad, state, lr);
  }
  return [...arraysOf(state.m), ...arraysOf(state.v)];
}
