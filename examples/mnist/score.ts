import type { Tensor } from "cotangent";
import { CLASSES, type Digits, PIXELS } from "./digits.ts";

/** How a model does on a set of digits. */
export interface Score {
  /** The part it reads right, 0…1. */
  readonly accuracy: number;
  /** The mean over digits of −log of the probability it gave the truth. */
  readonly loss: number;
  readonly mistakes: readonly Mistake[];
}

/** A digit read wrong: its place in the set, what it was taken for, and how surely (0…1). */
export interface Mistake {
  readonly index: number;
  readonly predicted: number;
  readonly probability: number;
}

/** Digits read at a time: the batch is a dynamic dim, so this size need not be the training's. */
const CHUNK = 1000;

/** `logitsOf`: `count` images `[count, 784]` → `[count, 10]`. */
export async function scoreOn(
  logitsOf: (pixels: Float32Array, count: number) => Tensor<[number, 10]>,
  { count, images, labels }: Digits,
): Promise<Score> {
  const mistakes: Mistake[] = [];
  let loss = 0;
  for (let start = 0; start < count; start += CHUNK) {
    const rows = Math.min(CHUNK, count - start);
    const logits = await logitsOf(images.subarray(start * PIXELS, (start + rows) * PIXELS), rows).data();
    for (let row = 0; row < rows; row++) {
      const index = start + row;
      const { probabilities, surest } = readLogits(logits.subarray(row * CLASSES, (row + 1) * CLASSES));
      loss -= Math.log(probabilities[labels[index]!]!) / count;
      if (surest !== labels[index]) mistakes.push({ index, predicted: surest, probability: probabilities[surest]! });
    }
  }
  return { accuracy: 1 - mistakes.length / count, loss, mistakes };
}

/** The logits of one digit → their softmax, and its largest. */
export function readLogits(logits: Float32Array): { probabilities: number[]; surest: number } {
  const top = Math.max(...logits);
  const powers = Array.from(logits, (z) => Math.exp(z - top));
  const total = powers.reduce((sum, v) => sum + v, 0);
  return { probabilities: powers.map((v) => v / total), surest: logits.indexOf(top) };
}
