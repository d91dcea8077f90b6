/** broadcast ⇄ sum: each is the other's adjoint. Also max, whose derivative is a weighted sum. */
import { agree } from "../agree.ts";
import { mulDims, showShape } from "../dim.ts";
import { type Expr, int, reduce } from "../expr.ts";
import type { ElementOp, Result } from "../op.ts";
import type { Dim, Shape } from "../types.ts";
import { makeValue, type Value } from "../value.ts";
import { dimensionSize } from "./generate.ts";
import { normalAxes, type Operand, toValue } from "./operand.ts";
import { reshape } from "./reshape.ts";
import { div, equal, mul, where, zerosLike } from "./scalar.ts";

/**
 * `[…] → shape`: operand axis d becomes result axis dims[d]; an axis of size 1 is repeated, an axis not in dims is new.
 * StableHLO: broadcast_in_dim.
 */
export const broadcastOp: ElementOp<{ shape: Shape; dims: readonly number[] }> = {
  name: "broadcast_in_dim",
  kind: "element",
  shape: ([x], { shape, dims }) => {
    const from = (x as Value).shape;
    if (dims.length !== from.length || dims.some((to, d) => from[d] !== 1 && !agree(from[d] as Dim, shape[to] as Dim)))
      throw new Error(`broadcastTo: cannot broadcast ${showShape(from)} to ${showShape(shape)}`);
    if (dims.some((to, d) => d > 0 && to <= (dims[d - 1] as number)))
      throw new Error(`internal: broadcast_in_dim along [${dims.join(", ")}] would transpose`);
    return { shape, dtype: (x as Value).dtype };
  },
  element: ([x], index, { args, attrs, shape }) =>
    (x as (...i: readonly Expr[]) => Expr)(...attrs.dims.map((to, d) => (args[0]?.shape[d] === shape[to] ? (index[to] as Expr) : int(0)))),
  derivative: {
    kind: "linear",
    transpose: (ct, [x], { attrs, shape }) => [
      () => {
        const from = (x as Value).shape;
        const repeated = shape.flatMap((d, axis) =>
          !attrs.dims.includes(axis) || (from[attrs.dims.indexOf(axis)] === 1 && d !== 1) ? [axis] : [],
        );
        return reshape(sum(ct, repeated), from);
      },
    ],
  },
};
export const broadcastInDim = (x: Value, shape: Shape, dims: readonly number[]): Value => makeValue(broadcastOp, [x], { shape, dims });

/** `x` with its trailing axes aligned to those of `shape`. */
export function broadcastTo(x: Operand, shape: Shape): Value {
  const v = toValue("broadcastTo", x);
  const offset = shape.length - v.shape.length;
  if (offset === 0 && v.shape.every((d, axis) => d === shape[axis] || (d !== 1 && agree(d, shape[axis] as Dim)))) return v;
  if (offset < 0) throw new Error(`broadcastTo: cannot broadcast ${showShape(v.shape)} to ${showShape(shape)}`);
  return broadcastInDim(
    v,
    shape,
    v.shape.map((_, d) => d + offset),
  );
}

const withoutAxes = ([x]: readonly Value[], { axes }: { axes: readonly number[] }): Result => ({
  shape: (x as Value).shape.filter((_, axis) => !axes.includes(axis)),
  dtype: (x as Value).dtype,
});

/** Puts indices of the kept axes and of the reduced ones in the operand's order. */
const interleave = (rank: number, axes: readonly number[], kept: readonly Expr[], reduced: readonly Expr[]): Expr[] => {
  let k = 0;
  return Array.from({ length: rank }, (_, axis) => (axes.includes(axis) ? reduced[axes.indexOf(axis)] : kept[k++]) as Expr);
};

type Reduction = ElementOp<{ axes: readonly number[] }>;
const reduction =
  (combine: "add" | "max"): Reduction["element"] =>
  ([x], index, { args, attrs: { axes } }) => {
    const from = (args[0] as Value).shape;
    return reduce(
      combine,
      axes.map((axis) => from[axis] as Shape[number]),
      (reduced) => (x as (...i: readonly Expr[]) => Expr)(...interleave(from.length, axes, index, reduced)),
    );
  };

/** The operand's value at a result, repeated along the axes that were reduced. */
const spread = (y: Value, x: Value, axes: readonly number[]): Value =>
  broadcastInDim(
    y,
    x.shape,
    x.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis)),
  );

/** Σ over `axes`; of nothing, 0. StableHLO: reduce with add. */
export const sumOp: Reduction = {
  name: "reduce_sum",
  kind: "element",
  shape: (args, attrs) => {
    if (args[0]?.dtype === "bool") throw new Error(`sum: not defined on bool; write cast(…, "f32")`);
    return withoutAxes(args, attrs);
  },
  element: reduction("add"),
  derivative: { kind: "linear", transpose: (ct, [x], { attrs }) => [() => spread(ct, x as Value, attrs.axes)] },
};

/** The greatest along `axes`; of nothing, −Infinity; NaN if any is. Ties share the cotangent evenly. StableHLO: reduce with maximum. */
export const maxOp: Reduction = {
  name: "reduce_max",
  kind: "element",
  shape: (args, attrs) => {
    if (args[0]?.dtype === "bool") throw new Error(`max: not defined on bool; write cast(…, "f32")`);
    return withoutAxes(args, attrs);
  },
  element: reduction("max"),
  derivative: {
    kind: "tangent",
    jvp: ([x], y, { attrs: { axes } }) => {
      const operand = x as Value;
      const wins = where(equal(operand, spread(y, operand, axes)), 1, zerosLike(operand));
      const share = div(wins, spread(sum(wins, axes), operand, axes));
      return ([t]) => sum(mul(t as Value, share), axes);
    },
  },
};

export interface ReduceOptions {
  readonly keepDims?: boolean;
}
export const sum = (x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Value =>
  reduceBy("sum", sumOp, x, axes, options);
export const max = (x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Value =>
  reduceBy("max", maxOp, x, axes, options);

/** Σ / n; of nothing, NaN. */
export function mean(x: Operand, axes?: number | readonly number[], options?: ReduceOptions): Value {
  const v = toValue("mean", x);
  if (v.dtype !== "f32" && v.dtype !== "f64") throw new Error(`mean: not defined on ${v.dtype}; write cast(…, "f32")`);
  const normal = normalAxes("mean", axes, v.shape);
  const total = sum(v, normal, options);
  const sizes = normal.map((axis) => v.shape[axis] as Shape[number]);
  const known = sizes.filter((d) => typeof d === "number").reduce<Shape[number]>(mulDims, 1);
  return [known, ...sizes.filter((d) => typeof d !== "number")].reduce<Value>(
    (quotient, n) => (n === 1 ? quotient : div(quotient, dimensionSize(n, v.dtype))),
    total,
  );
}

function reduceBy(
  name: string,
  op: Reduction,
  x: Operand,
  axes: number | readonly number[] | undefined,
  options: ReduceOptions | undefined,
): Value {
  const v = toValue(name, x);
  const normal = normalAxes(name, axes, v.shape);
  const y = normal.length === 0 ? v : makeValue(op, [v], { axes: normal });
  return options?.keepDims
    ? reshape(
        y,
        v.shape.map((d, axis) => (normal.includes(axis) ? 1 : d)),
      )
    : y;
}
