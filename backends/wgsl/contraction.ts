/**
 * A product of matrices, a tile of the result a workgroup: operands go through workgroup memory a few steps of the sum at a time, one half is
 * filled while the other is read; sums stay in registers, and there the kernel's other stages finish them.
 */
import { int, modulo, over, parts, plus, times } from "./arithmetic.ts";
import { type Code, code, level, within } from "./code.ts";
import { countOf, emitEnd, emitIndices, groupNumber } from "./loops.ts";
import type { Module } from "./module.ts";
import { emitBase, emitFetch } from "./operand.ts";
import type { Operand, Product } from "./product.ts";
import type { Grid } from "./shader.ts";
import { emitStages } from "./stages.ts";
import { type Choice, invocationsOf, pitchOf, type Tile } from "./tiles.ts";
import type { Writer } from "./writer.ts";

/** Steps of the sum that are written out in a turn of the innermost loop. */
const WRITTEN_OUT = 4;

/** Where the sum is computed in parts, which are the product's first batches, each workgroup has one of them. */
export function emitContraction(w: Writer, product: Product, { tile, parts: many }: Choice): Grid {
  const { module } = w;
  const { batches, rows, columns, steps } = product;
  const place = emitPlace(w, product, tile);
  const count = parts(w.sizes, countOf(steps), tile.steps * many);
  const start =
    many === 1
      ? int(0)
      : w.let("start", times(times(over(place.batch[0] as Code, w.sizes.size(countOf(batches.slice(1)))), count), int(tile.steps)));
  const fetch = emitFetches(w, product, { tile, parts: many }, place, start);
  const sums = emitSums(w, tile);
  const r = w.let("r", lanePlace(tile, "rows"));
  const c = w.let("c", lanePlace(tile, "columns"));

  const [turn, k] = ["turn", "k"].map((wish) => code(w.names.fresh(wish))) as [Code, Code];
  w.block(`for (var ${turn.text} = 0; ${turn.text} <= ${within(count, level.sum)}; ${turn.text}++)`, () => {
    const isThere = `if (${turn.text} < ${within(count, level.sum)})`;
    w.block(isThere, () => fetch.read(turn));
    w.block(`if (${turn.text} > 0)`, () => {
      const half = w.let("half", fetch.half(code(`(${turn.text} - 1)`)));
      w.block(`for (var ${k.text} = 0; ${k.text} < ${tile.steps}; ${k.text} += ${WRITTEN_OUT})`, () => {
        const from = times(k, int(pitchOf(tile)));
        const [a, b] = [w.let("a", plus(plus(half, from), r)), w.let("b", plus(plus(half, from), plus(c, int(tile.rows / 4))))];
        for (let step = 0; step < WRITTEN_OUT; step++)
          emitStep(w, tile, sums, (name, at) => `${fetch.tiles}[${plus(name === "a" ? a : b, int(step * pitchOf(tile) + at)).text}]`);
      });
    });
    w.block(isThere, () => fetch.write(fetch.half(turn)));
    w.line("workgroupBarrier();");
  });

  const finish = emitFinish(module, product);
  const first = {
    row: w.let("first_row", plus(place.row, times(r, int(4)))),
    column: w.let("first_column", plus(place.column, times(c, int(4)))),
  };
  for (const [i, row] of sums.entries())
    for (const [j, sum] of row.entries()) {
      const at = [
        plus(first.row, int(Math.floor(i / 4) * across(tile, "rows") * 4 + (i % 4))),
        plus(first.column, int(j * across(tile, "columns") * 4)),
      ];
      w.line(`${finish}(${[...place.batch, ...at, sum].map((x) => x.text).join(", ")});`);
    }
  return {
    groups: [
      { dim: countOf(batches), per: 1 },
      { dim: countOf(rows), per: tile.rows },
      { dim: countOf(columns), per: tile.columns },
    ],
    invocations: invocationsOf(tile),
  };
}

/** Invocations along the rows, or the columns, of a tile. */
const across = (tile: Tile, axis: "rows" | "columns"): number => tile[axis] / tile.own[axis];

