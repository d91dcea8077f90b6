/**
 * A product of matrices, a tile of the result a workgroup: operands go through workgroup memory a few steps of the sum at a time, one half is
 * filled while the other is read; sums stay in registers, and there the kernel's other stages finish them.
 */
import { int, modulo, over, parts, plus, times } from "./arithmetic.ts";
import { type Code, code, level, within } from "./code.ts";
import { Fetch } from "./fetch.ts";
import { emitFinish } from "./finish.ts";
import { countOf, emitEnd, groupNumber, laneNumber } from "./loops.ts";
import type { Product } from "./product.ts";
import type { Grid } from "./shader.ts";
import { acrossOf, type Choice, invocationsOf, pitchOf, type Tile } from "./tiles.ts";
import type { Writer } from "./writer.ts";

/** Steps of the sum that are written out in a turn of the innermost loop. */
const WRITTEN_OUT = 4;

/** Where the sum is computed in parts, these are the first of the product's batches, and each is some workgroups'. */
export function emitContraction(w: Writer, product: Product, choice: Choice): Grid {
  const { tile } = choice;
  const { batches, rows, columns, steps } = product;
  const place = emitPlace(w, product, tile);
  const count = parts(w.sizes, countOf(steps), tile.steps * choice.parts);
  const part = choice.parts === 1 ? int(0) : over(place.batch[0] as Code, w.sizes.size(countOf(batches.slice(1))));
  const fetch = new Fetch(w, product, choice, place, w.named("start", times(part, times(count, int(tile.steps)))));
  const sums = emitSums(w, tile);
  const lane = emitLane(w, tile);

  const turn = code(w.names.fresh("turn"));
  const end = within(count, level.sum);
  w.block(`for (var ${turn.text} = 0; ${turn.text} <= ${end}; ${turn.text}++)`, () => {
    w.block(`if (${turn.text} < ${end})`, () => fetch.read(turn));
    w.block(`if (${turn.text} > 0)`, () => emitSteps(w, tile, sums, lane, fetch.tiles, fetch.half(code(`(${turn.text} - 1)`))));
    w.block(`if (${turn.text} < ${end})`, () => fetch.write(turn));
    w.line("workgroupBarrier();");
  });

  const finish = emitFinish(w.module, product);
  const row = w.let("first_row", plus(place.row, times(lane.row, int(4))));
  const column = w.let("first_column", plus(place.column, times(lane.column, int(4))));
  for (const [i, own] of sums.entries())
    for (const [j, sum] of own.entries()) {
      const [k, l] = [i % 4, Math.floor(i / 4)];
      const at = [plus(row, int(l * acrossOf(tile).rows * 4 + k)), plus(column, int(j * acrossOf(tile).columns * 4))];
      w.line(`${finish}(${[...place.batch, ...at, sum].map((x) => x.text).join(", ")});`);
    }
  return {
    groups: [
      ...(batches.length > 0 ? [{ dim: countOf(batches), per: 1 }] : []),
      { dim: countOf(rows), per: tile.rows },
      { dim: countOf(columns), per: tile.columns },
    ],
    invocations: invocationsOf(tile),
  };
}

/** Where a workgroup's tile begins. */
export interface TilePlace {
  /** None, if there is but one. */
  readonly batch: readonly Code[];
  readonly row: Code;
  readonly column: Code;
}

/** Neighbouring workgroups have the same rows. */
function emitPlace(w: Writer, { batches, rows, columns }: Product, tile: Tile): TilePlace {
  const down = w.named("row_tiles", parts(w.sizes, countOf(rows), tile.rows));
  const right = w.named("column_tiles", parts(w.sizes, countOf(columns), tile.columns));
  const block = w.let("block", groupNumber);
  emitEnd(w, block, [w.sizes.size(countOf(batches)), down, right].reduce(times));
  const rest = over(block, right);
  return {
    column: w.let("column", times(modulo(block, right), int(tile.columns))),
    row: w.let("row", times(batches.length > 0 ? modulo(rest, down) : rest, int(tile.rows))),
    batch: batches.length > 0 ? [w.let("batch", over(rest, down))] : [],
  };
}

interface LanePlace {
  readonly row: Code;
  readonly column: Code;
}

/** Which row and column of invocations this one is in: 4 × 8 of them are neighbours, and read few vectors of workgroup memory at a time. */
function emitLane(w: Writer, tile: Tile): LanePlace {
  const { rows, columns } = acrossOf(tile);
  const areBlocks = rows % 4 === 0 && columns % 8 === 0;
  const row = areBlocks
    ? plus(times(over(laneNumber, int(columns * 4)), int(4)), modulo(over(laneNumber, int(8)), int(4)))
    : over(laneNumber, int(columns));
  const column = areBlocks
    ? plus(times(modulo(over(laneNumber, int(32)), int(columns / 8)), int(8)), modulo(laneNumber, int(8)))
    : modulo(laneNumber, int(columns));
  return { row: w.let("r", row), column: w.let("c", column) };
}

/** A variable for every four neighbouring sums of a row. */
const emitSums = (w: Writer, { own }: Tile): Code[][] =>
  Array.from({ length: own.rows }, (_, i) =>
    Array.from({ length: own.columns / 4 }, (_, j) => w.var(`sum${i}_${j}`, code("vec4(0.0)", level.primary, true))),
  );

/** Adds the products of the steps in one half of workgroup memory: of vectors a of the left operand, and b of the right one. */
function emitSteps(w: Writer, tile: Tile, sums: readonly (readonly Code[])[], lane: LanePlace, tiles: string, half: Code): void {
  const pitch = pitchOf(tile);
  const { rows, columns } = acrossOf(tile);
  const k = code(w.names.fresh("k"));
  const from = w.let("half", half);
  w.block(`for (var ${k.text} = 0; ${k.text} < ${tile.steps}; ${k.text} += ${WRITTEN_OUT})`, () => {
    const step = plus(from, times(k, int(pitch)));
    const a = w.let("a", plus(step, lane.row));
    const b = w.let("b", plus(plus(step, int(tile.rows / 4)), lane.column));
    for (let n = 0; n < WRITTEN_OUT; n++)
      w.block("", () => {
        const vector = (name: string, at: Code, j: number, apart: number): string =>
          `let ${name}${j} = ${tiles}[${plus(at, int(n * pitch + j * apart)).text}];`;
        const left = Array.from({ length: tile.own.rows / 4 }, (_, j) => vector("a", a, j, rows));
        const right = Array.from({ length: tile.own.columns / 4 }, (_, j) => vector("b", b, j, columns));
        w.line([...left, ...right].join(" "));
        for (const [i, row] of sums.entries())
          w.line(row.map(({ text }, j) => `${text} = fma(vec4(a${Math.floor(i / 4)}.${"xyzw"[i % 4]}), b${j}, ${text});`).join(" "));
      });
  });
}
