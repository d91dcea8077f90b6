/**
 * Contractions: Σ left · right with whatever is computed of the sum. The right operand, which has the columns, is packed into panels of 8 columns;
 * tiles of 6 × 8 are summed by the inner kernel and finished by the kernel's other stages while they are in the cache.
 */
import { type Address, addressOf } from "../../codegen/address.ts";
import { contractionOf } from "../../codegen/contraction.ts";
import { expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import { addDims, mulDims, sizeOf, upperBound } from "../../dsl/dim.ts";
import { type Expr, indexVar, int, type Loop, rewrite } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { type Assembler, type Code, type Func, i32, type Local, none } from "./assembler.ts";
import { Lanes } from "./lanes.ts";
import { type Layout, Sizes } from "./memory.ts";
import { COLUMNS, type Left, microKernel, ROW_BYTES, ROWS, TILE_BYTES } from "./micro.ts";
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
    return this.packsOnce ? { shared: this.#packed, own: this.#tiles } : { shared: 0, own: addDims(this.#packed, this.#tiles) };
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
    const rows = (body: () => void): void => {
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
      lanes.pointers.entered(column.index, accesses, () => go(0));
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
            rows(() => {
              for (const v of [0, 4]) f.emit(m.v128.store(v * 4, 16, f.get(target), lanes.four(this.#shifted(right, v))));
            }),
          );
        const part = (): void =>
          lanes.along(undefined, () =>
            rows(() => {
              for (let v = 0; v < COLUMNS; v++) {
                const inside = m.i32.lt_s(f.add(f.get(j), v), sizes.size(column.extent));
                f.emit(m.f32.store(v * 4, 4, f.get(target), m.if(inside, lanes.one(this.#shifted(right, v)), m.f32.const(0))));
              }
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
    const width = f.let(i32, m.i32.shr_u(f.add(sizes.size(column.extent), COLUMNS - 1), f.int(3)));
    lanes.hoist(rest.flatMap(expressionsOf), new Set([...around, row, column].map((loop) => loop.index)));
    const matrix = (from: Local, to: Local): void => {
      if (!this.packsOnce) this.#packPanels(lanes, panels, f.let(i32, f.int(0)), width);
      this.#blocksOf(lanes, { own, panels, width, from, to });
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

  #blocksOf(lanes: Lanes, at: { own: Local; panels: Local; width: Local; from: Local; to: Local }): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const { over } = this.#c;
    const slowest = over[0] as Loop;
    const first = f.let(i32, f.get(at.from));
    const end = f.fresh(i32);
    const [tile, panel, k0, count] = [f.fresh(i32), f.fresh(i32), f.fresh(i32), f.fresh(i32)];
    const [b, sums] = [f.fresh(i32), f.fresh(i32)];
    const least = (a: () => Code, c: () => Code): Code => m.select(m.i32.lt_s(a(), c()), a(), c());
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
              this.#tile(lanes, { tile, panel, b, sums, k0, count });
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
  #tile(lanes: Lanes, at: { tile: Local; panel: Local; b: Local; sums: Local; k0: Local; count: Local }): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const { row, left, over } = this.#c;
    const i = lanes.variable(row);
    const extent = (): Code => sizes.size(row.extent);
    f.set(i, f.mul(f.get(at.tile), ROWS));
    const start = left.index.map((x) =>
      rewrite(x, (node) => (node.kind === "index" && over.some((loop) => loop.index === node.name) ? int(0) : node)),
    );
    const { at: place, offset } = lanes.pointers.place(left.source, start, (x) => lanes.one(x));
    const skipped = this.#blocks ? m.i32.mul(f.get(at.k0), f.mul(sizes.size((this.#left.k[0] as Left["k"][number]).stride), 4)) : undefined;
    const a = f.let(i32, f.add(skipped === undefined ? place : m.i32.add(place, skipped), offset));
    const sum = (rows: number): void =>
      f.emit(
        m.call(
          microKernel(this.#asm, rows, this.#left),
          [f.get(a), f.get(at.b), f.get(at.sums), f.get(at.count), m.i32.eqz(f.get(at.k0))],
          none,
        ),
      );
    const rows = f.let(i32, m.i32.sub(extent(), f.get(i)));
    const fewer = (n: number): void => {
      if (n === 1) sum(1);
      else
        f.if(
          m.i32.eq(f.get(rows), f.int(n)),
          () => sum(n),
          () => fewer(n - 1),
        );
    };
    const known = typeof row.extent === "number" ? row.extent : undefined;
    const left_over = known === undefined ? undefined : known % ROWS;
    if (left_over === 0) sum(ROWS);
    else if (known !== undefined && known < ROWS) sum(known);
    else
      f.if(
        m.i32.ge_s(f.get(rows), f.int(ROWS)),
        () => sum(ROWS),
        () => (left_over === undefined ? fewer(ROWS - 1) : sum(left_over)),
      );
    const finish = (): void => this.#finish(lanes, { ...at, i, rows });
    if (this.#blocks) f.if(m.i32.ge_s(f.add(f.get(at.k0), this.#block), sizes.size((over[0] as Loop).extent)), finish);
    else finish();
  }

  /** The kernel's other stages, for each element of a tile. */
  #finish(lanes: Lanes, { panel, sums, i, rows }: { panel: Local; sums: Local; i: Local; rows: Local }): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const { rest, row, column, sum } = this.#c;
    const j = lanes.variable(column);
    const extent = (): Code => sizes.size(column.extent);
    const [at, line, end, most] = [f.fresh(i32), f.let(i32, f.get(sums)), f.fresh(i32), f.fresh(i32)];
    f.set(rows, m.i32.add(f.get(i), m.select(m.i32.lt_s(f.get(rows), f.int(ROWS)), f.get(rows), f.int(ROWS))));
    lanes.rows.set(sum, (wide) => (wide ? m.v128.load(0, 16, f.get(at)) : m.f32.load(0, 4, f.get(at))));
    const whole = typeof column.extent === "number" && column.extent % COLUMNS === 0;
    const body = (step: number) => (): void => {
      emitStages(lanes, rest, column.index);
      f.set(at, f.add(f.get(at), step * 4));
    };
    lanes.sharing(rest.flatMap(expressionsOf));
    f.loop(
      i,
      () => f.get(rows),
      1,
      () =>
        lanes.pointers.entered(row.index, accessesOf(rest), () => {
          f.set(at, f.get(line));
          f.set(j, f.mul(f.get(panel), COLUMNS));
          if (whole) {
            for (let v = 0; v < 2; v++) {
              lanes.along(column.index, body(4));
              f.set(j, f.add(f.get(j), 4));
            }
          } else {
            f.set(end, f.add(f.get(j), COLUMNS));
            f.set(end, m.select(m.i32.lt_s(f.get(end), extent()), f.get(end), extent()));
            f.set(most, m.i32.sub(f.get(end), f.int(3)));
            lanes.along(column.index, () => f.loop(j, () => f.get(most), 4, body(4)));
            lanes.along(undefined, () => f.loop(j, () => f.get(end), 1, body(1)));
          }
          f.set(line, f.add(f.get(line), ROW_BYTES));
        }),
      true,
    );
    lanes.rows.delete(sum);
  }
}
