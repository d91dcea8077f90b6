import { type AdamState, adamInit, type Tensor, tensor } from "cotangent";
import loadLoops from "../../examples/mnist/mlp.loops.ts";
import { type Params, trainStep } from "../../examples/mnist/mlp.ts";
import { adam, adamState, copyOf, lossAndGradient } from "../../examples/mnist/reference.ts";
import type { MlpTask } from "../library.ts";
import { relativeError } from "../measure/check.ts";
import { race } from "../measure/race.ts";
import { type Result, rowOf } from "../row.ts";
import { smallMlp } from "./mlp.ts";

const LR = 1e-3;
const CHECKED_STEPS = 3;

/** The MNIST example's Adam step run op by op from its source, against the same step built (loops). */
export async function eagerResult(): Promise<Result> {
  const task = smallMlp(32);
  const contenders = { eager: eagerStep(task), built: await builtStep(task) };
  const expected = referenceLosses(task);
  const error = Math.max(await lossError(contenders.eager, expected), await lossError(contenders.built, expected));
  const { eager, built } = await race(contenders);
  const row = rowOf({
    id: "eager/mnist-step-b32/loops",
    ours: 1 / eager.best,
    theirs: 1 / built.best,
    unit: "steps/s",
    better: "more",
    atLeast: 1 / 50,
    checked: { error, tolerance: 1e-4 },
  });
  return { id: row.id, row, note: `${(eager.median / built.median).toFixed(1)} times as long between medians` };
}

/** A step; its loss is what `run` gives back. */
interface Step {
  run(): Tensor<[]>;
  result(): Promise<Float32Array[]>;
}

function eagerStep(task: MlpTask): Step {
  const { p, x, y } = tensorsOf(task);
  let carry: { p: Params; opt: AdamState<Params> } = { p, opt: adamInit(p) };
  const run = (): Tensor<[]> => {
    const [next, loss] = trainStep(carry, x, y, LR);
    carry = next;
    return loss;
  };
  return { run, result: async () => [] };
}

async function builtStep(task: MlpTask): Promise<Step> {
  const { p, x, y } = tensorsOf(task);
  const session = (await loadLoops()).trainStep.start({ p, opt: adamInit(p) }, { max: { B: task.batch } });
  return { run: () => session.step(x, y, LR), result: async () => [] };
}

function tensorsOf({ batch, layers: [hidden, out], images, labels }: MlpTask) {
  const p: Params = {
    hidden: { w: tensor(hidden!.w, [784, 128]), b: tensor(hidden!.b, [128]) },
    out: { w: tensor(out!.w, [128, 10]), b: tensor(out!.b, [10]) },
  };
  return { p, x: tensor(images, [batch, 784]), y: tensor(labels, [batch], "i32") };
}

async function lossError(step: Step, expected: readonly number[]): Promise<number> {
  const losses: number[] = [];
  for (let i = 0; i < CHECKED_STEPS; i++) losses.push((await step.run().data())[0]!);
  return relativeError([losses], [expected]);
}

function referenceLosses({ batch, layers: [hidden, out], images, labels }: MlpTask): number[] {
  const p = copyOf({ hidden: hidden!, out: out! });
  const state = adamState(p);
  return Array.from({ length: CHECKED_STEPS }, () => {
    const { loss, grad } = lossAndGradient(p, { count: batch, images, labels });
    adam(p, grad, state, LR);
    return loss;
  });
}
