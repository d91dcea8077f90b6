/** The end of a tile: a contraction's other stages, for each of its sums. */
import { costOf } from "../../codegen/inline.ts";
import { expressionsOf, type Stage } from "../../codegen/kernel.ts";
import { i32, type Local } from "./assembler.ts";
import type { Lanes } from "./lanes.ts";
import { COLUMNS, ROW_BYTES, ROWS } from "./micro.ts";
import { accessesOf, emitStages } from "./nest.ts";
import type { Product } from "./product.ts";
import type { Tile } from "./tiles.ts";

/** The kernel's other stages for so many rows of a tile. */
export function finish(lanes: Lanes, p: Product, at: Tile, i: Local, rows: Local): void {
  const { f } = lanes;
  const { rest } = p.c;
  if (!p.wholePanels || !isSmall(rest)) {
    finishRows(lanes, p, at, i, rows);
    return;
  }
  f.if(
    f.m.i32.eq(f.get(rows), f.int(ROWS)),
    () => lanes.scope(() => finishTile(lanes, p, at)),
    () => lanes.scope(() => finishRows(lanes, p, at, i, rows)),
  );
}

/** All of a tile, written out: its rows and columns are at constant distances. */
function finishTile(lanes: Lanes, p: Product, { panel, sums }: Tile): void {
  const { f, pointers } = lanes;
  const { rest, row, column, sum } = p.c;
  const accesses = accessesOf(rest);
  f.set(lanes.variable(column), f.mul(f.get(panel), COLUMNS));
  const vector = (r: number, v: number): void => {
    lanes.rows.set(sum, () => f.m.v128.load(r * ROW_BYTES + v * 4, 16, f.get(sums)));
    const stages = (): void => lanes.along(column.index, () => emitStages(lanes, rest));
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
function finishRows(lanes: Lanes, p: Product, { panel, sums }: Tile, i: Local, rows: Local): void {
  const { f, sizes } = lanes;
  const { rest, row, column, sum } = p.c;
  const j = lanes.variable(column);
  const [at, line] = [f.fresh(i32), f.let(i32, f.get(sums))];
  const last = f.let(i32, f.m.i32.add(f.get(i), f.get(rows)));
  lanes.rows.set(sum, (wide) => (wide ? f.m.v128.load(0, 16, f.get(at)) : f.m.f32.load(0, 4, f.get(at))));
  const body = (step: number) => (): void => {
    emitStages(lanes, rest);
    f.set(at, f.add(f.get(at), step * 4));
  };
  const columns = (): void => {
    f.set(at, f.get(line));
    f.set(j, f.mul(f.get(panel), COLUMNS));
    if (p.wholePanels)
      for (let v = 0; v < COLUMNS; v += 4) {
        lanes.along(column.index, body(4));
        f.set(j, f.add(f.get(j), 4));
      }
    else {
      const end = f.least(f.add(f.get(j), COLUMNS), sizes.size(column.extent));
      const most = f.let(i32, f.add(f.get(end), -3));
      lanes.along(column.index, () => f.loop(j, most, 4, body(4)));
      lanes.along(undefined, () => f.loop(j, end, 1, body(1)));
    }
    f.set(line, f.add(f.get(line), ROW_BYTES));
  };
  f.loop(i, last, 1, () => lanes.pointers.entered(row.index, accessesOf(rest), columns), true);
  lanes.rows.delete(sum);
}

/** Worth writing out for each vector of a tile. */
const isSmall = (stages: readonly Stage[]): boolean =>
  stages.flatMap(expressionsOf).reduce((sum, x) => sum + costOf(x), 0) <= 4 && accessesOf(stages).length <= 4;
