import { tensor } from "cotangent";
import type { ChainTask, Contender, LayerNormTask, RowsTask } from "../library.ts";
import type { Open } from "./built.ts";

/** What memory decides. Each is a step whose carry is its operands, so that they stay where they are, and whose output nobody reads. */
export const chain =
  (open: Open) =>
  async ({ x, a, b }: ChainTask): Promise<Contender> => {
    const session = (await open("chain")).chain.start(tensor(x, [x.length]));
    const run = () => session.step(a, b);
    return { run, result: async () => [await run().data()] };
  };

export const softmax =
  (open: Open) =>
  async ({ x, rows }: RowsTask): Promise<Contender> => {
    const session = (await open("softmax")).softmaxRows.start(tensor(x, [rows, 1024]));
    const run = () => session.step();
    return { run, result: async () => [await run().data()] };
  };

export const exp =
  (open: Open) =>
  async ({ x, rows }: RowsTask): Promise<Contender> => {
    const session = (await open("softmax")).expRows.start(tensor(x, [rows, 1024]));
    const run = () => session.step();
    return { run, result: async () => [await run().data()] };
  };

export const layerNorm =
  (open: Open) =>
  async ({ x, gain, bias, ct, rows }: LayerNormTask): Promise<Contender> => {
    const session = (await open("layernorm")).layerNormBoth.start({
      x: tensor(x, [rows, 1024]),
      gain: tensor(gain, [1024]),
      bias: tensor(bias, [1024]),
      ct: tensor(ct, [rows, 1024]),
    });
    const run = () => session.step();
    return {
      run,
      async result() {
        const { y, dx, dgain, dbias } = run();
        return Promise.all([y, dx, dgain, dbias].map((t) => t.data()));
      },
    };
  };
