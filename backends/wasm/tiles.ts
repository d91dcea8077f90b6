/** The tiles of a contraction, in the order that keeps what they read in the caches: blocks of rows, blocks of k, panels, tiles. */
import { expressionsOf } from "../../codegen/kernel.ts";
import type { MatrixProduct } from "../../codegen/matrices.ts";
import { type Expr, int, type Loop, rewrite } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { type Assembler, type Code, type Func, i32, type Local, none } from "./assembler.ts";
import { finish } from "./finish.ts";
import { Lanes } from "./lanes.ts";
import { type Layout, ownRoom, Sizes } from "./memory.ts";
import { COLUMNS, FEWER_ROWS, type Left, microKernel, ROW_BYTES, ROWS, TILE_BYTES } from "./micro.ts";
import { accessesOf } from "./nest.ts";
import { packPanels } from "./panels.ts";
import { type Product, TILES } from "./product.ts";

/** What one tile is told. */
export interface Tile {
  readonly tile: Local;
  readonly panel: Local;
  readonly b: Local;
  readonly step: Local;
  readonly sums: Local;
  readonly k0: Local;
  readonly count: Local;
  readonly sixes: Local;
}

/** How the right operand lies: where it begins, bytes from 8 columns to the next 8, and from one k to the next. */
interface Right {
  readonly begin: Local;
  readonly panel: Local;
  readonly step: Local;
}

/** The place that is read where the indices of `loops` are 0. */
const atZero = ({ index }: MatrixProduct["left"], loops: readonly Loop[]): Expr[] =>
  index.map((x) => rewrite(x, (node) => (node.kind === "index" && loops.some((loop) => loop.index === node.name) ? int(0) : node)));

export class Tiles {
  readonly #asm: Assembler;
  readonly #layout: Layout;
  readonly #product: Product;

  constructor(asm: Assembler, layout: Layout, product: Product) {
    this.#asm = asm;
    this.#layout = layout;
    this.#product = product;
  }

