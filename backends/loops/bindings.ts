/** Names given to expressions that are computed once and used again: by what they are, and by the copies of the tile that see a difference. */

import { keyOf } from "../../codegen/inline.ts";
import { type Expr, operandsOf, visitExpr } from "../../dsl/expr.ts";
import type { Copy } from "./tile.ts";

export class Bindings {
  readonly #names = new Map<string, string>();
  readonly #outer: Bindings | undefined;
  constructor(outer?: Bindings) {
    this.#outer = outer;
  }
  get(x: Expr, copy: Copy): string | undefined {
    return this.#names.get(`${keyOf(x)}@${distinctBy(x, copy)}`) ?? this.#outer?.get(x, copy);
  }
  bind(x: Expr, copy: Copy, name: string): void {
    this.#names.set(`${keyOf(x)}@${distinctBy(x, copy)}`, name);
  }
}

/** A node that reads no row local and not the row's index is the same in all rows of a tile. */
function distinctBy(x: Expr, copy: Copy): string {
  if (copy.size === 0) return "";
  const indices = new Set<string>();
  let everywhere = false;
  visitExpr(x, (y) => {
    if (y.kind === "index") indices.add(y.name);
    if (y.kind === "local") everywhere = true;
  });
  return [...copy]
    .filter(([index]) => everywhere || indices.has(index))
    .map(([index, k]) => `${index}${k}`)
    .join();
}

/** How often each node occurs among `roots`; below a node that was met before, nothing is counted again. */
export function occurrences(roots: readonly Expr[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  const count = (x: Expr): void => {
    const key = keyOf(x);
    const n = counts.get(key) ?? 0;
    counts.set(key, n + 1);
    if (n === 0) operandsOf(x).forEach(count);
  };
  roots.forEach(count);
  return counts;
}

/**
 * Nodes below `x`, operands first, that are evaluated whatever a `select` decides. What would be very long without names for its parts, such as
 * random bits, is not left to a `select`: all of it counts.
 */
export function certainNodes(x: Expr): Expr[] {
  const out = new Set<Expr>();
  const seen = new Set<Expr>();
  const everything = lengthOf(x) > 1000;
  const go = (y: Expr): void => {
    if (seen.has(y)) return;
    seen.add(y);
    if (y.kind === "select" && !everything) go(y.test);
    else operandsOf(y).forEach(go);
    out.add(y);
  };
  go(x);
  return [...out];
}

/** How many nodes `x` has when it is written out as a tree. */
function lengthOf(x: Expr): number {
  const lengths = new Map<Expr, number>();
  visitExpr(x, (y) => {
    lengths.set(
      y,
      operandsOf(y).reduce((n, z) => n + (lengths.get(z) as number), 1),
    );
  });
  return lengths.get(x) as number;
}
