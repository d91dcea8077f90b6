/** The networks that `npm run mnist` trains. A row is all that one has of its own: training, scores, pictures and checkpoints are the same for all. */
import { type AdamState, type Tensor, tensor } from "cotangent";
import type { Target } from "../../cli/targets.ts";
import type { Params as Cnn } from "./cnn.ts";
import { cnnParams, mlpParams } from "./initial.ts";
import type { Params as Mlp } from "./mlp.ts";

/** A built network, for whatever target: `P` its parameters, `X` images as it takes them. */
export interface Built<P, X> {
  logits(p: P, x: X): Tensor<[number, 10]>;
  readonly trainStep: {
    start(
      carry: { p: P; opt: AdamState<P> },
      options: { max: { B: number } },
    ): {
      step(x: X, y: Tensor<[number], "i32">, lr: number): Tensor<[]>;
      carry(): Promise<{ p: P }>;
    };
  };
}

/** A network as written: where its shapes do not fit the module that was built of it, its row does not compile. */
export interface Network<P, X> {
  readonly title: string;
  /** Adam's first learning rate, unless `--lr` says otherwise. */
  readonly lr: number;
  initial(seed: number): P;
  images(pixels: Float32Array, count: number): X;
  /** What the build for a target wrote. Its types are those of every other's. */
  module(target: Target): Promise<{ default(options: { threads: number }): Promise<Built<P, X>> }>;
}

const mlp: Network<Mlp, Tensor<[number, 784]>> = {
  title: "784-128-10",
  lr: 1e-3,
  initial: mlpParams,
  images: (pixels, count) => tensor(pixels, [count, 784]),
  module: (target): Promise<typeof import("./mlp.wasm.ts")> => import(`./mlp.${target}.ts`),
};

const cnn: Network<Cnn, Tensor<[number, 28, 28, 1]>> = {
  title: "two convolutions of 3×3",
  lr: 4e-3,
  initial: cnnParams,
  images: (pixels, count) => tensor(pixels, [count, 28, 28, 1]),
  module: (target): Promise<typeof import("./cnn.wasm.ts")> => import(`./cnn.${target}.ts`),
};

export const models = { mlp, cnn };
export type ModelName = keyof typeof models;
