/**
 * Sums over leading axes: neighbouring invocations fold neighbouring columns, so that memory is read as it lies; the rows are shared out
 * between those below each other, and a tree in workgroup memory makes one of what they have folded.
 */
import { addressOf } from "../../codegen/address.ts";
import { loopsOf } from "../../codegen/collapse.ts";
import { loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import type { Loop } from "../../dsl/expr.ts";
import { int, modulo, over, parts, plus, times } from "./arithmetic.ts";
import { code, level, within } from "./code.ts";
import { isMultiple } from "./elements.ts";
import type { Layout } from "./layout.ts";
import { countOf, emitEnd, emitIndices, groupNumber, laneNumber, nominal, powerOfTwo } from "./loops.ts";
import { foldsAndFinishes, foldsOf, partsFor } from "./parts.ts";
import { isWide } from "./serial.ts";
import { type Grid, UNIT } from "./shader.ts";
import { emitFold, emitStages, emitStart } from "./stages.ts";
import { type Team, treeBytes, treeOf } from "./tree.ts";
import type { Writer } from "./writer.ts";

type Reduce = Stage & { readonly kind: "reduce" };

export interface Columns {
  readonly around: readonly Loop[];
  readonly column: Loop;
  readonly folds: readonly Reduce[];
  readonly rest: readonly Stage[];
  /** Columns of an invocation. */
  readonly each: 1 | 4;
  readonly team: Team;
  /** Workgroups that share a column: then the first of the loops around is over them. */
  readonly inParts: number;
}

/** Fewer rows are one invocation's. */
const FEW = 32;
const INVOCATIONS = 256;
/** Neighbours that read what lies side by side: 256 bytes. */
const NEIGHBOURS = 64;
/** Rows that an invocation should have at least, of all or of a part. */
const LEAST_ROWS = 4;
const LEAST_PART = 16;

/**
 * Is memory read side by side along the last outer index, rather than along what stages loop over? What depends on only one of them counts
 * neither way: all who share the other read the same.
 */
export function goesAcross({ outer, stages }: Pick<Kernel, "outer" | "stages">): boolean {
  const column = outer.at(-1)?.index;
  if (column === undefined) return false;
  let [across, within] = [0, 0];
  for (const stage of stages) {
    const loops = loopsOf(stage);
    const row = loops.at(-1)?.index;
    if (row === undefined) continue;
    const places = [
      ...expressionsOf(stage).flatMap(loadsOf),
      ...(stage.kind === "store" ? [{ source: stage.target, index: stage.index }] : []),
    ];
    for (const { source, index } of places) {
      const { terms } = addressOf(source, index);
      if (!terms.has(column) || !loops.some((loop) => terms.has(loop.index))) continue;
      if (terms.get(column) === 1) across++;
      if (terms.get(row) === 1) within++;
    }
  }
  return across > within;
}

export function columnsOf(kernel: Kernel, layout: Layout, inParts = 1): Columns | undefined {
  const column = kernel.outer.at(-1);
  if (!column || !foldsAndFinishes(kernel) || !goesAcross(kernel)) return undefined;
  const folds = foldsOf(kernel);
  const rows = Math.max(...folds.map((stage) => nominal(countOf(stage.over)))) / inParts;
  if (rows < FEW && inParts === 1) return undefined;
  const each = isWide(kernel, layout, true) && (kernel.outer.length === 1 || isMultiple(column.extent)) ? UNIT : 1;
  const apart = Math.min(NEIGHBOURS / each, powerOfTwo(nominal(column.extent) / each));
  const of = Math.max(1, Math.min(INVOCATIONS / apart, powerOfTwo(rows / LEAST_ROWS)));
  const team = { invocations: of * apart, of, apart };
  return { around: kernel.outer.slice(0, -1), column, folds, rest: kernel.stages.slice(folds.length), each, team, inParts };
}

/** In how many parts columns are best folded. */
export function partsOfColumns({ around, column, folds, each, team }: Columns): number {
  const groups = nominal(countOf(around)) * Math.ceil(nominal(column.extent) / (team.apart * each));
  const rows = Math.max(...folds.map((stage) => nominal(countOf(stage.over)))) / team.of;
  return partsFor(groups, rows / LEAST_PART);
}

export function emitColumns(w: Writer, columns: Columns): Grid {
  const { around, column, rest, each, team } = columns;
  const count = w.sizes.size(column.extent);
  const tiles = w.named("tiles", parts(w.sizes, column.extent, team.apart * each));
  const block = w.let("block", groupNumber);
  emitEnd(w, block, times(w.sizes.size(countOf(around)), tiles));
  emitIndices(w, around, over(block, tiles));
  const among = plus(times(modulo(block, tiles), int(team.apart)), modulo(laneNumber, int(team.apart)));
  const first = w.let(column.index, times(among, int(each)));
  w.setIndex(column.index, first);
  const body = (): void => {
    emitFolds(w, columns);
    w.block(`if (lane < ${team.apart}u && ${first.text} < ${within(count, level.sum)})`, () => emitStages(w, rest));
  };
  if (each > 1) w.four(column.index, body);
  else body();
  return {
    groups: [...(around.length > 0 ? [{ dim: countOf(around), per: 1 }] : []), { dim: column.extent, per: team.apart * each }],
    invocations: team.invocations,
  };
}

/** Each invocation's rows, and then all invocations of a column. */
function emitFolds(w: Writer, { around, folds, each, team, inParts }: Columns): void {
  const wide = each > 1;
  const part = inParts > 1 ? w.index((around[0] as Loop).index) : int(0);
  const first = w.let("first_row", plus(times(part, int(team.of)), over(laneNumber, int(team.apart))));
  for (const { over: loops, accumulators } of folds) {
    for (const one of accumulators) emitStart(w, one, `own_${one.name}`, wide);
    const row = code(w.names.fresh("row"));
    const end = within(w.sizes.size(countOf(loops)), level.sum);
    w.block(`for (var ${row.text} = ${first.text}; ${row.text} < ${end}; ${row.text} += ${team.of * inParts})`, () => {
      emitIndices(w, loops, row);
      for (const one of accumulators) emitFold(w, one);
    });
    for (const { name, combine, dtype } of team.of > 1 ? accumulators : []) {
      const all = code(`${treeOf(w.module, team, combine, dtype, wide)}(lane, ${w.local(name).text})`, level.primary, wide);
      w.bind(name, w.let(name, all));
    }
  }
}

/** Bytes of workgroup memory. */
export const columnBytes = ({ folds, team, each }: Columns): number =>
  team.of > 1
    ? treeBytes(
        team,
        folds.flatMap((stage) => stage.accumulators.map(({ dtype }) => dtype)),
        each > 1,
      )
    : 0;
