/**
 * Kernels with loops over a row, which some invocations share: each takes every so many elements of it, and a tree in workgroup memory makes
 * one of what they have folded. What one pass over a short row leaves for the next stays in registers.
 */
import { addressOf } from "../../codegen/address.ts";
import type { Accumulator, Kernel, Stage } from "../../codegen/kernel.ts";
import type { Pass } from "../../codegen/passes.ts";
import { constant, identityOf, type Loop } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { int, modulo, over, plus, times } from "./arithmetic.ts";
import { type Code, callOf, code, level, typeOf, within } from "./code.ts";
import { goesAcross } from "./columns.ts";
import { isMultiple } from "./elements.ts";
import type { Layout } from "./layout.ts";
import { countOf, emitEnd, emitIndices, groupNumber, nominal, stridesOf } from "./loops.ts";
import { foldsAndFinishes, foldsOf } from "./parts.ts";
import { keptInRegisters, type RowPass, rowPasses, withWaits } from "./passes.ts";
import { type Grid, MOST_GROUPS, UNIT } from "./shader.ts";
import { emitFold, emitStage, foldedInto } from "./stages.ts";
import { type Team, treeBytes, treeOf } from "./tree.ts";
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
  /** Workgroups that share a row. */
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
const ENOUGH_GROUPS = 64;

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** How rows are shared out, if they are long enough. Where they are in parts, the first of the outer loops is over them. */
export function rowsOf({ outer, stages }: Kernel, layout: Layout, isTemporary: (v: Value) => boolean, inParts = 1): Rows | undefined {
  if (stages.some((stage) => stage.kind === "store" && (stage.mode === "add" || stage.where))) return undefined;
  const overlap = (a: Value, b: Value): boolean => layout.begin(a) === layout.begin(b);
  const passes = rowPasses(stages, { overlap, isTemporary });
  const lengths = passes.flatMap(({ loops }) => (loops.length > 0 ? [countOf(loops)] : []));
  const longest = Math.max(0, ...lengths.map((length) => nominal(length)));
  if (longest < SHORT) return undefined;
  if (goesAcross({ outer, stages }) && nominal(countOf(outer)) >= MANY_COLUMNS) return undefined;
  const each = isWideRow(outer, passes, layout) ? UNIT : 1;
  const rows = nominal(countOf(outer));
  const turns = Math.ceil(longest / each);
  // Vectors of results want four rows.
  const least = each > 1 && hasResults(passes, layout) ? UNIT : 1;
  const wanted = powerOfTwo(turns / (rows < LEAST_INVOCATIONS ? 1 : MOST_TURNS));
  const along = Math.min(MOST_INVOCATIONS / least, Math.max(8, wanted));
  const across = inParts > 1 ? 1 : Math.max(least, Math.min(powerOfTwo(rows), LEAST_INVOCATIONS / along));
  const turnsWritten = inParts === 1 && lengths.every((length) => isWrittenOut(length, along * each)) ? Math.ceil(turns / along) : 0;
  const most = turnsWritten > 0 ? Math.floor(MOST_WORDS / (turnsWritten * each)) : 0;
  const registers = keptInRegisters(passes, isTemporary, most);
  return { outer, passes: withWaits(registers.passes, overlap), kept: new Set(registers.kept), each, along, across, inParts };
}

/** In how many parts rows are best folded, so that there are enough workgroups. */
export function partsOf(kernel: Kernel): number {
  if (!foldsAndFinishes(kernel)) return 1;
  const longest = Math.max(...foldsOf(kernel).map((stage) => nominal(countOf(stage.over))));
  const groups = nominal(countOf(kernel.outer));
  return Math.max(1, Math.min(2 ** Math.floor(Math.log2(longest / LEAST_PART)), powerOfTwo(ENOUGH_GROUPS / Math.max(1, groups))));
}

/** Are all elements that are stored four side by side, of a row or of four rows? */
function isWideRow(outer: readonly Loop[], passes: readonly Pass[], layout: Layout): boolean {
  return passes.every(({ loops, stages }) => {
    const last = loops.at(-1);
    if (last && !isMultiple(last.extent)) return false;
    const along = last ? new Map<string, Dim>([[last.index, 1]]) : stridesOf(outer);
    return stages.every((stage) => {
      if (stage.kind !== "store" || (!last && layout.isAlone(stage.target))) return true;
      const { constant, terms, others } = addressOf(stage.target, stage.index);
      const away = [constant, ...[...terms].flatMap(([name, stride]) => (along.has(name) ? [] : [stride]))];
      return (
        others.length === 0 &&
        [...along].every(([name, stride]) => terms.get(name) === stride) &&
        away.every(isMultiple) &&
        layout.isAligned(stage.target)
      );
    });
  });
}

/** Is something stored once for each row, beside what is stored for the next one? */
const hasResults = (passes: readonly Pass[], layout: Layout): boolean =>
  passes.some(({ loops, stages }) => loops.length === 0 && stages.some((stage) => stage.kind === "store" && !layout.isAlone(stage.target)));

