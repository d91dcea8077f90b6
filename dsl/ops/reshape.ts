/** reshape, transpose, reverse: the same elements under other indices. Each is its own adjoint's kind. */
import { agree, quotient } from "../agree.ts";
import { divDims, mulDims, showShape, sizeOf, subDims } from "../dim.ts";
import { addInt, divInt, type Expr, int, mulInt, type Read, remInt, size, subInt } from "../expr.ts";
import type { ElementOp } from "../op.ts";
import type { Dim, Shape } from "../types.ts";
import { makeValue, type Value } from "../value.ts";
import { normalAxes, normalAxis, type Operand, toValue } from "./operand.ts";

/** `[…] → shape`, row-major order kept. StableHLO: reshape. */
export const reshapeOp: ElementOp<{ shape: Shape }> = {
  name: "reshape",
  kind: "element",
  shape: ([x], { shape }) => {
    const { shape: from, dtype } = x as Value;
    if (!agree(sizeOf(from), sizeOf(shape)))
      throw new Error(`reshape: ${showShape(from)} has ${sizeOf(from)} elements but ${showShape(shape)} has ${sizeOf(shape)}`);
    return { shape, dtype };
  },
  element: ([x], index, { args, shape }) => (x as (...i: readonly Expr[]) => Expr)(...reindex((args[0] as Value).shape, shape, index)),
  derivative: { kind: "linear", transpose: (ct, [x]) => [() => reshape(ct, (x as Value).shape)] },
};

/** One entry may be −1: it takes what is left. */
export function reshape(x: Operand, shape: Shape): Value {
  const v = toValue("reshape", x);
  const holes = shape.filter((d) => d === -1).length;
  if (holes > 1) throw new Error(`reshape: only one −1 is allowed, got ${showShape(shape)}`);
  const filled = holes === 0 ? shape : fillHole(v.shape, shape);
  return v.shape.length === filled.length && v.shape.every((d, i) => d === filled[i]) ? v : makeValue(reshapeOp, [v], { shape: filled });
}

function fillHole(from: Shape, shape: Shape): Dim[] {
  const known = sizeOf(shape.filter((d) => d !== -1));
  const rest = quotient(sizeOf(from), known);
  if (rest === undefined)
    throw new Error(`reshape: ${showShape(from)} has ${sizeOf(from)} elements, not a multiple of ${known} for ${showShape(shape)}`);
  return shape.map((d) => (d === -1 ? rest : d));
}

/** Which operand index a result index stands for. Axes are matched in the smallest groups of equal size, so that a split stays affine. */
function reindex(from: Shape, to: Shape, index: readonly Expr[]): Expr[] {
  // Without elements there is no index to find, and no grouping by size.
  if (from.includes(0) || to.includes(0)) return from.map(() => int(0));
  const out: Expr[] = [];
  let i = 0;
  let j = 0;
  while (i < from.length || j < to.length) {
    const [i0, j0] = [i, j];
    let [a, b]: [Dim, Dim] = [from[i++] ?? 1, to[j++] ?? 1];
    while (a !== b) {
      if (j < to.length && (i >= from.length || behind(b, a))) b = mulDims(b, to[j++] as Dim);
      else if (i < from.length) a = mulDims(a, from[i++] as Dim);
      else throw new Error(`internal: cannot match ${showShape(from)} with ${showShape(to)}`);
    }
    out.push(...regroup(from.slice(i0, i), to.slice(j0, j), index.slice(j0, j)));
  }
  return out;
}

/** Is b a proper divisor of a (so that b may still grow into a)? */
const behind = (b: Dim, a: Dim): boolean =>
  typeof a === "number" && typeof b === "number" ? b < a : divDims(a, b) !== undefined || typeof b === "number";

function regroup(from: Shape, to: Shape, index: readonly Expr[]): Expr[] {
  const real = from.filter((d) => d !== 1);
  const linear = to.reduce<Expr>((sum, d, axis) => addInt(mulInt(sum, size(d)), d === 1 ? int(0) : (index[axis] as Expr)), int(0));
  let rest = linear;
  const found: Expr[] = [];
  for (const [back, d] of [...real].reverse().entries()) {
    found.unshift(back === real.length - 1 ? rest : remInt(rest, size(d)));
    rest = divInt(rest, size(d));
  }
  let k = 0;
  return from.map((d) => (d === 1 ? int(0) : (found[k++] as Expr)));
}

/** out[i…] = x[permuted]: result axis d is operand axis `permutation[d]`. StableHLO: transpose. */
export const transposeOp: ElementOp<{ permutation: readonly number[] }> = {
  name: "transpose",
  kind: "element",
  shape: ([x], { permutation }) => ({ shape: permutation.map((axis) => (x as Value).shape[axis] as Dim), dtype: (x as Value).dtype }),
  element: ([x], index, { attrs: { permutation } }) =>
    (x as (...i: readonly Expr[]) => Expr)(...permutation.map((_, axis) => index[permutation.indexOf(axis)] as Expr)),
  derivative: {
    kind: "linear",
    transpose: (ct, _, { attrs: { permutation } }) => [
      () =>
        transpose(
          ct,
          permutation.map((_, axis) => permutation.indexOf(axis)),
        ),
    ],
  },
};

/** Without a permutation, the last two axes swap. */
export function transpose(x: Operand, permutation?: readonly number[]): Value {
  const v = toValue("transpose", x);
  const rank = v.shape.length;
  if (!permutation && rank < 2) throw new Error(`transpose: rank must be >= 2, got ${showShape(v.shape)}`);
  const axes = v.shape.map((_, axis) => axis);
  const order = permutation
    ? permutation.map((axis) => normalAxis("transpose", axis, v.shape))
    : [...axes.slice(0, -2), rank - 1, rank - 2];
  if (order.length !== rank || axes.some((axis) => !order.includes(axis)))
    throw new Error(`transpose: order [${(permutation ?? []).join(", ")}] does not have one entry per axis of ${showShape(v.shape)}`);
  return order.every((axis, d) => axis === d) ? v : makeValue(transposeOp, [v], { permutation: order });
}

/** out[…, i, …] = x[…, n − 1 − i, …] along each of the axes. StableHLO: reverse. */
export const reverseOp: ElementOp<{ axes: readonly number[] }> = {
  name: "reverse",
  kind: "element",
  shape: ([x]) => ({ shape: (x as Value).shape, dtype: (x as Value).dtype }),
  element: ([x], index, { attrs: { axes }, shape }) =>
    (x as Read)(...index.map((i, axis) => (axes.includes(axis) ? subInt(size(subDims(shape[axis] as Dim, 1)), i) : i))),
  derivative: { kind: "linear", transpose: (ct, _, { attrs }) => [() => makeValue(reverseOp, [ct], attrs)] },
};

export function reverse(x: Operand, axes: number | readonly number[]): Value {
  const v = toValue("reverse", x);
  return makeValue(reverseOp, [v], { axes: normalAxes("reverse", axes, v.shape) });
}
