/** What a plain spelling of an expression needs first: the WebAssembly and WGSL spikes use it; loops share nodes by keys and tiles (`backends/loops/bindings.ts`). */
import { sizeOf } from "../dsl/dim.ts";
import { addInt, type Expr, int, mulInt, operandsOf, size } from "../dsl/expr.ts";
import type { Value } from "../dsl/value.ts";

/** The row-major place of an element within its value, counted in elements. */
export const placeOf = (v: Value, index: readonly Expr[]): Expr =>
  index.reduce<Expr>((sum, i, axis) => addInt(sum, mulInt(i, size(sizeOf(v.shape.slice(axis + 1))))), int(0));

/** Nodes with operands that occur more than once under `root`: spelled as a tree, a threefry would have 2²⁰ of them. */
export function sharedNodes(root: Expr): ReadonlySet<Expr> {
  const seen = new Set<Expr>();
  const shared = new Set<Expr>();
  const go = (x: Expr): void => {
    if (seen.has(x)) {
      if (operandsOf(x).length > 0) shared.add(x);
      return;
    }
    seen.add(x);
    operandsOf(x).forEach(go);
  };
  go(root);
  return shared;
}
