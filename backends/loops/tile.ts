/** Register tiles: a contraction's body written out for a few neighbouring rows and columns, so that what is loaded is used several times. */
import type { Address } from "../../codegen/address.ts";
import type { Loop } from "../../dsl/expr.ts";

/** One copy of the body: how far it lies from the tile's first, along each index. Empty where there is no tile. */
export type Copy = ReadonlyMap<string, number>;

/** Copies for `rows` × `columns` neighbouring values of two outer indices, rows first. */
export function copiesOf(row: Loop | undefined, rows: number, column: Loop | undefined, columns: number): readonly Copy[] {
  const along = (loop: Loop | undefined, n: number): readonly (readonly [string, number])[][] =>
    loop && n > 1 ? Array.from({ length: n }, (_, k) => [[loop.index, k] as const]) : [[]];
  return along(row, rows).flatMap((r) => along(column, columns).map((c) => new Map([...r, ...c])));
}

/** The wished size, or a number near it that divides a known extent, so that nothing is left over. */
export function tileSize(loop: Loop | undefined, wish: number): number {
  if (!loop) return 1;
  const { extent } = loop;
  if (typeof extent !== "number" || extent % wish === 0) return wish;
  if (extent < wish) return Math.max(1, extent);
  return [wish - 1, wish - 2, wish + 1].find((n) => n > 1 && extent % n === 0) ?? wish;
}

/** A local's name in one copy of the tile. */
export const nameInCopy = (name: string, copy: Copy): string => (copy.size === 0 ? name : `${name}_${[...copy.values()].join("")}`);

/** The index variable of one copy. */
export const inCopy = (index: string, by: number): string => `${index}_${by}`;

/** What an index variable stands for in one copy of a tile. Of the indices in `clamped` each copy has a variable of its own. */
export const variableIn =
  (copy: Copy, clamped: ReadonlySet<string>) =>
  (name: string): Address => {
    const by = copy.get(name) ?? 0;
    if (by > 0 && clamped.has(name)) return { constant: 0, terms: new Map([[inCopy(name, by), 1]]), others: [] };
    return { constant: by, terms: new Map([[name, 1]]), others: [] };
  };
