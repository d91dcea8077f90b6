import type { Contender } from "../library.ts";

/** Seconds a run: the best round, and the middle one. */
export interface Timing {
  readonly best: number;
  readonly median: number;
}

const LONG_ENOUGH = { rounds: 15, secondsARound: 0.15, secondsOfWarming: 0.5 };

/**
 * Times all contenders in the same minutes: after warming up they take turns, round by round, so that a slow spell of a shared machine
 * falls on each of them. Ratios are then taken between the bests of one race.
 *
 * The clock is the thread's own CPU time, which does not run while another process has the core; it also leaves out what a garbage
 * collector does beside the thread, in favour of whoever allocates. If one of them works on several threads, all run by the wall clock.
 */
export async function race<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  { rounds, secondsARound, secondsOfWarming } = LONG_ENOUGH,
): Promise<Record<Name, Timing>> {
  const field = Object.entries<Contender>(contenders) as [Name, Contender][];
  const clock = field.some(([, { threaded }]) => threaded) ? wallSeconds : threadSeconds;
  const runs = new Map<Name, number>();
  for (const [name, contender] of field) {
    const warm = await warmUp(contender, secondsOfWarming);
    runs.set(name, Math.max(1, Math.round(secondsARound / warm)));
  }
  const times = new Map(field.map(([name]) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, contender] of field) times.get(name)!.push(await timeRuns(contender, runs.get(name)!, clock));
  }
  return Object.fromEntries(field.map(([name]) => [name, summarize(times.get(name)!)])) as Record<Name, Timing>;
}

export function summarize(times: readonly number[]): Timing {
  const sorted = times.toSorted((a, b) => a - b);
  return { best: sorted[0]!, median: sorted[Math.floor(sorted.length / 2)]! };
}

/** Runs for so long; seconds of the quickest run: one that was interrupted would make the rounds too short to time. */
async function warmUp(contender: Contender, seconds: number): Promise<number> {
  const end = wallSeconds() + seconds;
  let quickest = Number.POSITIVE_INFINITY;
  do quickest = Math.min(quickest, await timeRuns(contender, 1, wallSeconds));
  while (wallSeconds() < end);
  return quickest;
}

async function timeRuns(contender: Contender, runs: number, clock: () => number): Promise<number> {
  await contender.enter?.();
  if (contender.time) return (await contender.time(runs)) / runs;
  const start = clock();
  for (let i = 0; i < runs; i++) {
    const pending = contender.run();
    if (pending instanceof Promise) await pending;
  }
  return (clock() - start) / runs;
}

const wallSeconds = (): number => performance.now() / 1000;

function threadSeconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1e6;
}
