import { adamInit, type Tensor, tensor } from "cotangent";
import type { AdamTask, Batch, CnnTask, Contender, Layer, MlpTask } from "../library.ts";
import type { Open } from "./built.ts";

/** One module for each network: its sizes are in its types. */
export const trainMlp = (open: Open) => (task: MlpTask) => (task.layers.length === 2 ? trainSmall(open, task) : trainLarge(open, task));

async function trainSmall(open: Open, task: MlpTask): Promise<Contender> {
  const { sgdStep } = await open("mlp");
  const { x, y } = inputs(task);
  const session = sgdStep.start(smallParams(task.layers), { max: { B: task.batch } });
  return { run: () => session.step(x, y, task.lr), result: async () => leaves(await session.carry()) };
}

async function trainLarge(open: Open, task: MlpTask): Promise<Contender> {
  const { sgdStep } = await open("mlp-large");
  const [first, second, out] = task.layers as [Layer, Layer, Layer];
  const params = {
    first: { w: tensor(first.w, [784, 512]), b: tensor(first.b, [512]) },
    second: { w: tensor(second.w, [512, 512]), b: tensor(second.b, [512]) },
    out: { w: tensor(out.w, [512, 10]), b: tensor(out.b, [10]) },
  };
  const { x, y } = inputs(task);
  const session = sgdStep.start(params, { max: { B: task.batch } });
  return { run: () => session.step(x, y, task.lr), result: async () => leaves(await session.carry()) };
}

export const trainCnn =
  (open: Open) =>
  async (task: CnnTask): Promise<Contender> => {
    const { sgdStep } = await open("cnn");
    const [first, second, out] = task.layers;
    const params = {
      first: { w: tensor(first.w, [3, 3, 1, 8]), b: tensor(first.b, [8]) },
      second: { w: tensor(second.w, [3, 3, 8, 16]), b: tensor(second.b, [16]) },
      out: { w: tensor(out.w, [784, 10]), b: tensor(out.b, [10]) },
    };
    const x = tensor(task.images, [task.batch, 28, 28, 1]);
    const y = tensor(task.labels, [task.batch], "i32");
    const session = sgdStep.start(params, { max: { B: task.batch } });
    return { run: () => session.step(x, y, task.lr), result: async () => leaves(await session.carry()) };
  };

export const trainAdam =
  (open: Open) =>
  async ({ layers, batches, lr, lossEvery }: AdamTask): Promise<Contender> => {
    const { adamStep } = await open("adam");
    const p = smallParams(layers);
    const session = adamStep.start({ p, opt: adamInit(p) }, { max: { B: Math.max(...batches.map(({ batch }) => batch)) } });
    const turns = batches.map(inputs);
    let step = 0;
    return {
      run() {
        const { x, y } = turns[step++ % turns.length]!;
        const loss = session.step(x, y, lr);
        return step % lossEvery === 0 ? loss.data() : undefined;
      },
      async result() {
        const { opt } = await session.carry();
        return [...(await leaves(opt.m)), ...(await leaves(opt.v))];
      },
    };
  };

const smallParams = ([hidden, out]: readonly Layer[]) => ({
  hidden: { w: tensor(hidden!.w, [784, 128]), b: tensor(hidden!.b, [128]) },
  out: { w: tensor(out!.w, [128, 10]), b: tensor(out!.b, [10]) },
});

const inputs = ({ images, labels, batch }: Batch) => ({
  x: tensor(images, [batch, 784]),
  y: tensor(labels, [batch], "i32"),
});

/** W and b of each layer in turn. */
const leaves = (layers: Readonly<Record<string, { readonly w: Tensor; readonly b: Tensor }>>): Promise<Float32Array[]> =>
  Promise.all(Object.values(layers).flatMap(({ w, b }) => [w.data(), b.data()]));
