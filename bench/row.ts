/** One line of the result. `ratio` is how many times better ours is than theirs, whichever way the unit counts; `ok` when it reaches `atLeast` and the check held. */
export interface Row {
  /** `<target>/<work>/<peer>` */
  readonly id: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: string;
  readonly ratio: number;
  readonly atLeast: number;
  readonly ok: boolean;
  /** The worst relative error of either side against float64 by hand, before anything was timed; null where there is nothing to compute. */
  readonly checked: number | null;
}

/** What `--json` prints, and `npm run plots` draws. */
export interface Run {
  readonly machine: { readonly cpu: string; readonly cores: number; readonly platform: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** What the human table says besides: the same ratio between medians, or why a row is missing. */
export interface Result {
  readonly row?: Row;
  readonly id: string;
  readonly note: string;
}

export interface Measured {
  readonly id: string;
  readonly ours: number;
  readonly theirs: number;
  readonly unit: string;
  readonly better: "more" | "less";
  readonly atLeast: number;
  readonly checked?: { readonly error: number; readonly tolerance: number };
}

export function rowOf({ id, ours, theirs, unit, better, atLeast, checked }: Measured): Row {
  const ratio = better === "more" ? ours / theirs : theirs / ours;
  if (!(ours > 0 && theirs > 0 && Number.isFinite(ratio))) throw new Error(`bench: ${id}: ${ours} against ${theirs} is no measurement`);
  const right = checked === undefined || checked.error <= checked.tolerance;
  return { id, ours, theirs, unit, ratio, atLeast, ok: right && ratio >= atLeast, checked: checked?.error ?? null };
}
