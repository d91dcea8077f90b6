import { type Tensor, tensor } from "cotangent";
import type { Contender, Library, MatmulTask, MlpParams, MlpTask } from "../library.ts";
import { describeVersions } from "../measure/machine.ts";
import loadMatmul from "../models/matmul.loops.ts";
import loadMlp from "../models/mlp.loops.ts";

/** The modules that `cotangent build --target loops` wrote. */
export async function open(): Promise<Library> {
  return { name: "loops", version: describeVersions([]).cotangent ?? "", trainMlp, multiply };
}

async function trainMlp({ batch, lr, params, images, labels }: MlpTask): Promise<Contender> {
  const { sgdStep } = await loadMlp();
  const session = sgdStep.start(paramsOf(params), { max: { B: batch } });
  const x = tensor(images, [batch, 784]);
  const y = tensor(labels, [batch], "i32");
  return {
    run: () => session.step(x, y, lr),
    result: async () => {
      const { hidden, out } = await session.carry();
      return Promise.all([hidden.w, hidden.b, out.w, out.b].map((t) => (t as Tensor).data()));
    },
  };
}

const paramsOf = ({ hidden, out }: MlpParams) => ({
  hidden: { w: tensor(hidden.w, [784, 128]), b: tensor(hidden.b, [128]) },
  out: { w: tensor(out.w, [128, 10]), b: tensor(out.b, [10]) },
});

async function multiply({ n, a, b }: MatmulTask): Promise<Contender> {
  const { product } = await loadMatmul();
  const left = tensor(a, [n, n]);
  const right = tensor(b, [n, n]);
  return {
    run: () => product(left, right),
    result: async () => [await product(left, right).data()],
  };
}