interface Place {
  readonly batch: readonly Code[];
  readonly row: Code;
  readonly column: Code;
}
/** Where this workgroup's tile begins. Neighbours have the same rows. */
function emitPlace(w: Writer, { batches, rows, columns }: Product, tile: Tile): Place {
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

/** Which row, or column, of invocations this one is in: 4 × 8 of them are neighbours, so that they read from few banks at a time. */
function lanePlace(tile: Tile, axis: "rows" | "columns"): Code {
  const [down, right] = [across(tile, "rows"), across(tile, "columns")];
  const lane = code("i32(lane)");
  if (down % 4 !== 0 || right % 8 !== 0) return axis === "rows" ? over(lane, int(right)) : modulo(lane, int(right));
  if (axis === "rows") return plus(times(over(lane, int(right * 4)), int(4)), modulo(over(lane, int(8)), int(4)));
  return plus(times(modulo(over(lane, int(32)), int(right / 8)), int(8)), modulo(lane, int(8)));
}

/** A variable for every four neighbouring sums of a row. */
function emitSums(w: Writer, { own }: Tile): Code[][] {
  return Array.from({ length: own.rows }, (_, i) =>
    Array.from({ length: own.columns / 4 }, (_, j) => w.var(`sum${i}_${j}`, code("vec4(0.0)", level.primary, true))),
  );
}

/** Adds the products of one step, of vectors of the left operand (`a`) and the right one (`b`). */
function emitStep(w: Writer, tile: Tile, sums: readonly (readonly Code[])[], vector: (name: "a" | "b", at: number) => string): void {
  const vectors = (axis: "rows" | "columns", name: "a" | "b"): string[] =>
    Array.from({ length: tile.own[axis] / 4 }, (_, k) => `let ${name}${k} = ${vector(name, k * across(tile, axis))};`);
  w.block("", () => {
    w.line([...vectors("rows", "a"), ...vectors("columns", "b")].join(" "));
    for (const [i, row] of sums.entries())
      w.line(row.map(({ text }, j) => `${text} = fma(vec4(a${Math.floor(i / 4)}.${"xyzw"[i % 4]}), b${j}, ${text});`).join(" "));
  });
}

/** How operands come in: `read` gets this invocation's part of a turn from the arena, `write` puts it into one half of workgroup memory. */
function emitFetches(
  w: Writer,
  { left, right, batches, steps }: Product,
  { tile, parts: many }: Choice,
  { batch, row, column }: Place,
  start: Code,
) {
  const { module } = w;
  const [leftBlocks, rightBlocks] = [tile.rows, tile.columns].map((n) => (n / 4) * (tile.steps / 4)) as [number, number];
  const rest = invocationsOf(tile) - leftBlocks - rightBlocks;
  if (rest < 0) throw new Error("internal: a tile that its invocations cannot fetch");
  const tiles = module.names.fresh("tiles");
  const [a, b] = [left, right].map(({ source }) => module.beginName(source).replace("at_", ""));
  module.declare(
    "",
    `// ${tile.steps} steps of the sum: ${tile.rows} rows of ${a}, and ${tile.columns} columns of ${b}. One half is filled while the other is read.`,
    `var<workgroup> ${tiles}: array<vec4<f32>, ${2 * tile.steps * pitchOf(tile)}>;`,
  );
  const bases = [emitBase(module, left, batches, "rows"), emitBase(module, right, batches, "columns")];
  const fetches = [emitFetch(module, left, steps, tile.steps * many), emitFetch(module, right, steps, tile.steps * many)];

  const isLeft = `lane < ${leftBlocks}u`;
  const [base, step, place] = ["base", "step", "place"].map((wish) => w.names.fresh(wish)) as [string, string, string];
  w.line(`var ${base}: vec4<i32>;`, `var ${step}: i32;`, `var ${place}: i32;`);
  const part = (operand: Operand, name: string, from: number, size: number, origin: Code): void => {
    const i = from === 0 ? code("i32(lane)") : code(`i32(lane) - ${from}`, level.sum);
    const [fast, slow] = operand.wide === "steps" ? [step, place] : [place, step];
    const length = int(operand.wide === "steps" ? tile.steps / 4 : size / 4);
    const each = (name: string, x: Code): string => `${name} = ${(name === step ? times(x, int(4)) : x).text};`;
    w.line(each(fast, modulo(i, length)), each(slow, over(i, length)));
    const start = [...batch, plus(origin, code(`${place} * 4`, level.product))].map((x) => x.text).join(", ");
    w.line(`${base} = ${name}(${start});`);
  };
  w.block(`if (${isLeft})`, () => part(left, bases[0] as string, 0, tile.rows, row), "} else {");
  w.line(
    ...w.inside(() => {
      part(right, bases[1] as string, leftBlocks, tile.columns, column);
      w.line(`${place} += ${tile.rows / 4};`);
    }),
    "}",
  );
  const next = w.var("next", code("mat4x4<f32>()")).text;
  return {
    tiles,
    read(turn: Code): void {
      const at = plus(plus(start, times(turn, int(tile.steps))), code(step)).text;
      w.block(`if (${isLeft})`, () => w.line(`${next} = ${fetches[0]}(${base}, ${at});`), "} else {");
      w.line(...w.inside(() => w.line(`${next} = ${fetches[1]}(${base}, ${at});`)), "}");
    },
    /** Where the half begins that belongs to a turn. */
    half: (turn: Code): Code => times(code(`(${turn.text} & 1)`), int(tile.steps * pitchOf(tile))),
    write(half: Code): void {
      const write = (): void => {
        const at = w.let("at", plus(plus(half, times(code(step), int(pitchOf(tile)))), code(place)));
        for (const k of [0, 1, 2, 3]) w.line(`${tiles}[${plus(at, int(k * pitchOf(tile))).text}] = ${next}[${k}];`);
      };
      if (rest > 0) w.block(`if (lane < ${leftBlocks + rightBlocks}u)`, write);
      else write();
    },
  };
}

/** Declares the function that makes of four sums what the kernel makes of them; its name. */
function emitFinish(module: Module, product: Product): string {
  const { batches, rows, columns, rest, sum } = product;
  const places = (w: Writer): Code[] => [...(batches.length > 0 ? ["batch"] : []), "row", "column"].map((wish) => w.parameter(wish, "i32"));
  const one = module.function(module.wide ? "What becomes of four sums of a row." : "What becomes of a sum.", "finish", "", (w) => {
    const all = places(w);
    const [row, column] = all.slice(-2) as [Code, Code];
    const value = w.parameter(sum, module.wide ? "vec4<f32>" : "f32");
    const isBehind = (n: Code, loops: Product["rows"]): string => `${n.text} >= ${within(w.sizes.size(countOf(loops)), level.sum)}`;
    w.block(`if (${isBehind(row, rows)} || ${isBehind(column, columns)})`, () => w.line("return;"));
    emitIndices(w, batches, all[0] as Code);
    emitIndices(w, rows, row);
    emitIndices(w, columns, column);
    w.bind(sum, { ...value, wide: module.wide });
    const last = (columns.at(-1) as Product["rows"][number]).index;
    const first = w.index(last);
    if (module.wide) w.setIndex(last, plus(first, code(module.use("lanes"), level.primary, true)));
    w.along(module.wide ? { first, strides: new Map([[last, 1]]) } : undefined, () => emitStages(w, rest));
  });
  if (module.wide) return one;
  return module.function("And of four.", "finish_four", "", (w) => {
    const all = places(w);
    const sums = w.parameter("sums", "vec4<f32>").text;
    const j = w.names.fresh("j");
    const list = [...all.slice(0, -1).map(({ text }) => text), `${(all.at(-1) as Code).text} + ${j}`, `${sums}[${j}]`];
    w.block(`for (var ${j} = 0; ${j} < 4; ${j}++)`, () => w.line(`${one}(${list.join(", ")});`));
  });
}