const isWrittenOut = (length: Dim, atOnce: number): length is number => typeof length === "number" && length <= MOST_TURNS * atOnce;

export function emitRows(w: Writer, rows: Rows): Grid {
  const { outer, passes, along, across, inParts } = rows;
  const size = along * across;
  const total = countOf(outer);
  const lane = code("i32(lane)");
  const row = w.let("row", plus(times(groupNumber, int(across)), across === 1 ? int(0) : over(lane, int(along))));
  const isRow = code(`${row.text} < ${within(w.sizes.size(total), level.sum)}`, level.relation);
  if (across === 1) emitEnd(w, row, w.sizes.size(total));
  const own = w.let("own", across === 1 ? lane : modulo(lane, int(along)));
  emitIndices(w, outer, row);
  const guards = across === 1 || (typeof total === "number" && total % across === 0 && total / across <= MOST_GROUPS) ? [] : [isRow];
  const part = inParts > 1 ? w.index((outer[0] as Loop).index) : int(0);
  const turns = new Turns(w, rows, { start: plus(times(part, int(along)), own), step: along * inParts, guards });
  for (const pass of passes) {
    if (pass.waits) w.line("storageBarrier();");
    if (pass.loops.length > 0) turns.emit(pass);
    else emitOnce(w, rows, pass.stages, { own, row, guards });
  }
  return { groups: [{ dim: total, per: across }], invocations: size };
}

interface Place {
  readonly own: Code;
  readonly row: Code;
  /** Of rows that are there. */
  readonly guards: readonly Code[];
}

/** Stages of a row; what is stored, one invocation stores. */
function emitOnce(w: Writer, rows: Rows, stages: readonly Stage[], { own, row, guards }: Place): void {
  for (const stage of stages) if (stage.kind !== "store") emitStage(w, stage);
  const stores = stages.filter((stage) => stage.kind === "store");
  const isFirst = code(`${own.text} == 0`, level.relation);
  const alone = stores.filter(({ target }) => rows.each === 1 || w.module.layout.isAlone(target));
  if (alone.length > 0) guarded(w, [isFirst, ...guards], () => alone.forEach((stage) => void emitStage(w, stage)));
  const others = stores.filter((stage) => !alone.includes(stage));
  if (others.length > 0) emitResults(w, rows, others, isFirst, { own, row, guards });
}

/** What rows have is put together, and stored four rows at a time. */
function emitResults(
  w: Writer,
  { outer, along, across }: Rows,
  stores: readonly (Stage & { readonly kind: "store" })[],
  isFirst: Code,
  { row, guards }: Place,
): void {
  const arrays = stores.map(({ target }, k) =>
    w.module.shared(`results ${k} ${target.dtype}`, () => {
      const name = w.module.names.fresh("results");
      w.module.declare("", `var<workgroup> ${name}: array<${typeOf(target.dtype)}, ${across}>;`);
      return name;
    }),
  );
  const lane = code("i32(lane)");
  w.line("workgroupBarrier();");
  guarded(w, [isFirst], () => {
    for (const [k, { value }] of stores.entries()) w.line(`${arrays[k]}[${over(lane, int(along)).text}] = ${w.expression(value).text};`);
  });
  w.line("workgroupBarrier();");
  guarded(w, [code(`lane < ${across / UNIT}u`, level.relation)], () => {
    const at = w.let("at", times(lane, int(UNIT)));
    const first = w.let("first", plus(row, at));
    const isThere = guards.length > 0 ? [code(`${first.text} < ${within(w.sizes.size(countOf(outer)), level.sum)}`, level.relation)] : [];
    guarded(w, isThere, () => {
      for (const [k, { target, index }] of stores.entries()) {
        const four = [0, 1, 2, 3].map((j) => `${arrays[k]}[${plus(at, int(j)).text}]`).join(", ");
        w.along({ first, strides: stridesOf(outer) }, () => w.store(target, index, code(`vec4(${four})`, level.primary, true)));
      }
    });
  });
}

function guarded(w: Writer, guards: readonly Code[], body: () => void): void {
  if (guards.length === 0) body();
  else w.block(`if (${guards.map((guard) => within(guard, level.relation)).join(" && ")})`, body);
}

/** The turns of an invocation. */
class Turns {
  readonly #w: Writer;
  readonly #rows: Rows;
  readonly #from: { readonly start: Code; readonly step: number; readonly guards: readonly Code[] };
  /** The indices of turns that are written out. */
  readonly #known = new Map<string, readonly Code[]>();
  /** What is kept of each turn. */
  readonly #kept = new Map<string, Map<number, Code>>();
  constructor(w: Writer, rows: Rows, from: { readonly start: Code; readonly step: number; readonly guards: readonly Code[] }) {
    this.#w = w;
    this.#rows = rows;
    this.#from = from;
  }

