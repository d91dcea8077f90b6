/** slice ⇄ pad: each is the other's adjoint. concat, whose adjoint is slices. */
import { agree } from "../agree.ts";
import { addDims, showShape, subDims } from "../dim.ts";
import { addInt, both, constant, type Expr, inRange, lessInt, type Read, select, size, subInt } from "../expr.ts";
import type { ElementOp } from "../op.ts";
import type { Dim, Shape } from "../types.ts";
import { makeValue, type Value, valueOf } from "../value.ts";
import { commonDType, normalAxis, type Operand, toValue } from "./operand.ts";

/** out[i…] = x[start + i…], from start up to and without limit. StableHLO: slice (stride 1). */
export const sliceOp: ElementOp<{ start: Shape; limit: Shape }> = {
  name: "slice",
  kind: "element",
  shape: ([x], { start, limit }) => {
    const { shape, dtype } = x as Value;
    for (const [axis, d] of shape.entries()) {
      const [from, to] = [start[axis] as Dim, limit[axis] as Dim];
      const outside = typeof d === "number" && typeof to === "number" && to > d;
      if (outside || (typeof from === "number" && from < 0) || negative(subDims(to, from)))
        throw new Error(`slice: [${from}, ${to}] is out of bounds for axis of size ${d}`);
    }
    return { shape: shape.map((_, axis) => subDims(limit[axis] as Dim, start[axis] as Dim)), dtype };
  },
  requires: ([x], { start, limit }) =>
    (x as Value).shape.flatMap((d, axis) => {
      const [from, to] = [start[axis] as Dim, limit[axis] as Dim];
      const otherwise = `slice: [${from}, ${to}] is out of bounds for axis of size ${d}`;
      return [from, subDims(to, from), subDims(d, to)].filter((dim) => typeof dim === "string").map((dim) => ({ dim, otherwise }));
    }),
  element: ([x], index, { attrs: { start } }) => (x as Read)(...index.map((i, axis) => addInt(size(start[axis] as Dim), i))),
  derivative: {
    kind: "linear",
    transpose: (ct, [x], { attrs: { start, limit } }) => [
      () => makeValue(padOp, [ct], { low: start, high: (x as Value).shape.map((d, axis) => subDims(d, limit[axis] as Dim)), value: 0 }),
    ],
  },
};
const negative = (d: Dim): boolean => typeof d === "number" && d < 0;

/** Per axis null (all of it) or [start, limit]; negative positions count from the end. Axes not named are whole. */
export function slice(x: Operand, ranges: readonly (readonly [number, number] | null)[]): Value {
  const v = toValue("slice", x);
  if (ranges.length > v.shape.length) throw new Error(`slice: ${ranges.length} ranges for ${showShape(v.shape)}`);
  const position = (at: number, d: Dim): Dim => (at < 0 ? addDims(d, at) : at);
  const start = v.shape.map((d, axis) => position(ranges[axis]?.[0] ?? 0, d));
  const limit = v.shape.map((d, axis) => {
    const range = ranges[axis];
    return range ? position(range[1], d) : d;
  });
  return start.every((d) => d === 0) && limit.every((d, axis) => d === v.shape[axis]) ? v : makeValue(sliceOp, [v], { start, limit });
}

/** `x` with `low` entries of `value` before and `high` after it, per axis. StableHLO: pad (edge only). */
export const padOp: ElementOp<{ low: Shape; high: Shape; value: number }> = {
  name: "pad",
  kind: "element",
  shape: ([x], { low, high }) => {
    const { shape, dtype } = x as Value;
    if ([...low, ...high].some(negative)) throw new Error(`pad: widths are not negative, got ${showShape(low)} and ${showShape(high)}`);
    return { shape: shape.map((d, axis) => addDims(addDims(low[axis] as Dim, d), high[axis] as Dim)), dtype };
  },
  element: ([x], index, { args, attrs: { low, high, value }, dtype }) => {
    const from = (args[0] as Value).shape;
    const at = index.map((i, axis) => subInt(i, size(low[axis] as Dim)));
    const inside = at
      .map((i, axis) => (low[axis] === 0 && high[axis] === 0 ? constant(1, "bool") : inRange(i, from[axis] as Dim)))
      .reduce<Expr>(both, constant(1, "bool"));
    return select(inside, (x as Read)(...at), constant(value, dtype));
  },
  derivative: {
    kind: "linear",
    linearPart: (attrs) => ({ ...attrs, value: 0 }),
    transpose: (ct, [x], { attrs: { low } }) => [
      () => makeValue(sliceOp, [ct], { start: low, limit: (x as Value).shape.map((d, axis) => addDims(low[axis] as Dim, d)) }),
    ],
  },
};

export function pad(x: Operand, widths: readonly (readonly [number, number])[], value = 0): Value {
  const v = toValue("pad", x);
  if (widths.length !== v.shape.length) throw new Error(`pad: ${widths.length} pairs of widths for ${showShape(v.shape)}`);
  return makeValue(padOp, [v], { low: widths.map(([low]) => low), high: widths.map(([, high]) => high), value });
}

/** Operands one after the other along `axis`. StableHLO: concatenate. */
export const concatOp: ElementOp<{ axis: number }> = {
  name: "concatenate",
  kind: "element",
  shape: (args, { axis }) => {
    const [first, ...rest] = args as [Value, ...Value[]];
    let total = first.shape[axis] as Dim;
    for (const next of rest) {
      const differ =
        next.shape.length !== first.shape.length
          ? "ranks differ"
          : next.shape
              .map((d, a) => (a !== axis && !agree(first.shape[a] as Dim, d) ? `axis ${a}: ${first.shape[a]} vs ${d}` : ""))
              .find(Boolean);
      if (differ) throw new Error(`concat: ${showShape(first.shape)} and ${showShape(next.shape)} differ (${differ})`);
      total = addDims(total, next.shape[axis] as Dim);
    }
    return { shape: first.shape.map((d, a) => (a === axis ? total : d)), dtype: first.dtype };
  },
  element: (reads, index, { args, attrs: { axis } }) => {
    const at = index[axis] as Expr;
    const ends = endsOf(args, axis);
    return reads.reduceRight<Expr | undefined>((after, read, k) => {
      const start = k === 0 ? 0 : (ends[k - 1] as Dim);
      const here = read(...index.map((i, a) => (a === axis ? subInt(at, size(start)) : i)));
      return after ? select(lessInt(at, size(ends[k] as Dim)), here, after) : here;
    }, undefined) as Expr;
  },
  derivative: {
    kind: "linear",
    transpose: (ct, args, { attrs: { axis } }) => {
      const ends = endsOf(args, axis);
      return args.map((x, k) => () => {
        const from = k === 0 ? 0 : (ends[k - 1] as Dim);
        return makeValue(sliceOp, [ct], {
          start: x.shape.map((_, a) => (a === axis ? from : 0)),
          limit: x.shape.map((d, a) => (a === axis ? (ends[k] as Dim) : d)),
        });
      });
    },
  },
};

const endsOf = (args: readonly Value[], axis: number): Dim[] => {
  let end: Dim = 0;
  return args.map((x) => (end = addDims(end, x.shape[axis] as Dim)));
};

export function concat(tensors: readonly Operand[], axis: number): Value {
  commonDType("concat", tensors);
  const values = tensors.map((x) => valueOf(x as Value));
  const [first] = values;
  if (!first) throw new Error("concat: at least one tensor is needed");
  return makeValue(concatOp, values, { axis: normalAxis("concat", axis, first.shape) });
}
