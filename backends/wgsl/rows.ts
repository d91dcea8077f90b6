/**
 * Kernels with loops over a row, which some invocations share: each takes every so many elements of it, and a tree in workgroup memory makes
 * one of what they have folded. What one pass over a short row leaves for the next stays in registers.
 */
import type { Kernel } from "../../codegen/kernel.ts";
import type { Pass } from "../../codegen/passes.ts";
import type { Loop } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { int, modulo, over, plus, times } from "./arithmetic.ts";
import { code, level, within } from "./code.ts";
import { goesAcross } from "./columns.ts";
import { isMultiple, liesInVectors } from "./elements.ts";
import type { Layout } from "./layout.ts";
import { countOf, emitEnd, emitIndices, groupNumber, laneNumber, nominal, powerOfTwo, stridesOf } from "./loops.ts";
import { foldsAndFinishes, foldsOf, partsFor } from "./parts.ts";
import { type RowPass, rowPasses, withWaits } from "./passes.ts";
import { keptInRegisters } from "./registers.ts";
import { emitOnce, hasResults } from "./results.ts";
import { type Grid, MOST_GROUPS, UNIT } from "./shader.ts";
import { type Team, treeBytes } from "./tree.ts";
import { Turns } from "./turns.ts";
import type { Writer } from "./writer.ts";

export interface Rows {
  readonly outer: readonly Loop[];
  readonly passes: readonly RowPass[];
  /** Names of what stays in registers from one pass to the next, turn by turn. */
  readonly kept: ReadonlySet<string>;
  /** Elements of a row at a time. */
  readonly each: 1 | 4;
  /** Invocations that share a row, and rows that share a workgroup. */
  readonly along: number;
  readonly across: number;
  /** Workgroups that share a row: then the first of the outer loops is over them. */
  readonly inParts: number;
}

/** Shorter rows are one invocation's. */
const SHORT = 32;
/** So many rows that lie beside each other, element by element, are as many invocations'. */
const MANY_COLUMNS = 1024;
/** Turns that are written out. */
const MOST_TURNS = 4;
/** Words of an invocation that hold what stays from one pass to the next. */
const MOST_WORDS = 64;
const MOST_INVOCATIONS = 256;
const LEAST_INVOCATIONS = 64;
/** Elements of a part of a row. */
const LEAST_PART = 4096;

/** How rows are shared out, if they are long enough. */
export function rowsOf({ outer, stages }: Kernel, layout: Layout, isTemporary: (v: Value) => boolean, inParts = 1): Rows | undefined {
  if (stages.some((stage) => stage.kind === "store" && (stage.mode === "add" || stage.where))) return undefined;
  const overlap = (a: Value, b: Value): boolean => layout.begin(a) === layout.begin(b);
  const passes = rowPasses(stages, { overlap, isTemporary });
  const lengths = passes.flatMap(({ loops }) => (loops.length > 0 ? [countOf(loops)] : []));
  const longest = Math.max(0, ...lengths.map((length) => nominal(length)));
  const rows = nominal(countOf(outer));
  if (longest < SHORT || (rows >= MANY_COLUMNS && goesAcross({ outer, stages }))) return undefined;

  const each = passes.every((pass) => isWide(pass, outer, layout)) ? UNIT : 1;
  const turns = Math.ceil(longest / each);
  // Vectors of results want four rows.
  const least = each > 1 && hasResults(passes, layout) ? UNIT : 1;
  const wanted = powerOfTwo(turns / (rows < LEAST_INVOCATIONS ? 1 : MOST_TURNS));
  const along = Math.min(MOST_INVOCATIONS / least, Math.max(8, wanted));
  const across = inParts > 1 ? 1 : Math.max(least, Math.min(powerOfTwo(rows), LEAST_INVOCATIONS / along));
  const shape = { outer, each, along, across, inParts } as const;
  const areWrittenOut = lengths.every((length) => isWrittenOut(length, shape));
  const most = areWrittenOut ? Math.floor(MOST_WORDS / (Math.ceil(turns / along) * each)) : 0;
  const registers = keptInRegisters(passes, isTemporary, most);
  return { ...shape, passes: withWaits(registers.passes, overlap), kept: registers.kept };
}

/** In how many parts rows are best folded. */
export function partsOfRows(kernel: Kernel): number {
  if (!foldsAndFinishes(kernel)) return 1;
  const longest = Math.max(...foldsOf(kernel).map((stage) => nominal(countOf(stage.over))));
  return partsFor(nominal(countOf(kernel.outer)), longest / LEAST_PART);
}

/** Are all elements that are stored four side by side, of a row or of four rows? */
function isWide({ loops, stages }: Pass, outer: readonly Loop[], layout: Layout): boolean {
  const last = loops.at(-1);
  if (last && !isMultiple(last.extent)) return false;
  const strides = last ? new Map<string, Dim>([[last.index, 1]]) : stridesOf(outer);
  return stages.every(
    (stage) => stage.kind !== "store" || (!last && layout.isAlone(stage.target)) || liesInVectors(layout, stage, strides),
  );
}

/** Are an invocation's turns over so many elements written out? */
export const isWrittenOut = (length: Dim, { along, each, inParts }: Pick<Rows, "along" | "each" | "inParts">): length is number =>
  inParts === 1 && typeof length === "number" && length <= MOST_TURNS * along * each;

export function emitRows(w: Writer, rows: Rows): Grid {
  const { outer, passes, along, across, inParts } = rows;
  const total = countOf(outer);
  const count = w.sizes.size(total);
  const row = w.let("row", plus(times(groupNumber, int(across)), across === 1 ? int(0) : over(laneNumber, int(along))));
  const isRow = code(`${row.text} < ${within(count, level.sum)}`, level.relation);
  if (across === 1) emitEnd(w, row, count);
  const areAllThere = across === 1 || (typeof total === "number" && total % across === 0 && total / across <= MOST_GROUPS);
  const own = w.let("own", across === 1 ? laneNumber : modulo(laneNumber, int(along)));
  emitIndices(w, outer, row);

  const place = { row, own, isThere: areAllThere ? [] : [isRow] };
  const part = inParts > 1 ? w.index((outer[0] as Loop).index) : int(0);
  const turns = new Turns(w, rows, { first: plus(times(part, int(along)), own), isThere: place.isThere });
  for (const pass of passes) {
    if (pass.waits) w.line("storageBarrier();");
    if (pass.loops.length > 0) turns.emit(pass);
    else emitOnce(w, rows, pass.stages, place);
  }
  return { groups: [{ dim: total, per: across }], invocations: along * across };
}

/** Who folds a row. */
export const teamOf = ({ along, across }: Rows): Team => ({ invocations: along * across, of: along, apart: 1 });

/** Bytes of workgroup memory. */
export function rowBytes(rows: Rows, layout: Layout): number {
  const stages = rows.passes.flatMap((pass) => pass.stages);
  const dtypes = stages.flatMap((stage) => (stage.kind === "reduce" ? stage.accumulators.map(({ dtype }) => dtype) : []));
  const results = rows.each > 1 && hasResults(rows.passes, layout) ? stages.filter(({ kind }) => kind === "store").length : 0;
  return treeBytes(teamOf(rows), dtypes, false) + results * rows.across * 4;
}
