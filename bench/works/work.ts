import { Absent, orAbsent } from "../absent.ts";
import type { Contender, Library } from "../library.ts";
import { race, type Timing } from "../measure/race.ts";
import { openPeer, type PeerName } from "../peers/index.ts";
import { type Result, rowOf } from "../row.ts";
import type { TargetName } from "../targets/index.ts";

/** Something that libraries can be asked to do, by the same data. */
export interface Task {
  readonly unit: string;
  /** What one run is worth in `unit` seconds: 1 step, or so many GFLOP. */
  readonly unitsARun: number;
  /** Undefined where the library does no such thing. */
  open(library: Library): Promise<Contender> | undefined;
  /** Runs a fresh contender a few times and compares what it computed with float64 by hand: the worst relative error. */
  error(contender: Contender): Promise<number>;
}

/** What a target of ours is raced at. */
export interface Work extends Task {
  readonly name: string;
  /** Of the relative error, everyone's. */
  readonly tolerance: number;
  /** For each target, whom to race, and how many times faster we must be. */
  readonly atLeast: Partial<Record<TargetName, Bars>>;
  /** What the target itself is asked for by the name of such a rival, in the same unit. */
  readonly yardsticks?: Partial<Record<Yardstick, Task>>;
}
export type Yardstick = "one-thread" | "sgd" | "memcpy" | "streaming" | "exp";
type Rival = PeerName | Yardstick;
type Bars = Partial<Record<Rival, number>>;

/** Checks everyone, then races everyone that is there in one go: a row for each rival. */
export async function compare(name: TargetName, target: Library, work: Work): Promise<Result[]> {
  const bars = Object.entries(work.atLeast[name] ?? {}) as [Rival, number][];
  if (bars.length === 0) return [];
  const ours = await orAbsent(enter(work, target));
  const rivals = new Map<Rival, Entry | Absent>();
  for (const [rival] of bars) rivals.set(rival, ours instanceof Absent ? ours : await orAbsent(meet(rival, work, target)));

  const field: Record<string, Contender> = {};
  for (const [rival, entry] of rivals) if (!(entry instanceof Absent)) field[rival] = entry.contender;
  const times: Readonly<Record<string, Timing>> = ours instanceof Absent ? {} : await race({ ...field, [name]: ours.contender });

  return bars.map(([rival, atLeast]) => {
    const id = `${name}/${work.name}/${rival}`;
    const theirs = rivals.get(rival)!;
    if (ours instanceof Absent || theirs instanceof Absent) return { id, note: `skipped: ${(theirs as Absent).message}` };
    const [mine, its] = [rates(times[name]!, ours), rates(times[rival]!, theirs)];
    const error = worse(ours.error, theirs.error);
    const checked = { error, tolerance: work.tolerance };
    const row = rowOf({ id, ours: mine.best, theirs: its.best, unit: work.unit, better: "more", atLeast, checked });
    const wrong = error <= work.tolerance ? "" : `; WRONG: ours is off by ${ours.error}, theirs by ${theirs.error}`;
    return { id, row, note: `${(mine.median / its.median).toFixed(2)}x between medians${wrong}` };
  });
}

interface Entry {
  readonly contender: Contender;
  readonly error: number;
  readonly unitsARun: number;
}

/** A peer at the same work, or the target itself at the yardstick. */
async function meet(rival: Rival, work: Work, target: Library): Promise<Entry> {
  const yardstick = work.yardsticks?.[rival as Yardstick];
  return yardstick ? enter(yardstick, target) : enter(work, await openPeer(rival as PeerName));
}

async function enter(task: Task, library: Library): Promise<Entry> {
  const contender = await task.open(library);
  if (!contender) throw new Absent(`${library.name} does no such thing`);
  await contender.enter?.();
  return { contender, error: await task.error(contender), unitsARun: task.unitsARun };
}

const rates = ({ best, median }: Timing, { unitsARun }: Entry): Timing => ({ best: unitsARun / best, median: unitsARun / median });

/** NaN is worse than anything. */
const worse = (a: number, b: number): number => (Number.isNaN(a) || a > b ? a : b);
