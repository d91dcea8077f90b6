import type { Contender, Library } from "../library.ts";
import { race, type Timing } from "../measure/race.ts";
import { openPeer, type PeerName } from "../peers/index.ts";
import { type Result, rowOf } from "../row.ts";

/** Something every library can be asked to do, by the same data. */
export interface Work {
  readonly name: string;
  readonly unit: string;
  /** What one run is worth in `unit` seconds: 1 step, or so many GFLOP. */
  readonly unitsARun: number;
  open(library: Library): Promise<Contender>;
  /** Runs a fresh contender a few times and compares what it computed with float64 by hand: the worst relative error. */
  error(contender: Contender): Promise<number>;
  readonly tolerance: number;
  /** Whom to race, and how many times faster we must be. */
  readonly atLeast: Partial<Record<PeerName, number>>;
}

/** Checks everyone, then races everyone that is installed in one go: a row for each peer. */
export async function compare(target: Library, work: Work): Promise<Result[]> {
  const ours = await enter(work, target);
  const theirs = new Map<PeerName, Entry>();
  const bars = Object.entries(work.atLeast) as [PeerName, number][];
  for (const [name] of bars) {
    const peer = await openPeer(name);
    if (peer) theirs.set(name, await enter(work, peer));
  }
  const contenders = Object.fromEntries([...theirs].map(([name, { contender }]) => [name, contender]));
  const times: Record<string, Timing> = await race({ ...contenders, [target.name]: ours.contender });
  const mine = times[target.name]!;

  return bars.map(([name, atLeast]) => {
    const id = `${target.name}/${work.name}/${name}`;
    const entry = theirs.get(name);
    const peer = times[name];
    if (!entry || !peer) return { id, note: `skipped: ${name} is not installed` };
    const error = worse(ours.error, entry.error);
    const row = rowOf({
      id,
      ours: work.unitsARun / mine.best,
      theirs: work.unitsARun / peer.best,
      unit: work.unit,
      better: "more",
      atLeast,
      checked: { error, tolerance: work.tolerance },
    });
    const wrong = error <= work.tolerance ? "" : `; WRONG: ours is off by ${ours.error}, theirs by ${entry.error}`;
    return { id, row, note: `${(peer.median / mine.median).toFixed(2)}x between medians${wrong}` };
  });
}

interface Entry {
  readonly contender: Contender;
  readonly error: number;
}

async function enter(work: Work, library: Library): Promise<Entry> {
  const contender = await work.open(library);
  await contender.enter?.();
  return { contender, error: await work.error(contender) };
}

/** NaN is worse than anything. */
const worse = (a: number, b: number): number => (Number.isNaN(a) || a > b ? a : b);
