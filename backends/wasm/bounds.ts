/** Where loops can lead an address. */
import { addressOf } from "../../codegen/address.ts";
import { addDims, mulDims, sizeOf, subDims, termsOfDim } from "../../dsl/dim.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";

/** Is it never less than 0, whatever the names stand for? */
export const isForward = (dim: Dim): boolean => termsOfDim(dim).every(({ coefficient }) => coefficient >= 0);

/**
 * Does a load stay inside of its value wherever the loops around it go? Then it can be read whatever a guard says. In `concat([x, y])` the
 * loop goes on behind the end of x: x[i] is read only where i is less than that.
 */
export function staysInside({ source, index }: Expr & { readonly kind: "load" }, extents: ReadonlyMap<string, Dim>): boolean {
  const { constant, terms, others } = addressOf(source, index);
  let [least, greatest] = [constant, constant];
  for (const { expr, stride } of others) {
    const range = rangeOf(expr, extents);
    if (!range || !isForward(stride)) return false;
    least = addDims(least, mulDims(stride, range[0]));
    greatest = addDims(greatest, mulDims(stride, range[1]));
  }
  for (const [name, stride] of terms) {
    const extent = extents.get(name);
    if (extent === undefined) return false;
    const way = mulDims(stride, subDims(extent, 1));
    if (isForward(stride)) greatest = addDims(greatest, way);
    else if (isForward(mulDims(stride, -1))) least = addDims(least, way);
    else return false;
  }
  return isForward(least) && isForward(subDims(subDims(sizeOf(source.shape), 1), greatest));
}

type Range = readonly [least: number, greatest: number];

/** What an index may be, where that is known from numbers alone and nothing wraps. */
function rangeOf(x: Expr, extents: ReadonlyMap<string, Dim>): Range | undefined {
  const range = exactRange(x, extents);
  return range && range[0] >= -(2 ** 31) && range[1] < 2 ** 31 ? range : undefined;
}

function exactRange(x: Expr, extents: ReadonlyMap<string, Dim>): Range | undefined {
  if (x.kind === "const") return [x.value, x.value];
  if (x.kind === "index") {
    const extent = extents.get(x.name);
    return typeof extent === "number" ? [0, extent - 1] : undefined;
  }
  if (x.kind !== "call" || !["addInt", "subInt", "mulInt", "divInt", "remInt"].includes(x.fn)) return undefined;
  const [left, right] = x.args as [Expr, Expr];
  const b = rangeOf(right, extents);
  const a = b && rangeOf(left, extents);
  if (!a) return undefined;
  const divisor = b[0] === b[1] && b[0] > 0 ? b[0] : undefined;
  if (x.fn === "addInt") return [a[0] + b[0], a[1] + b[1]];
  if (x.fn === "subInt") return [a[0] - b[1], a[1] - b[0]];
  if (x.fn === "mulInt")
    return [Math.min(a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1]), Math.max(a[0] * b[0], a[0] * b[1], a[1] * b[0], a[1] * b[1])];
  if (x.fn === "divInt" && divisor) return [Math.trunc(a[0] / divisor), Math.trunc(a[1] / divisor)];
  if (x.fn === "remInt" && divisor && a[0] >= 0) return [0, Math.min(a[1], divisor - 1)];
  return undefined;
}
