import { adamInit, tensor } from "cotangent";
import { batches, type Digits, PIXELS } from "../../mnist/digits.ts";
import { mlpParams } from "../../mnist/initial.ts";
import type { Params } from "../../mnist/mlp.ts";
import type load from "../../mnist/mlp.wasm.ts";

/** The built model. */
export type Mlp = Awaited<ReturnType<typeof load>>;

export interface Settings {
  readonly steps: number;
  readonly seed: number;
}

export interface Progress {
  /** Of every step so far. The array grows. */
  readonly losses: readonly number[];
  /** In steps alone. */
  readonly milliseconds: number;
  params(): Promise<Params>;
}

const BATCH = 32;
/** The first step's rate. It falls along a line and would reach zero after the last. */
const RATE = 2e-3;
/** Milliseconds of training between two pictures: a frame has 16. */
const SLICE = 11;

/** Trains with Adam, a slice of time at a yield, so that a page can draw and listen in between. What it computes does not depend on that. */
export async function* train(mlp: Mlp, digits: Digits, { steps, seed }: Settings): AsyncGenerator<Progress> {
  const p = mlpParams(seed);
  const session = mlp.trainStep.start({ p, opt: adamInit(p) }, { max: { B: BATCH } });
  const source = endless(digits, seed);
  const losses: number[] = [];
  let milliseconds = 0;
  while (losses.length < steps) {
    const began = performance.now();
    do {
      const { count, images, labels } = source.next().value;
      const rate = RATE * (1 - losses.length / steps);
      const loss = session.step(tensor(images, [count, PIXELS]), tensor(labels, [count], "i32"), rate);
      losses.push((await loss.data())[0]!);
    } while (losses.length < steps && performance.now() < began + SLICE);
    milliseconds += performance.now() - began;
    yield { losses, milliseconds, params: async () => (await session.carry()).p };
  }
}

function* endless(digits: Digits, seed: number): Generator<Digits, never> {
  for (let epoch = 0; ; epoch++) yield* batches(digits, { seed, epoch, size: BATCH });
}
