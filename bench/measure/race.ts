import type { Contender } from "../library.ts";

/** Seconds a run: the best round, and the middle one. */
export interface Timing {
  readonly best: number;
  readonly median: number;
}

const LONG_ENOUGH = { rounds: 9, secondsARound: 0.15, secondsOfWarming: 0.4 };

/**
 * Times all contenders in the same minutes: after warming up, they take turns, round by round, so that a slow spell of a shared machine
 * falls on each of them. Ratios are then taken between the bests of one race.
 */
export async function race<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { rounds, secondsARound, secondsOfWarming } = LONG_ENOUGH,
): Promise<Record<Name, Timing>> {
  const names = Object.keys(contenders) as Name[];
  const runs = new Map<Name, number>();
  for (const name of names) {
    const warm = await runFor(contenders[name], secondsOfWarming);
    runs.set(name, Math.max(1, Math.round(secondsARound / warm)));
  }
  const times = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const name of names) times.get(name)!.push(await timeRuns(contenders[name], runs.get(name)!));
  }
  return Object.fromEntries(names.map((name) => [name, summarize(times.get(name)!)])) as Record<Name, Timing>;
}

export function summarize(times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  return { best: sorted[0]!, median: sorted[Math.floor(sorted.length / 2)]! };
}

/** Seconds a run of the last half: the first half is the compiler's. */
async function runFor(contender: Contender, seconds: number): Promise<number> {
  await contender.enter?.();
  const start = performance.now();
  let runs = 0;
  while (performance.now() - start < (1000 * seconds) / 2) {
    await settle(contender.run());
    runs++;
  }
  return timeOnly(contender, runs);
}

async function timeRuns(contender: Contender, runs: number): Promise<number> {
  await contender.enter?.();
  return timeOnly(contender, runs);
}

async function timeOnly(contender: Contender, runs: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) {
    const pending = contender.run();
    if (pending instanceof Promise) await pending;
  }
  return (performance.now() - start) / 1000 / runs;
}

const settle = (pending: unknown): unknown => (pending instanceof Promise ? pending : undefined);
