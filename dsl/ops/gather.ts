/** gather ⇄ scatter-add: each is the other's adjoint, also where an index is out of range (gather reads 0 there, scatter-add drops it). */
import { agreeAll } from "../agree.ts";
import { showShape } from "../dim.ts";
import { constant, type Expr, inRange, type Read, select } from "../expr.ts";
import type { ElementOp, ScatterOp } from "../op.ts";
import type { Dim, Shape } from "../types.ts";
import { makeValue, type Value, valueOf } from "../value.ts";
import { normalAxis, type Operand } from "./operand.ts";

/** x's axes with `axis` replaced by those of `indices`. */
const gathered = (x: Shape, indices: Shape, axis: number): Dim[] => [...x.slice(0, axis), ...indices, ...x.slice(axis + 1)];

/** Splits an index of a gathered tensor: where in `indices` it looks, and its place in x around the axis. */
const split = (
  index: readonly Expr[],
  axis: number,
  rank: number,
): { before: readonly Expr[]; at: readonly Expr[]; after: readonly Expr[] } => ({
  before: index.slice(0, axis),
  at: index.slice(axis, axis + rank),
  after: index.slice(axis + rank),
});

/** out[a, i, b] = x[a, indices[i], b], 0 where the index is out of range. StableHLO: gather. */
export const gatherOp: ElementOp<{ axis: number }> = {
  name: "gather",
  kind: "element",
  shape: ([x, indices], { axis }) => {
    const [from, at] = [x as Value, indices as Value];
    if (at.dtype !== "i32") throw new Error(`gather: indices are i32, got ${at.dtype}; write cast(…, "i32")`);
    return { shape: gathered(from.shape, at.shape, axis), dtype: from.dtype };
  },
  element: ([x, indices], index, { args, attrs: { axis }, dtype }) => {
    const [from, where] = args as [Value, Value];
    const { before, at, after } = split(index, axis, where.shape.length);
    const i = (indices as Read)(...at);
    return select(inRange(i, from.shape[axis] as Dim), (x as Read)(...before, i, ...after), constant(0, dtype));
  },
  derivative: {
    kind: "linear",
    transpose: (ct, [x, indices], { attrs }) => [
      () => makeValue(scatterAddIntoZerosOp, [indices as Value, ct], { axis: attrs.axis, size: (x as Value).shape[attrs.axis] as Dim }),
      undefined,
    ],
  },
};

/** `[a, indices…, b] → [a, size, b]`: out[a, indices[i], b] += updates[a, i, b], in order, from 0; out of range is dropped. StableHLO: scatter with add. */
export const scatterAddIntoZerosOp: ScatterOp<{ axis: number; size: Dim }> = {
  name: "scatter",
  kind: "scatter",
  shape: ([indices, updates], { axis, size }) => {
    const [at, from] = [indices as Value, updates as Value];
    if (at.dtype !== "i32") throw new Error(`scatterAdd: indices are i32, got ${at.dtype}; write cast(…, "i32")`);
    const shape = from.shape;
    return { shape: [...shape.slice(0, axis), size, ...shape.slice(axis + at.shape.length)], dtype: from.dtype };
  },
  initial: (_args, _index, { dtype }) => constant(0, dtype),
  updates: ([, updates]) => (updates as Value).shape,
  scatter: ([indices, updates], index, { args, attrs: { axis, size } }) => {
    const { before, at, after } = split(index, axis, (args[0] as Value).shape.length);
    const i = (indices as Read)(...at);
    return { target: [...before, i, ...after], value: (updates as Read)(...index), inside: inRange(i, size) };
  },
  derivative: { kind: "linear", transpose: (ct, [indices], { attrs }) => [undefined, () => gather(ct, indices as Value, attrs.axis)] },
};

export function gather(x: Operand, indices: Operand, axis = 0): Value {
  const from = valueOf(x as Value);
  return makeValue(gatherOp, [from, valueOf(indices as Value)], { axis: normalAxis("gather", axis, from.shape) });
}

/** Updates summed by index along one axis of a tensor that is 0 elsewhere. */
export function scatterAddIntoZeros(size: Dim, indices: Value, updates: Value, axis = 0): Value {
  const expected = updates.shape.slice(axis, axis + indices.shape.length);
  if (!agreeAll(expected, indices.shape))
    throw new Error(`scatterAdd: updates ${showShape(updates.shape)} do not begin with the shape of indices ${showShape(indices.shape)}`);
  return makeValue(scatterAddIntoZerosOp, [indices, updates], { axis, size });
}
