/** Tiles of products: how large a part of the result one workgroup computes, and which of them suits a product. */
import { divDims, termsOfDim } from "../../dsl/dim.ts";
import type { Dim } from "../../dsl/types.ts";
import { countOf, nominal } from "./loops.ts";
import type { Product } from "./product.ts";
import type { Only } from "./shader.ts";

export interface Tile {
  readonly rows: number;
  readonly columns: number;
  /** Steps of the sum whose operands are in workgroup memory at once; there is room for twice as many. */
  readonly steps: number;
  /** Of an invocation: multiples of 4. */
  readonly own: { readonly rows: number; readonly columns: number };
  /** Vectors between a step's operands and the next one's, beyond what they take: they would be written to the same banks. */
  readonly pad: 0 | 1;
  /** Its speed where there are many of them, beside the largest. */
  readonly speed: number;
  /** What takes its place where there is less workgroup memory. */
  readonly otherwise?: Tile;
}

/** Of the 16 KB that every device has, the most that can be done. */
const medium: Tile = { rows: 64, columns: 64, steps: 16, own: { rows: 8, columns: 4 }, pad: 0, speed: 0.75 };
/** An invocation brings at most one block of 4 × 4 of what a turn needs, and of the largest exactly one. */
export const tiles: readonly Tile[] = [
  { rows: 128, columns: 128, steps: 16, own: { rows: 8, columns: 8 }, pad: 1, speed: 1, otherwise: medium },
  medium,
  { rows: 32, columns: 64, steps: 16, own: { rows: 4, columns: 4 }, pad: 1, speed: 0.6 },
  { rows: 32, columns: 32, steps: 16, own: { rows: 4, columns: 4 }, pad: 1, speed: 0.5 },
  { rows: 128, columns: 16, steps: 8, own: { rows: 4, columns: 4 }, pad: 1, speed: 0.45 },
];

/** Invocations along a tile's rows and columns. */
export const acrossOf = ({ rows, columns, own }: Tile): { readonly rows: number; readonly columns: number } => ({
  rows: rows / own.rows,
  columns: columns / own.columns,
});
export const invocationsOf = ({ rows, columns, own }: Tile): number => (rows / own.rows) * (columns / own.columns);
/** Vectors from a step to the next. */
export const pitchOf = ({ rows, columns, pad }: Tile): number => (rows + columns) / 4 + pad;
export const tileBytes = (tile: Tile): number => 2 * tile.steps * pitchOf(tile) * 16;

export interface Choice {
  readonly tile: Tile;
  /** The sums are computed in so many parts, each by workgroups of its own. */
  readonly parts: number;
}

/** Workgroups that a large GPU runs side by side. */
const PLACES = 128;
/** What it takes to add parts up, in products that a place could have added meanwhile: another shader, and reading each sum again. */
const ADDING_UP = 800_000;
const READING = 0.5;
const MOST_PARTS = 128;
const LEAST_STEPS = 64;

/** When it would be done, where run-time sizes are `n`: of all places that are busy, each does one workgroup after the other. */
function timeOf({ batches, rows, columns, steps }: Product, { tile, parts }: Choice, n: number): number {
  const [b, m, c, k] = [batches, rows, columns, steps].map((loops) => nominal(countOf(loops), n)) as [number, number, number, number];
  const groups = b * Math.ceil(m / tile.rows) * Math.ceil(c / tile.columns) * parts;
  const each = (tile.rows * tile.columns * tile.steps * Math.ceil(k / parts / tile.steps)) / tile.speed;
  return Math.ceil(groups / PLACES) * each + (parts > 1 ? ADDING_UP + READING * b * m * c * parts : 0);
}

/** What would be done first. */
function choose(product: Product, n: number): Choice {
  const steps = nominal(countOf(product.steps), n);
  const most = Math.max(1, Math.min(MOST_PARTS, Math.floor(steps / LEAST_STEPS)));
  const all = tiles.flatMap((tile) => Array.from({ length: most }, (_, k): Choice => ({ tile, parts: k + 1 })));
  return all.reduce((best, one) => (timeOf(product, one, n) < timeOf(product, best, n) ? one : best));
}

/** What run-time sizes are taken for: one choice for those below `BETWEEN`, another one for the others, if it is worth a shader. */
const SMALL = 128;
const BETWEEN = 384;
const LARGE = 1024;
const WORTH = 1.25;

/** 784·B grows as B does. */
function withoutFactor(dim: Dim): Dim {
  const [term, ...others] = termsOfDim(dim);
  return term && others.length === 0 ? (divDims(dim, term.coefficient) as Dim) : dim;
}

/** The choices there are, each with the sizes that it is for. */
export function choicesOf(product: Product): readonly { readonly choice: Choice; readonly only?: Only }[] {
  const [small, large] = [choose(product, SMALL), choose(product, LARGE)];
  if (timeOf(product, small, LARGE) < WORTH * timeOf(product, large, LARGE)) return [{ choice: small }];
  const dim = withoutFactor(countOf([...product.batches, ...product.rows, ...product.columns, ...product.steps]));
  const limit = nominal(dim, BETWEEN);
  return [
    { choice: small, only: { dim, from: 0, below: limit } },
    { choice: large, only: { dim, from: limit, below: Infinity } },
  ];
}
