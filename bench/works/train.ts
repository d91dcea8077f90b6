import type { Contender, Layer, TrainTask } from "../library.ts";
import { wayError } from "../measure/check.ts";
import type { Layer as Reference } from "../reference/dense.ts";
import type { Task } from "./work.ts";

const CHECKED_STEPS = 3;

/** A full training step: forward, backward, SGD; random images that stay where they are; the loss is not read. */
export const trainingTask = <T extends TrainTask>(
  task: T,
  open: Task["open"],
  reference: (task: T, steps: number) => readonly Reference[],
) => ({
  unit: "steps/s",
  unitsARun: 1,
  open,
  async error(contender: Contender) {
    for (let step = 0; step < CHECKED_STEPS; step++) await contender.run();
    return wayError(arraysOf(task.layers), await contender.result(), arraysOf(reference(task, CHECKED_STEPS)));
  },
  tolerance: 1e-3,
});

/** W and b of each layer in turn. */
export const arraysOf = <L extends Layer | Reference>(layers: readonly L[]): readonly L["w"][] => layers.flatMap(({ w, b }) => [w, b]);
