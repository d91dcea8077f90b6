/**
 * Contractions: Σ left · right with whatever is computed of the sum. The right operand, which has the columns, is packed into panels of 8 columns;
 * tiles of 6 × 8 are summed by the inner kernel and finished by the kernel's other stages while they are in the cache.
 */
import { type Address, addressOf } from "../../codegen/address.ts";
import { contractionOf } from "../../codegen/contraction.ts";
import { costOf } from "../../codegen/inline.ts";
import { expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import { addDims, mulDims, sizeOf, upperBound } from "../../dsl/dim.ts";
import { type Expr, indexVar, int, type Loop, rewrite } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { type Assembler, type Code, type Func, i32, type Local, none } from "./assembler.ts";
import { isForward } from "./bounds.ts";
import { Lanes } from "./lanes.ts";
import { type Layout, Sizes } from "./memory.ts";
import { COLUMNS, FEWER_ROWS, type Left, microKernel, ROW_BYTES, ROWS, TILE_BYTES } from "./micro.ts";
import { accessesOf, emitStages, fitLanes } from "./nest.ts";
import { type Phase, type Room, THREAD } from "./phase.ts";

type Load = Expr & { readonly kind: "load" };

export interface Contraction {
  readonly sum: string;
  readonly left: Load;
  readonly right: Load;
  /** Loops around the matrices: of both operands, or rows and columns that are not next to the others. */
  readonly around: readonly Loop[];
  readonly row: Loop;
  readonly column: Loop;
  readonly over: readonly Loop[];
  /** What becomes of a sum. */
  readonly rest: readonly Stage[];
}

/** A kernel as a matrix product, if it is one; it has been collapsed. */
export function asContraction({ outer, stages }: Kernel): Contraction | undefined {
  const [stage, ...rest] = stages;
  if (stage?.kind !== "reduce" || stage.accumulators.length !== 1) return undefined;
  if (rest.some((s) => s.kind === "reduce" || (s.kind === "store" && (s.loops.length > 0 || s.mode === "add" || s.where))))
    return undefined;
  const [{ name, dtype, combine, value }] = stage.accumulators as [(typeof stage.accumulators)[number]];
  const found = contractionOf({ kind: "reduce", dtype, combine, over: stage.over, body: value });
  const column = outer.at(-1);
  if (!found || !column || dtype !== "f32" || stage.over.length === 0 || !fitLanes(rest, column.index)) return undefined;
  if (typeof column.extent === "number" && column.extent < 3) return undefined;
  const places = [found.left, found.right].map((x) => ({ load: x, address: addressOf(x.source, x.index) }));
  if (places.some(({ address }) => address.others.length > 0)) return undefined;
  const has = ({ address }: (typeof places)[number], loop: Loop): boolean => address.terms.has(loop.index);
  const [right, left] = (has(places[1] as (typeof places)[1], column) ? [places[1], places[0]] : [places[0], places[1]]) as [
    (typeof places)[number],
    (typeof places)[number],
  ];
  if (!has(right, column) || has(left, column)) return undefined;
  const row = outer.findLast((loop) => has(left, loop) && !has(right, loop));
  if (!row || (typeof row.extent === "number" && row.extent < 2)) return undefined;
  const around = outer.filter((loop) => loop !== row && loop !== column);
  return { sum: name, left: left.load, right: right.load, around, row, column, over: stage.over, rest };
}

/** Steps of the slowest k in a block, such that a panel's share is a quarter of the first cache. */
const BLOCK = 256;
/** Tiles in a block of rows: the left operand's share stays in the second cache while all panels pass. */
const TILES = 16;

/** The phases of a contraction: packing, if the right operand is the same in all loops around; then the tiles. */
export function emitContraction(
  asm: Assembler,
  layout: Layout,
  name: string,
  c: Contraction,
): { readonly phases: Phase[]; readonly room: Room } {
  const emitter = new Emitter(asm, layout, c);
  const room = emitter.room;
  const main = asm.name(name);
  if (!emitter.packsOnce) {
    asm.func(main, [i32, i32], none, (f) => emitter.main(f));
    return { phases: [{ name: main, units: emitter.units }], room };
  }
  const pack = asm.name(`${name}_pack`);
  asm.func(pack, [i32, i32], none, (f) => emitter.pack(f));
  asm.func(main, [i32, i32], none, (f) => emitter.main(f));
  return {
    phases: [
      { name: pack, units: { dim: c.column.extent, per: COLUMNS, grain: 1 } },
      { name: main, units: emitter.units },
    ],
    room,
  };
}

class Emitter {
  readonly #asm: Assembler;
  readonly #layout: Layout;
  readonly #c: Contraction;
  readonly #left: Left;
  /** Is the right operand the same whatever the loops around say? */
  readonly packsOnce: boolean;
  /** Elements of a column: the product of k's extents; of all but the slowest. */
  readonly #k: Dim;
  readonly #inner: Dim;
  /** Steps of the slowest k in a block. */
  readonly #block: number;
  readonly #blocks: boolean;

  constructor(asm: Assembler, layout: Layout, c: Contraction) {
    this.#asm = asm;
    this.#layout = layout;
    this.#c = c;
    const [left, right] = [addressOf(c.left.source, c.left.index), addressOf(c.right.source, c.right.index)];
    const stride = (address: Address, loop: Loop): Dim => address.terms.get(loop.index) ?? 0;
    this.packsOnce = c.around.every((loop) => !right.terms.has(loop.index));
    this.#k = sizeOf(c.over.map((loop) => loop.extent));
    this.#inner = sizeOf(c.over.slice(1).map((loop) => loop.extent));
    this.#block = typeof this.#inner === "number" ? Math.max(4, Math.ceil(BLOCK / Math.max(1, this.#inner))) : 4;
    const slowest = (c.over[0] as Loop).extent;
    const k = c.over.map((loop) => ({ extent: loop.extent, stride: stride(left, loop) }));
    this.#left = { row: stride(left, c.row), k, even: typeof slowest === "number" && slowest % 4 === 0 && this.#block % 4 === 0 };
    this.#blocks = typeof slowest !== "number" || slowest > this.#block * 4;
  }

  /** What can be done side by side: turns of the first loop around, or tiles of rows. */
  get units(): Phase["units"] {
    const [first] = this.#c.around;
    return first ? { dim: first.extent, per: 1, grain: 1 } : { dim: this.#c.row.extent, per: ROWS, grain: 1 };
  }

  /** Rows run forwards: then the last tile may read behind the end, where there is always something (`#slack`), and nobody wants its sums. */
  get #forward(): boolean {
    return isForward(this.#left.row);
  }
  /** How many tiles have 6 rows; the others, at the end, have 4. Backwards all have 6, but for the last, which has what is left. */
  #sixes(f: Func, sizes: Sizes): Code {
    const { m } = f;
    const { extent } = this.#c.row;
    const fours = (rest: number): number => (rest === 0 || rest === 5 ? 0 : rest >= 3 ? 1 : 2);
    const tiles = m.i32.div_u(f.add(sizes.size(extent), ROWS - 1), f.int(ROWS));
    if (!this.#forward) return tiles;
    if (typeof extent === "number") return f.int(Math.max(0, Math.ceil(extent / ROWS) - fours(extent % ROWS)));
    const rest = f.let(i32, m.i32.rem_u(sizes.size(extent), f.int(ROWS)));
    // Two bits for each rest of 0 … 5.
    const table = [0, 1, 2, 3, 4, 5].reduce((bits, k) => bits | (fours(k) << (2 * k)), 0);
    const sixes = f.let(i32, m.i32.sub(tiles, m.i32.and(m.i32.shr_u(f.int(table), f.mul(f.get(rest), 2)), f.int(3))));
    // One tile of 4 is enough for 1 row and for 2.
    return m.select(m.i32.gt_s(f.get(sixes), f.int(0)), f.get(sixes), f.int(0));
  }
  /** Bytes behind the left operand that its last tile may read. */
  get #slack(): Dim {
    return this.#forward ? mulDims(this.#left.row, (ROWS - 1) * 4) : 0;
  }

  /** A bound for the columns of all panels. */
  get #width(): Dim {
    const { extent } = this.#c.column;
    return typeof extent === "number" ? Math.ceil(extent / COLUMNS) * COLUMNS : upperBound(addDims(extent, COLUMNS - 1));
  }
  get #packed(): Dim {
    return mulDims(mulDims(this.#width, upperBound(this.#k)), 4);
  }
  get #tiles(): Dim {
    return this.#blocks ? mulDims(this.#width, (TILES * TILE_BYTES) / COLUMNS) : TILE_BYTES;
  }
  get room(): Room {
    return this.packsOnce
      ? { shared: addDims(this.#packed, this.#slack), own: this.#tiles }
      : { shared: this.#slack, own: addDims(this.#packed, this.#tiles) };
  }

  #open(f: Func): { lanes: Lanes; sizes: Sizes } {
    const sizes = new Sizes(f);
    return { lanes: new Lanes(f, sizes, this.#layout), sizes };
  }
  /** A thread's own room; the tiles lie first. */
  #own(f: Func, sizes: Sizes): Local {
    const { shared, own } = this.room;
    const { m } = f;
    const begin = sizes.room(addDims(this.#layout.scratch, shared));
    return f.let(i32, m.i32.add(begin, m.i32.mul(m.global.get(THREAD, i32), sizes.room(own))));
  }
  /** Where the panels begin. */
  #panels(f: Func, sizes: Sizes, own: Local | undefined): Local {
    return f.let(i32, own ? f.m.i32.add(f.get(own), sizes.room(this.#tiles)) : sizes.room(this.#layout.scratch));
  }

  /** Packs the panels `from … to`. */
  pack(f: Func): void {
    const { lanes, sizes } = this.#open(f);
    this.#packPanels(lanes, this.#panels(f, sizes, undefined), f.param(0), f.param(1));
  }

  #packPanels(lanes: Lanes, panels: Local, from: Local, to: Local): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const { right, column, over } = this.#c;
    const panel = f.let(i32, f.get(from));
    const target = f.let(i32, m.i32.add(f.get(panels), m.i32.mul(m.i32.mul(f.get(panel), sizes.size(this.#k)), f.int(ROW_BYTES))));
    const j = lanes.variable(column);
    const full = f.fresh(i32);
    const accesses = [{ value: right.source, index: right.index }];
    /** `fixed`: the column stays where it is, so that pointers may know it. */
    const rows = (fixed: boolean, body: () => void): void => {
      const go = (depth: number): void => {
        const loop = over[depth];
        if (!loop) {
          body();
          f.set(target, f.add(f.get(target), ROW_BYTES));
          return;
        }
        const k = lanes.variable(loop);
        f.set(k, f.int(0));
        f.loop(
          k,
          () => sizes.size(loop.extent),
          1,
          () => (depth === over.length - 1 ? go(depth + 1) : lanes.pointers.entered(loop.index, accesses, () => go(depth + 1))),
        );
      };
      if (fixed) lanes.pointers.entered(column.index, accesses, () => go(0));
      else go(0);
    };
    f.loop(
      panel,
      () => f.get(to),
      1,
      () => {
        f.set(j, f.mul(f.get(panel), COLUMNS));
        f.set(full, m.i32.le_s(f.add(f.get(j), COLUMNS), sizes.size(column.extent)));
        const whole = (): void =>
          lanes.along(column.index, () =>
            rows(true, () => {
              for (const v of [0, 4]) f.emit(m.v128.store(v * 4, 16, f.get(target), lanes.four(this.#shifted(right, v))));
            }),
          );
        const part = (): void =>
          lanes.along(undefined, () =>
            rows(false, () => {
              const end = f.let(i32, f.add(f.get(j), COLUMNS));
              f.repeat(
                () => {
                  const inside = m.i32.lt_s(f.get(j), sizes.size(column.extent));
                  f.emit(m.f32.store(0, 4, f.get(target), m.if(inside, lanes.one(right), m.f32.const(0))));
                  f.set(target, f.add(f.get(target), 4));
                  f.set(j, f.add(f.get(j), 1));
                },
                () => m.i32.lt_s(f.get(j), f.get(end)),
              );
              f.set(j, f.add(f.get(j), -COLUMNS));
              f.set(target, f.add(f.get(target), -ROW_BYTES));
            }),
          );
        const { extent } = column;
        if (typeof extent === "number" && extent % COLUMNS === 0) whole();
        else if (typeof extent === "number" && extent < COLUMNS) part();
        else f.if(f.get(full), whole, part);
      },
    );
  }

  /** The right operand `by` columns on. */
  #shifted(x: Load, by: number): Load {
    if (by === 0) return x;
    const j = indexVar(this.#c.column.index);
    const moved: Expr = { kind: "call", dtype: "i32", fn: "addInt", args: [j, int(by)] };
    return {
      ...x,
      index: x.index.map((i) => rewrite(i, (node) => (node.kind === "index" && node.name === this.#c.column.index ? moved : node))),
    };
  }

  /** Sums and finishes the tiles `from … to`, or all tiles of the turns `from … to` of the first loop around. */
  main(f: Func): void {
    const { lanes, sizes } = this.#open(f);
    const { m } = f;
    const { around, rest, row, column } = this.#c;
    const own = this.#own(f, sizes);
    const panels = this.#panels(f, sizes, this.packsOnce ? undefined : own);
    const accesses = [
      ...accessesOf(rest),
      { value: this.#c.left.source, index: this.#c.left.index },
      { value: this.#c.right.source, index: this.#c.right.index },
    ];
    const sixes = f.let(i32, this.#sixes(f, sizes));
    const width = f.let(i32, m.i32.shr_u(f.add(sizes.size(column.extent), COLUMNS - 1), f.int(3)));
    lanes.sharing(rest.flatMap(expressionsOf));
    lanes.hoist(rest.flatMap(expressionsOf), new Set([...around, row, column].map((loop) => loop.index)));
    const matrix = (from: Local, to: Local): void => {
      if (!this.packsOnce) this.#packPanels(lanes, panels, f.let(i32, f.int(0)), width);
      this.#blocksOf(lanes, { own, panels, width, sixes, from, to });
    };
    const go = (depth: number): void => {
      const loop = around[depth];
      if (!loop) {
        const tiles = m.i32.div_u(f.add(sizes.size(row.extent), ROWS - 1), f.int(ROWS));
        matrix(f.let(i32, f.int(0)), f.let(i32, tiles));
        return;
      }
      const i = lanes.variable(loop);
      f.set(i, depth === 0 ? f.get(f.param(0)) : f.int(0));
      const to = (): Code => (depth === 0 ? f.get(f.param(1)) : sizes.size(loop.extent));
      f.loop(i, to, 1, () => lanes.scope(() => lanes.pointers.entered(loop.index, accesses, () => go(depth + 1))));
    };
    if (around.length > 0) go(0);
    else matrix(f.param(0), f.param(1));
  }

  #blocksOf(lanes: Lanes, at: { own: Local; panels: Local; width: Local; sixes: Local; from: Local; to: Local }): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const { over } = this.#c;
    const slowest = over[0] as Loop;
    const first = f.let(i32, f.get(at.from));
    const end = f.fresh(i32);
    const [tile, panel, k0, count] = [f.fresh(i32), f.fresh(i32), f.fresh(i32), f.fresh(i32)];
    const [b, sums] = [f.fresh(i32), f.fresh(i32)];
    const all = (): Code => sizes.size(slowest.extent);
    const tileOf = (): void => {
      const place = m.i32.add(m.i32.mul(m.i32.sub(f.get(tile), f.get(first)), f.get(at.width)), f.get(panel));
      f.set(sums, this.#blocks ? m.i32.add(f.get(at.own), f.mul(place, TILE_BYTES)) : f.get(at.own));
    };
    const panelsOf = (): void => {
      f.set(panel, f.int(0));
      f.loop(
        panel,
        () => f.get(at.width),
        1,
        () => {
          const skipped = m.i32.add(m.i32.mul(f.get(panel), sizes.size(this.#k)), m.i32.mul(f.get(k0), sizes.size(this.#inner)));
          f.set(b, m.i32.add(f.get(at.panels), f.mul(skipped, ROW_BYTES)));
          f.set(tile, f.get(first));
          f.loop(
            tile,
            () => f.get(end),
            1,
            () => {
              tileOf();
              this.#tile(lanes, { tile, panel, b, sums, k0, count, sixes: at.sixes });
            },
          );
        },
      );
    };
    f.loop(
      first,
      () => f.get(at.to),
      TILES,
      () => {
        f.set(
          end,
          least(
            m,
            () => f.get(at.to),
            () => f.add(f.get(first), TILES),
          ),
        );
        f.set(k0, f.int(0));
        if (!this.#blocks) {
          f.set(count, all());
          panelsOf();
          return;
        }
        // Once even if there is nothing to sum: the stages that follow want their zeros.
        f.repeat(
          () => {
            f.set(
              count,
              least(
                m,
                () => m.i32.sub(all(), f.get(k0)),
                () => f.int(this.#block),
              ),
            );
            panelsOf();
            f.set(k0, f.add(f.get(k0), this.#block));
          },
          () => m.i32.lt_s(f.get(k0), all()),
        );
      },
    );
  }

  /** One tile: its sums so far, and its end when all are there. */
  #tile(lanes: Lanes, at: Tile): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const { row, left, over } = this.#c;
    const i = lanes.variable(row);
    const extent = (): Code => sizes.size(row.extent);
    const start = left.index.map((x) =>
      rewrite(x, (node) => (node.kind === "index" && over.some((loop) => loop.index === node.name) ? int(0) : node)),
    );
    const sum = (rows: number): void => {
      const { at: place, offset } = lanes.pointers.place(left.source, start, (x) => lanes.one(x));
      const skipped = this.#blocks
        ? m.i32.mul(f.get(at.k0), f.mul(sizes.size((this.#left.k[0] as Left["k"][number]).stride), 4))
        : undefined;
      const a = f.add(skipped === undefined ? place : m.i32.add(place, skipped), offset);
      const args = [a, f.get(at.b), f.get(at.sums), f.get(at.count), m.i32.eqz(f.get(at.k0))];
      f.emit(m.call(microKernel(this.#asm, rows, this.#left), args, none));
    };
    const height = f.fresh(i32);
    const rest = (): Code => m.i32.sub(extent(), f.get(i));
    f.set(i, f.mul(f.get(at.tile), ROWS));
    const six = (): void => {
      f.set(height, f.int(ROWS));
      sum(ROWS);
    };
    const four = (): void => {
      f.set(height, f.int(FEWER_ROWS));
      f.set(i, m.i32.sub(f.get(i), f.mul(m.i32.sub(f.get(at.tile), f.get(at.sixes)), ROWS - FEWER_ROWS)));
      sum(FEWER_ROWS);
    };
    // Backwards, what lies before the first row may not be memory: each number of rows has its kernel.
    const exactly = (rows: number): void => {
      if (rows === 1) sum(1);
      else
        f.if(
          m.i32.ge_s(rest(), f.int(rows)),
          () => sum(rows),
          () => exactly(rows - 1),
        );
    };
    if (!this.#forward) {
      f.set(height, f.int(ROWS));
      exactly(ROWS);
    } else if (typeof row.extent === "number" && row.extent % ROWS === 0) six();
    else if (typeof row.extent === "number" && row.extent <= FEWER_ROWS) four();
    else f.if(m.i32.lt_s(f.get(at.tile), f.get(at.sixes)), six, four);
    const rows = f.let(
      i32,
      least(m, rest, () => f.get(height)),
    );
    const end = (): void => this.#finish(lanes, at, i, rows);
    if (this.#blocks) f.if(m.i32.ge_s(f.add(f.get(at.k0), this.#block), sizes.size((over[0] as Loop).extent)), end);
    else end();
  }

  /** The kernel's other stages for so many rows of a tile. */
  #finish(lanes: Lanes, at: Tile, i: Local, rows: Local): void {
    const { f } = lanes;
    const { rest } = this.#c;
    if (!this.#wholePanels || !isSmall(rest)) {
      this.#finishRows(lanes, at, i, rows);
      return;
    }
    f.if(
      f.m.i32.eq(f.get(rows), f.int(ROWS)),
      () => lanes.scope(() => this.#finishTile(lanes, at)),
      () => lanes.scope(() => this.#finishRows(lanes, at, i, rows)),
    );
  }
  get #wholePanels(): boolean {
    const { extent } = this.#c.column;
    return typeof extent === "number" && extent % COLUMNS === 0;
  }

  /** All of a tile, written out: its rows and columns are at constant distances. */
  #finishTile(lanes: Lanes, { panel, sums }: Tile): void {
    const { f, pointers } = lanes;
    const { rest, row, column, sum } = this.#c;
    const accesses = accessesOf(rest);
    f.set(lanes.variable(column), f.mul(f.get(panel), COLUMNS));
    const vector = (r: number, v: number): void => {
      lanes.rows.set(sum, () => f.m.v128.load(r * ROW_BYTES + v * 4, 16, f.get(sums)));
      const stages = (): void => lanes.along(column.index, () => emitStages(lanes, rest, column.index));
      pointers.shifted(row.index, r, () => pointers.shifted(column.index, v, stages));
    };
    pointers.entered(row.index, accesses, () =>
      pointers.entered(column.index, accesses, () => {
        for (let r = 0; r < ROWS; r++) for (let v = 0; v < COLUMNS; v += 4) vector(r, v);
      }),
    );
    lanes.rows.delete(sum);
  }

  /** Row by row. */
  #finishRows(lanes: Lanes, { panel, sums }: Tile, i: Local, rows: Local): void {
    const { f, sizes } = lanes;
    const { rest, row, column, sum } = this.#c;
    const j = lanes.variable(column);
    const [at, line] = [f.fresh(i32), f.let(i32, f.get(sums))];
    const last = f.let(i32, f.m.i32.add(f.get(i), f.get(rows)));
    lanes.rows.set(sum, (wide) => (wide ? f.m.v128.load(0, 16, f.get(at)) : f.m.f32.load(0, 4, f.get(at))));
    const body = (step: number) => (): void => {
      emitStages(lanes, rest, column.index);
      f.set(at, f.add(f.get(at), step * 4));
    };
    const columns = (): void => {
      f.set(at, f.get(line));
      f.set(j, f.mul(f.get(panel), COLUMNS));
      if (this.#wholePanels)
        for (let v = 0; v < COLUMNS; v += 4) {
          lanes.along(column.index, body(4));
          f.set(j, f.add(f.get(j), 4));
        }
      else {
        const end = f.let(
          i32,
          least(
            f.m,
            () => f.add(f.get(j), COLUMNS),
            () => sizes.size(column.extent),
          ),
        );
        const most = f.let(i32, f.add(f.get(end), -3));
        lanes.along(column.index, () => f.loop(j, () => f.get(most), 4, body(4)));
        lanes.along(undefined, () => f.loop(j, () => f.get(end), 1, body(1)));
      }
      f.set(line, f.add(f.get(line), ROW_BYTES));
    };
    f.loop(
      i,
      () => f.get(last),
      1,
      () => lanes.pointers.entered(row.index, accessesOf(rest), columns),
      true,
    );
    lanes.rows.delete(sum);
  }
}

/** What one tile is told. */
interface Tile {
  readonly tile: Local;
  readonly panel: Local;
  readonly b: Local;
  readonly sums: Local;
  readonly k0: Local;
  readonly count: Local;
  readonly sixes: Local;
}

const least = (m: Func["m"], a: () => Code, b: () => Code): Code => m.select(m.i32.lt_s(a(), b()), a(), b());

/** Worth writing out for each vector of a tile. */
const isSmall = (stages: readonly Stage[]): boolean =>
  stages.flatMap(expressionsOf).reduce((sum, x) => sum + costOf(x), 0) <= 4 && accessesOf(stages).length <= 4;