  emit({ loops, stages }: Pass): void {
    const w = this.#w;
    const { each, along, inParts } = this.#rows;
    const { start, step } = this.#from;
    const accumulators = stages.flatMap((stage) => (stage.kind === "reduce" ? stage.accumulators : []));
    for (const { name, combine, dtype } of accumulators) {
      const identity = w.expression(constant(identityOf(combine, dtype), dtype));
      const first = each === 1 ? identity : code(`${typeOf(dtype, true)}(${identity.text})`, level.primary, true);
      w.bind(name, w.var(`own_${name}`, first));
    }
    const length = countOf(loops);
    if (inParts === 1 && isWrittenOut(length, along * each)) {
      for (let turn = 0; turn * along * each < length; turn++) {
        const n = plus(start, int(turn * along));
        const isAll = (turn + 1) * along * each <= length;
        this.#turn(turn, loops, stages, n, isAll ? [] : [code(`${n.text} < ${length / each}`, level.relation)]);
      }
    } else {
      const n = code(w.names.fresh("n"));
      const end = each === 1 ? w.sizes.size(length) : over(w.sizes.size(length), int(each));
      w.block(`for (var ${n.text} = ${start.text}; ${n.text} < ${within(end, level.sum)}; ${n.text} += ${step})`, () =>
        this.#turn(undefined, loops, stages, n, []),
      );
    }
    for (const one of accumulators) w.bind(one.name, w.let(one.name, foldAcross(w, teamOf(this.#rows), one)));
  }

  #turn(turn: number | undefined, loops: readonly Loop[], stages: readonly Stage[], n: Code, isThere: readonly Code[]): void {
    const w = this.#w;
    const { each, kept } = this.#rows;
    const last = (loops.at(-1) as Loop).index;
    const first = this.#indices(turn, loops, n);
    for (const [name, codes] of this.#kept) {
      const known = turn === undefined ? undefined : codes.get(turn);
      if (known) w.bind(name, known);
    }
    w.along(each === 1 ? undefined : { first, strides: new Map([[last, 1]]) }, () => {
      for (const stage of stages) {
        if (stage.kind === "store") guarded(w, [...this.#from.guards, ...isThere], () => emitStage(w, { ...stage, loops: [] }));
        else if (stage.kind === "reduce") for (const one of stage.accumulators) this.#fold(one, isThere);
        else {
          emitStage(w, stage);
          if (turn === undefined || !kept.has(stage.name)) continue;
          const codes = this.#kept.get(stage.name) ?? new Map<number, Code>();
          this.#kept.set(stage.name, codes.set(turn, w.local(stage.name)));
        }
      }
    });
  }

  /** Sets the loops' indices to those of the n-th turn; the last one, or the first of four. */
  #indices(turn: number | undefined, loops: readonly Loop[], n: Code): Code {
    const w = this.#w;
    const { each } = this.#rows;
    const key = `${loops.map(({ extent }) => extent).join()} ${turn}`;
    let known = turn === undefined ? undefined : this.#known.get(key);
    if (!known) {
      emitIndices(w, loops, times(n, int(each)));
      known = loops.map(({ index }) => w.index(index));
      if (turn !== undefined) this.#known.set(key, known);
    }
    for (const [k, { index }] of loops.entries()) w.setIndex(index, known[k] as Code);
    const first = known.at(-1) as Code;
    const last = (loops.at(-1) as Loop).index;
    if (each > 1) w.setIndex(last, plus(first, code(w.module.use("lanes"), level.primary, true)));
    return first;
  }

  #fold(one: Accumulator, isThere: readonly Code[]): void {
    const w = this.#w;
    const [test] = isThere;
    if (!test) emitFold(w, one);
    else
      w.assign(
        w.local(one.name),
        code(`select(${w.local(one.name).text}, ${foldedInto(w, one).text}, ${test.text})`, level.primary, w.local(one.name).wide),
      );
  }
}

/** What all invocations of a row have folded, as one. */
function foldAcross(w: Writer, team: Team, { name, combine, dtype }: Accumulator): Code {
  const max = dtype === "f32" ? w.module.use("maxf") : "max";
  const both = (a: Code, b: Code): Code => (combine === "add" ? plus(a, b) : callOf(max, a, b));
  const own = w.local(name);
  const one = own.wide ? [..."xyzw"].map((axis) => code(`${own.text}.${axis}`)).reduce(both) : own;
  return callOf(treeOf(w.module, team, combine, dtype, false), code("lane"), one);
}
const teamOf = ({ along, across }: Rows): Team => ({ invocations: along * across, of: along, apart: 1 });

/** Bytes of workgroup memory. */
export function rowBytes(rows: Rows, layout: Layout): number {
  const stages = rows.passes.flatMap((pass) => pass.stages);
  const dtypes = stages.flatMap((stage) => (stage.kind === "reduce" ? stage.accumulators.map(({ dtype }) => dtype) : []));
  const results = rows.each > 1 && hasResults(rows.passes, layout) ? stages.filter(({ kind }) => kind === "store").length : 0;
  return treeBytes(teamOf(rows), dtypes, false) + results * rows.across * 4;
}
