/** An invocation's turns over a row: written out where they are few, so that a pass may leave something in registers for the next. */
import type { Accumulator, Stage } from "../../codegen/kernel.ts";
import type { Pass } from "../../codegen/passes.ts";
import type { Loop } from "../../dsl/expr.ts";
import { int, over, plus, times } from "./arithmetic.ts";
import { type Code, callOf, code, level, within } from "./code.ts";
import { countOf, emitIndices } from "./loops.ts";
import { isWrittenOut, type Rows, teamOf } from "./rows.ts";
import { emitFold, emitStage, emitStart, folded } from "./stages.ts";
import { treeOf } from "./tree.ts";
import type { Writer } from "./writer.ts";

/** The number of the first turn; what holds if there is such a row. */
interface From {
  readonly first: Code;
  readonly isThere: readonly Code[];
}

/** One of the turns: the number of an element, or of four; if it is written out, which one; what holds if there is such an element. */
interface Turn {
  readonly n: Code;
  readonly number?: number;
  readonly isThere: readonly Code[];
}

export class Turns {
  readonly #w: Writer;
  readonly #rows: Rows;
  readonly #from: From;
  /** Indices of turns that are written out. */
  readonly #indices = new Map<string, readonly Code[]>();
  /** What is kept of them, by its name. */
  readonly #kept = new Map<number, Map<string, Code>>();
  constructor(w: Writer, rows: Rows, from: From) {
    this.#w = w;
    this.#rows = rows;
    this.#from = from;
  }

  /** A pass; what it folds is a row local then. */
  emit(pass: Pass): void {
    const w = this.#w;
    const accumulators = pass.stages.flatMap((stage) => (stage.kind === "reduce" ? stage.accumulators : []));
    const stores = pass.stages.every((stage) => stage.kind === "store" || (stage.kind === "let" && !this.#rows.kept.has(stage.name)));
    for (const one of accumulators) emitStart(w, one, `own_${one.name}`, this.#rows.each > 1);
    if (stores) w.where(this.#from.isThere, () => this.#turns(pass, []));
    else this.#turns(pass, this.#from.isThere);
    for (const one of accumulators) w.bind(one.name, w.let(one.name, this.#foldedAcross(one)));
  }

  #turns(pass: Pass, isRow: readonly Code[]): void {
    const w = this.#w;
    const { each, along, inParts } = this.#rows;
    const { first } = this.#from;
    const length = countOf(pass.loops);
    if (!isWrittenOut(length, this.#rows)) {
      const n = code(w.names.fresh("n"));
      const end = within(over(w.sizes.size(length), int(each)), level.sum);
      w.block(`for (var ${n.text} = ${first.text}; ${n.text} < ${end}; ${n.text} += ${along * inParts})`, () =>
        this.#turn(pass, { n, isThere: [] }, isRow),
      );
      return;
    }
    const count = length / each;
    for (let number = 0; number * along < count; number++) {
      const n = plus(first, int(number * along));
      const isThere = (number + 1) * along <= count ? [] : [code(`${n.text} < ${count}`, level.relation)];
      this.#turn(pass, { n, number, isThere }, isRow);
    }
  }

  #turn({ loops, stages }: Pass, turn: Turn, isRow: readonly Code[]): void {
    const w = this.#w;
    this.#setIndices(loops, turn);
    const kept = turn.number === undefined ? undefined : (this.#kept.get(turn.number) ?? new Map<string, Code>());
    if (kept && turn.number !== undefined) this.#kept.set(turn.number, kept);
    for (const [name, value] of kept ?? []) w.bind(name, value);
    const body = (): void => {
      for (const stage of stages) {
        this.#stage(stage, turn, isRow);
        if (stage.kind === "let" && this.#rows.kept.has(stage.name)) kept?.set(stage.name, w.local(stage.name));
      }
    };
    if (this.#rows.each === 1) body();
    else w.four((loops.at(-1) as Loop).index, body);
  }

  #stage(stage: Stage, { isThere }: Turn, isRow: readonly Code[]): void {
    const w = this.#w;
    if (stage.kind === "let") emitStage(w, stage);
    else if (stage.kind === "store") w.where([...isRow, ...isThere], () => emitStage(w, { ...stage, loops: [] }));
    else for (const one of stage.accumulators) this.#fold(one, isThere);
  }

  /** What is behind the end of a row is computed, but not folded. */
  #fold(one: Accumulator, [isThere]: readonly Code[]): void {
    const w = this.#w;
    const own = w.local(one.name);
    if (isThere) w.assign(own, code(`select(${own.text}, ${folded(w, one).text}, ${isThere.text})`, level.primary, own.wide));
    else emitFold(w, one);
  }

  /** Sets the indices of loops to those of a turn: of four elements the first one's. */
  #setIndices(loops: readonly Loop[], { n, number }: Turn): void {
    const w = this.#w;
    const key = `${number} of ${loops.map(({ extent }) => extent).join()}`;
    const known = number === undefined ? undefined : this.#indices.get(key);
    if (!known) {
      emitIndices(w, loops, times(n, int(this.#rows.each)));
      const made = loops.map(({ index }) => w.index(index));
      if (number !== undefined) this.#indices.set(key, made);
    } else for (const [k, { index }] of loops.entries()) w.setIndex(index, known[k] as Code);
  }

  /** What all invocations of a row have folded. */
  #foldedAcross({ name, combine, dtype }: Accumulator): Code {
    const w = this.#w;
    const own = w.local(name);
    const max = (a: Code, b: Code): Code => callOf(dtype === "f32" ? w.module.use("maxf") : "max", a, b);
    const one = own.wide ? [..."xyzw"].map((axis) => code(`${own.text}.${axis}`)).reduce(combine === "add" ? plus : max) : own;
    return callOf(treeOf(w.module, teamOf(this.#rows), combine, dtype, false), code("lane"), one);
  }
}