  /** Sums and finishes the tiles `from … to`, or all tiles of the turns `from … to` of the first loop around. */
  emit(f: Func): void {
    const sizes = new Sizes(f);
    const lanes = new Lanes(f, sizes, this.#layout);
    const p = this.#product;
    const { m } = f;
    const { around, rest, row, column } = p.c;
    // The tiles lie first in it.
    const own = ownRoom(f, sizes, this.#layout, p.room);
    const panels = this.#panels(f, sizes, own);
    const accesses = [
      ...accessesOf(rest),
      { value: p.c.left.source, index: p.c.left.index },
      { value: p.c.right.source, index: p.c.right.index },
    ];
    const sixes = f.let(i32, this.#sixes(f, sizes));
    const width = f.let(i32, m.i32.shr_u(f.add(sizes.size(column.extent), COLUMNS - 1), f.int(3)));
    lanes.sharing(rest.flatMap(expressionsOf));
    lanes.hoist(rest.flatMap(expressionsOf), new Set([...around, row, column].map((loop) => loop.index)));
    const right: Right = { begin: f.fresh(i32), panel: f.fresh(i32), step: f.fresh(i32) };
    const place = (begin: Code, panel: Code, step: Code): void => {
      f.set(right.begin, begin);
      f.set(right.panel, panel);
      f.set(right.step, step);
    };
    const packed = (): void => {
      if (!p.packsOnce) packPanels(lanes, p, panels, f.let(i32, f.int(0)), width);
      place(f.get(panels), f.mul(sizes.size(p.k), ROW_BYTES), f.int(ROW_BYTES));
    };
    const inPlace = (step: number): void => {
      const { at, offset } = lanes.pointers.place(p.c.right.source, atZero(p.c.right, [column, ...p.c.over]), (x) => lanes.one(x));
      place(f.add(at, offset), f.int(ROW_BYTES), f.int(step * 4));
    };
    const matrix = (from: Local, to: Local): void => {
      if (p.rightStep === undefined) packed();
      else inPlace(p.rightStep);
      this.#blocksOf(lanes, { own, right, width, sixes, from, to });
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
      f.loop(i, depth === 0 ? f.param(1) : sizes.bound(loop.extent), 1, () =>
        lanes.scope(() => lanes.pointers.entered(loop.index, accesses, () => go(depth + 1))),
      );
    };
    if (around.length > 0) go(0);
    else matrix(f.param(0), f.param(1));
  }

  /** Where the panels begin: in the room of all threads, or behind the tiles in this one's. */
  #panels(f: Func, sizes: Sizes, own: Local): Local {
    const { packsOnce, tileBytes } = this.#product;
    return f.let(i32, packsOnce ? sizes.room(this.#layout.scratch) : f.m.i32.add(f.get(own), sizes.room(tileBytes)));
  }

  /** How many tiles have 6 rows; the others, at the end, have 4. Backwards all have 6, but for the last, which has what is left. */
  #sixes(f: Func, sizes: Sizes): Code {
    const { m } = f;
    const p = this.#product;
    const { extent } = p.c.row;
    const fours = (rest: number): number => (rest === 0 || rest === 5 ? 0 : rest >= 3 ? 1 : 2);
    const tiles = m.i32.div_u(f.add(sizes.size(extent), ROWS - 1), f.int(ROWS));
    if (!p.forward) return tiles;
    if (typeof extent === "number") return f.int(Math.max(0, Math.ceil(extent / ROWS) - fours(extent % ROWS)));
    const rest = f.let(i32, m.i32.rem_u(sizes.size(extent), f.int(ROWS)));
    // Two bits for each rest of 0 … 5.
    const table = [0, 1, 2, 3, 4, 5].reduce((bits, k) => bits | (fours(k) << (2 * k)), 0);
    const sixes = f.let(i32, m.i32.sub(tiles, m.i32.and(m.i32.shr_u(f.int(table), f.mul(f.get(rest), 2)), f.int(3))));
    // One tile of 4 is enough for 1 row and for 2.
    return m.select(m.i32.gt_s(f.get(sixes), f.int(0)), f.get(sixes), f.int(0));
  }
  #blocksOf(lanes: Lanes, at: { own: Local; right: Right; width: Local; sixes: Local; from: Local; to: Local }): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const p = this.#product;
    const { over } = p.c;
    const slowest = over[0] as Loop;
    const first = f.let(i32, f.get(at.from));
    const end = f.fresh(i32);
    const [tile, panel, k0, count] = [f.fresh(i32), f.fresh(i32), f.fresh(i32), f.fresh(i32)];
    const [b, sums] = [f.fresh(i32), f.fresh(i32)];
    const all = (): Code => sizes.size(slowest.extent);
    // Sums of one block are finished at once, and all in one place, which stays in the first cache.
    const apart = f.let(i32, p.inBlocks ? m.select(m.i32.gt_s(all(), f.int(p.block)), f.int(TILE_BYTES), f.int(0)) : f.int(0));
    const tileOf = (): void => {
      const place = m.i32.add(m.i32.mul(m.i32.sub(f.get(tile), f.get(first)), f.get(at.width)), f.get(panel));
      f.set(sums, p.inBlocks ? m.i32.add(f.get(at.own), m.i32.mul(place, f.get(apart))) : f.get(at.own));
    };
    const panelsOf = (): void => {
      f.set(panel, f.int(0));
      f.loop(panel, at.width, 1, () => {
        const skipped = m.i32.mul(m.i32.mul(f.get(k0), sizes.size(p.inner)), f.get(at.right.step));
        f.set(b, m.i32.add(f.get(at.right.begin), m.i32.add(m.i32.mul(f.get(panel), f.get(at.right.panel)), skipped)));
        f.set(tile, f.get(first));
        f.loop(tile, end, 1, () => {
          tileOf();
          this.#tile(lanes, { tile, panel, b, step: at.right.step, sums, k0, count, sixes: at.sixes });
        });
      });
    };
    const blocks = (): void => {
      f.set(count, f.get(f.least(m.i32.sub(all(), f.get(k0)), f.int(p.block))));
      panelsOf();
      f.set(k0, f.add(f.get(k0), p.block));
    };
    f.loop(first, at.to, TILES, () => {
      f.set(end, f.get(f.least(f.get(at.to), f.add(f.get(first), TILES))));
      f.set(k0, f.int(0));
      // Once even if there is nothing to sum: the stages that follow want their zeros.
      if (p.inBlocks) f.repeat(blocks, () => m.i32.lt_s(f.get(k0), all()));
      else {
        f.set(count, all());
        panelsOf();
      }
    });
  }

  /** One tile: its sums so far, and its end when all are there. */
  #tile(lanes: Lanes, at: Tile): void {
    const { f, sizes } = lanes;
    const { m } = f;
    const p = this.#product;
    const { row, left, over } = p.c;
    const i = lanes.variable(row);
    const extent = (): Code => sizes.size(row.extent);
    const start = atZero(left, over);
    const sum = (rows: number): void => {
      const { at: place, offset } = lanes.pointers.place(left.source, start, (x) => lanes.one(x));
      const skipped = p.inBlocks ? m.i32.mul(f.get(at.k0), f.mul(sizes.size((p.left.k[0] as Left["k"][number]).stride), 4)) : undefined;
      const a = f.add(skipped === undefined ? place : m.i32.add(place, skipped), offset);
      const bytes = (stride: Dim): Code => f.mul(sizes.size(stride), 4);
      const [row, along] = [bytes(p.left.row), bytes((p.left.k.at(-1) as Left["k"][number]).stride)];
      const args = [a, row, along, f.get(at.b), f.get(at.step), f.get(at.sums), f.get(at.count), m.i32.eqz(f.get(at.k0))];
      f.emit(m.call(microKernel(this.#asm, rows, p.left), args, none));
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
    if (!p.forward) {
      f.set(height, f.int(ROWS));
      exactly(ROWS);
    } else if (typeof row.extent === "number" && row.extent % ROWS === 0) six();
    else if (typeof row.extent === "number" && row.extent <= FEWER_ROWS) four();
    else f.if(m.i32.lt_s(f.get(at.tile), f.get(at.sixes)), six, four);
    const rows = f.least(rest(), f.get(height));
    const end = (): void => finish(lanes, p, at, i, rows);
    if (p.inBlocks) f.if(m.i32.ge_s(f.add(f.get(at.k0), p.block), sizes.size((over[0] as Loop).extent)), end);
    else end();
  }
}
