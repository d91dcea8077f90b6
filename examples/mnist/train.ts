import { adamInit, tensor } from "cotangent";
import { batches, type Digits } from "./digits.ts";
import { type History, mean } from "./history.ts";
import type { Built, Network } from "./models.ts";
import { showEpoch } from "./progress.ts";
import { type Score, scoreOn } from "./score.ts";

export interface Settings {
  readonly epochs: number;
  readonly batch: number;
  readonly seed: number;
  /** The first step's. It falls along a line and would reach zero after the last. */
  readonly lr: number;
}

export interface Trained<P> extends History {
  readonly p: P;
  /** Mean time of an epoch's steps, batches included, scoring not. */
  readonly secondsPerEpoch: number;
}

/** Trains with Adam on shuffled batches, and shows how it goes. */
export async function train<P, X>(
  { initial, images: asImages }: Network<P, X>,
  built: Built<P, X>,
  data: { train: Digits; test: Digits },
  { epochs, batch, seed, lr }: Settings,
): Promise<Trained<P>> {
  const start = initial(seed);
  const session = built.trainStep.start({ p: start, opt: adamInit(start) }, { max: { B: batch } });
  const stepsPerEpoch = Math.ceil(data.train.count / batch);
  const losses: number[] = [];
  const scores: Score[] = [];
  let milliseconds = 0;
  for (let epoch = 0; epoch < epochs; epoch++) {
    const progress = showEpoch(`epoch ${epoch + 1}/${epochs}`, stepsPerEpoch);
    const began = performance.now();
    for (const { count, images, labels } of batches(data.train, { seed, epoch, size: batch })) {
      const rate = lr * (1 - losses.length / (epochs * stepsPerEpoch));
      const loss = session.step(asImages(images, count), tensor(labels, [count], "i32"), rate);
      losses.push((await loss.data())[0]!);
      if (losses.length % 25 === 0) progress.update(losses.length - epoch * stepsPerEpoch, mean(losses.slice(-100)));
    }
    milliseconds += performance.now() - began;
    const { p } = await session.carry();
    const score = await scoreOn((pixels, count) => built.logits(p, asImages(pixels, count)), data.test);
    scores.push(score);
    progress.finish(`training loss ${mean(losses.slice(-stepsPerEpoch)).toFixed(4)}  ${showScore(score)}`);
  }
  return { p: (await session.carry()).p, losses, scores, secondsPerEpoch: milliseconds / 1000 / epochs };
}

export const showScore = ({ loss, accuracy }: Score): string =>
  `test loss ${loss.toFixed(4)}  test accuracy ${(100 * accuracy).toFixed(2)} %`;
