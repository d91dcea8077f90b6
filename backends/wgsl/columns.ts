/**
 * Sums over leading axes: neighbouring invocations fold neighbouring columns, so that memory is read as it lies; the rows are shared out
 * between those below each other, and a tree in workgroup memory makes one of what they have folded.
 */
import { addressOf } from "../../codegen/address.ts";
import { loopsOf } from "../../codegen/collapse.ts";
import { loadsOf } from "../../codegen/inline.ts";
import { type Accumulator, expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import { constant, identityOf, type Loop } from "../../dsl/expr.ts";
import { int, modulo, over, parts as partsOfDim, plus, times } from "./arithmetic.ts";
import { code, level, typeOf, within } from "./code.ts";
import { isMultiple } from "./elements.ts";
import type { Layout } from "./layout.ts";
import { countOf, emitEnd, emitIndices, groupNumber, nominal } from "./loops.ts";
import { foldsAndFinishes, foldsOf } from "./parts.ts";
import { isWide } from "./serial.ts";
import { type Grid, UNIT } from "./shader.ts";
import { emitFold, emitStages } from "./stages.ts";
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
/** Rows that an invocation should have at least. */
const LEAST_ROWS = 4;
/** And rows that it should have at least of a part. */
const LEAST_PART = 16;
const ENOUGH_GROUPS = 64;
const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

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

/** In how many parts columns are best folded, so that there are enough workgroups. */
export function partsOfColumns({ around, column, folds, each, team }: Columns): number {
  const groups = nominal(countOf(around)) * Math.ceil(nominal(column.extent) / (team.apart * each));
  const rows = Math.max(...folds.map((stage) => nominal(countOf(stage.over)))) / team.of;
  return Math.max(1, Math.min(2 ** Math.floor(Math.log2(rows / LEAST_PART)), powerOfTwo(ENOUGH_GROUPS / Math.max(1, groups))));
}

export function emitColumns(w: Writer, { around, column, folds, rest, each, team, inParts }: Columns): Grid {
  const [of, apart, wide] = [team.of, team.apart, each > 1];
  const tiles = w.named("tiles", partsOfDim(w.sizes, column.extent, apart * each));
  const block = w.let("block", groupNumber);
  emitEnd(w, block, times(w.sizes.size(countOf(around)), tiles));
  emitIndices(w, around, over(block, tiles));
  const lane = code("i32(lane)");
  const first = w.let(column.index, times(plus(times(modulo(block, tiles), int(apart)), modulo(lane, int(apart))), int(each)));
  w.setIndex(column.index, wide ? plus(first, code(w.module.use("lanes"), level.primary, true)) : first);
  const part = inParts > 1 ? w.index((around[0] as Loop).index) : int(0);
  const start = w.let("first_row", plus(times(part, int(of)), over(lane, int(apart))));

  w.along(wide ? { first, strides: new Map([[column.index, 1]]) } : undefined, () => {
    for (const { over: loops, accumulators } of folds) {
      for (const one of accumulators) emitStart(w, one, wide);
      const n = code(w.names.fresh("row"));
      const end = within(w.sizes.size(countOf(loops)), level.sum);
      w.block(`for (var ${n.text} = ${start.text}; ${n.text} < ${end}; ${n.text} += ${of * inParts})`, () => {
        emitIndices(w, loops, n);
        for (const one of accumulators) emitFold(w, one);
      });
      for (const { name, combine, dtype } of accumulators)
        if (of > 1)
          w.bind(name, w.let(name, { ...code(`${treeOf(w.module, team, combine, dtype, wide)}(lane, ${w.local(name).text})`), wide }));
    }
    w.block(`if (lane < ${apart}u && ${first.text} < ${within(w.sizes.size(column.extent), level.sum)})`, () => emitStages(w, rest));
  });
  return {
    groups: [
      { dim: countOf(around), per: 1 },
      { dim: column.extent, per: apart * each },
    ],
    invocations: team.invocations,
  };
}

function emitStart(w: Writer, { name, combine, dtype }: Accumulator, wide: boolean): void {
  const identity = w.expression(constant(identityOf(combine, dtype), dtype));
  w.bind(name, w.var(`own_${name}`, wide ? code(`${typeOf(dtype, true)}(${identity.text})`, level.primary, true) : identity));
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
