import type { Score } from "./score.ts";

/** What training leaves behind: the loss of every step, and the score on the test set after every epoch. */
export interface History {
  readonly losses: readonly number[];
  readonly scores: readonly Score[];
}

export const mean = (numbers: readonly number[]): number => numbers.reduce((sum, v) => sum + v, 0) / numbers.length;
