/** Laws of windows: the cotangent of a convolution's image is a convolution again, and not a fold of as many products as windows have elements. */
import { evaluateDim, namesOfDim, subDims } from "./dim.ts";
import { type DotDims, dotOp, freeAxes } from "./ops/dot.ts";
import { reverse, reverseOp } from "./ops/reshape.ts";
import { pad, padOp, sliceOp } from "./ops/slice.ts";
import { foldOp, spanOf, type Windows, windows, windowsOf, windowsOp } from "./ops/windows.ts";
import type { Dim, Shape } from "./types.ts";
import { makeValue, type Value } from "./value.ts";

const first = (v: Value): Value => v.args[0] as Value;

/** The axes of the operands that the axes of a · b are, batch axes left out. */
function freeAxesOf(product: Value): { readonly left: ReadonlyMap<number, number>; readonly right: ReadonlyMap<number, number> } {
  const [a, b] = product.args as readonly [Value, Value];
  const { contract, batch } = product.attrs as unknown as DotDims;
  const free = [freeAxes(a.shape, contract[0], batch[0]), freeAxes(b.shape, contract[1], batch[1])] as const;
  const start = batch[0].length;
  return {
    left: new Map(free[0].map((axis, k) => [start + k, axis])),
    right: new Map(free[1].map((axis, k) => [start + free[0].length + k, axis])),
  };
}

/**
 * fold(a · b) = windows(pad a) · reverse(b), where a has the axes along which the windows were, with stride 1, and b those of their elements:
 * Σᵢ a[t − i·d] · b[i] = Σⱼ padded[t + j·d] · b[k − 1 − j], where a is padded by (k − 1)·d zeros on both sides.
 * a · b has k elements for each of a; windows are not stored. There are as many products for each element of the result as there were for
 * each of a: not where that is much less, as it is where windows are about as large as what they are cut from.
 */
export function convolveCotangent(v: Value): Value | undefined {
  if (v.op !== foldOp || first(v).op !== dotOp) return undefined;
  const product = first(v);
  const [a, b] = product.args as readonly [Value, Value];
  const list = windowsOf(v.attrs as unknown as Windows);
  const { left, right } = freeAxesOf(product);
  const behind = Math.max(...list.map(({ axis }) => axis)) + 1;
  const along = list.flatMap(({ axis }) => left.get(axis) ?? []);
  const places = list.flatMap((_, k) => right.get(behind + k) ?? []);
  if (along.length < list.length || places.length < list.length || list.some(({ stride }) => stride > 1)) return undefined;
  if (nominal(v.shape) > 4 * nominal(product.shape.toSpliced(behind, list.length))) return undefined;

  const width = (axis: number): number => (along.includes(axis) ? spanOf(list[along.indexOf(axis)] as (typeof list)[number]) - 1 : 0);
  const padded = pad(
    a,
    a.shape.map((_, axis) => [width(axis), width(axis)] as const),
  );
  const columns = windows(
    padded,
    list.map((w, k) => ({ ...w, axis: along[k] as number })),
  );
  const start = Math.max(...along) + 1;
  const moved = (axis: number): number => (axis < start ? axis : axis + list.length);
  const { contract, batch } = product.attrs as unknown as DotDims;
  const pairs = [
    ...places.map((axis, k) => [start + k, axis] as const),
    ...contract[0].map((axis, k) => [moved(axis), contract[1][k] as number] as const),
  ].sort(([x], [y]) => x - y);
  return makeValue(dotOp, [columns, reverse(b, places)], {
    contract: [pairs.map(([axis]) => axis), pairs.map(([, axis]) => axis)],
    batch: [batch[0].map(moved), batch[1]],
  });
}
/** The number of elements, for comparing work, where every size with a name is 64. */
const nominal = (shape: Shape): number =>
  shape.reduce<number>((n, d) => n * evaluateDim(d, Object.fromEntries(namesOfDim(d).map((name) => [name, 64]))), 1);

/**
 * A part of windows(pad a) · reverse(b) = windows(pad a, less) · reverse(b), if windows are left out only where there is padding.
 * What is contracted with a reversed filter is a cotangent: nothing else reads the rest of it.
 */
export function trimPadding(v: Value): Value | undefined {
  const product = first(v);
  if (v.op !== sliceOp || product.op !== dotOp) return undefined;
  const [columns, filter] = product.args as readonly [Value, Value];
  if (columns.op !== windowsOp || first(columns).op !== padOp || filter.op !== reverseOp) return undefined;
  const list = windowsOf(columns.attrs as unknown as Windows);
  const { low, high, value } = first(columns).attrs as { low: Shape; high: Shape; value: number };
  const [before, after] = [[...low], [...high]];
  const { left } = freeAxesOf(product);
  for (const [axis, d] of product.shape.entries()) {
    const [start, limit] = [(v.attrs.start as Shape)[axis] as Dim, (v.attrs.limit as Shape)[axis] as Dim];
    if (start === 0 && limit === d) continue;
    const from = left.get(axis) ?? -1;
    if (!list.some((w) => w.axis === from && w.stride === 1)) return undefined;
    before[from] = subDims(low[from] as Dim, start);
    after[from] = subDims(high[from] as Dim, subDims(d, limit));
  }
  if ([...before, ...after].some((d) => typeof d !== "number" || d < 0)) return undefined;
  const trimmed = makeValue(padOp, [first(first(columns))], { low: before, high: after, value });
  return makeValue(dotOp, [makeValue(windowsOp, [trimmed], columns.attrs), filter], product.attrs);
}
