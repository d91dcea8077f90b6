/** The laws by which values are simplified: one a rule, the law above it. A rule gives the plainer value, or nothing. */
import { sameShape } from "./dim.ts";
import { constant, type Expr, indexVar, visitExpr } from "./expr.ts";
import { broadcastInDim, broadcastOp, sumOp } from "./ops/broadcast.ts";
import { type DotDims, dotOp } from "./ops/dot.ts";
import { constantScalarOp, dimensionSizeOp, scalar } from "./ops/generate.ts";
import { reshape, reshapeOp, reverseOp, transpose, transposeOp } from "./ops/reshape.ts";
import { add, div, mul, neg, selectOp, strongMul, sub } from "./ops/scalar.ts";
import { padOp, sliceOp } from "./ops/slice.ts";
import { foldOp, windowsOp } from "./ops/windows.ts";
import { convolveCotangent, trimPadding } from "./rules-windows.ts";
import type { Buffer } from "./storage.ts";
import type { Dim } from "./types.ts";
import { aliasOp, makeValue, type Value } from "./value.ts";

type Rule = (v: Value) => Value | undefined | false;

const axesOf = (v: Value, key: string): readonly number[] => v.attrs[key] as readonly number[];
const first = (v: Value): Value => v.args[0] as Value;
const second = (v: Value): Value => v.args[1] as Value;

/** The number that every element of `v` is known to be; of none, 0. */
export function knownNumber(v: Value): number | undefined {
  if (v.op === constantScalarOp) return v.attrs.value as number;
  if (v.op === broadcastOp || v.op === reshapeOp) return knownNumber(first(v));
  return v.op.kind === "leaf" && v.buffer && v.buffer.length <= 1 ? (v.buffer[0] ?? 0) : undefined;
}
const filled = (value: number, like: Pick<Value, "shape" | "dtype">): Value => {
  const x = scalar(value, like.dtype);
  return like.shape.length === 0 ? x : broadcastInDim(x, like.shape, []);
};

/** Element i of the result depends on elements i of the arguments, and on nothing else. */
function isElementwise(v: Value): boolean {
  if (v.op.kind !== "element") return false;
  const index = v.shape.map((_, axis) => indexVar(`i${axis}`));
  let own = true;
  const reads = v.args.map((arg) => (...at: readonly Expr[]) => {
    own &&= at.length === index.length && at.every((i, axis) => i === index[axis]);
    return constant(1, arg.dtype);
  });
  visitExpr(v.op.element(reads, index, v), (x) => {
    own &&= x.kind !== "index";
  });
  return own;
}
const isFloat = (v: Value): boolean => v.dtype === "f32" || v.dtype === "f64";

const isSize = (v: Value): boolean => v.op === dimensionSizeOp || (v.op === broadcastOp && isSize(first(v)));

/** Read from top to bottom; the first that changes something is taken. */
export const rules: readonly Rule[] = [
  // alias(x) = x
  (v) => v.op === aliasOp && first(v),
  // a tensor of rank 0 that is known is a number
  (v) => v.op.kind === "leaf" && v.concrete && v.shape.length === 0 && scalar((v.buffer as Buffer)[0] as number, v.dtype),
  // an array of one number, over and over, is that number, broadcast
  (v) => {
    if (v.op.kind !== "leaf" || !v.concrete) return undefined;
    const buffer = v.buffer as Buffer;
    const [number] = buffer;
    return number !== undefined && buffer.length > 1 && buffer.every((x) => Object.is(x, number)) && filled(number, v);
  },
  // f(constants) = constant
  (v) => {
    if (v.args.length === 0 || v.op.derivative.kind === "linear" || !v.args.every((arg) => sameShape(arg.shape, v.shape))) return undefined;
    const numbers = v.args.map(knownNumber);
    if (numbers.some((n) => n === undefined) || !isElementwise(v)) return undefined;
    const folded = makeValue(
      v.op,
      numbers.map((n, i) => scalar(n as number, (v.args[i] as Value).dtype)),
      v.attrs,
    );
    return filled(folded.buffer?.[0] as number, v);
  },
  // f(broadcast x, broadcast y) = broadcast f(x, y)
  (v) => {
    const { kind } = v.op.derivative;
    if (v.args.length === 0 || (kind !== "scalar" && kind !== "zero") || !v.args.every((arg) => sameShape(arg.shape, v.shape)))
      return undefined;
    const model = v.args.find((arg) => arg.op === broadcastOp && knownNumber(arg) === undefined);
    if (!model || !isElementwise(v)) return undefined;
    const dims = axesOf(model, "dims");
    const from = first(model).shape;
    const args = v.args.map((arg) => {
      const known = knownNumber(arg);
      if (known !== undefined) return filled(known, { shape: from, dtype: arg.dtype });
      return arg.op === broadcastOp && sameShape(first(arg).shape, from) && String(axesOf(arg, "dims")) === String(dims)
        ? first(arg)
        : undefined;
    });
    return args.every((arg) => arg !== undefined) ? broadcastInDim(makeValue(v.op, args, v.attrs), v.shape, dims) : undefined;
  },
  // x + 0 = x, 0 + x = x
  (v) => v.op === add.op && (knownNumber(second(v)) === 0 ? first(v) : knownNumber(first(v)) === 0 && second(v)),
  // x − 0 = x, 0 − x = −x
  (v) => v.op === sub.op && (knownNumber(second(v)) === 0 ? first(v) : knownNumber(first(v)) === 0 && neg(second(v))),
  // x · 1 = x, 1 · x = x
  (v) => v.op === mul.op && (knownNumber(second(v)) === 1 ? first(v) : knownNumber(first(v)) === 1 && second(v)),
  // strongMul(x, n) = strongMul(n, x) = x · n for a finite n that is not 0
  (v) => {
    if (v.op !== strongMul.op) return undefined;
    const [a, b] = [knownNumber(first(v)), knownNumber(second(v))];
    return (a !== undefined && a !== 0) || (b !== undefined && Number.isFinite(b) && b !== 0) ? mul(first(v), second(v)) : undefined;
  },
  // strongMul(x, 1 / n) = x / n for a size n
  (v) => {
    const slope = v.op === strongMul.op ? second(v) : undefined;
    return slope?.op === div.op && knownNumber(first(slope)) === 1 && isSize(second(slope)) && div(first(v), second(slope));
  },
  // x · −1 = −x
  (v) => v.op === mul.op && (knownNumber(second(v)) === -1 ? neg(first(v)) : knownNumber(first(v)) === -1 && neg(second(v))),
  // x / 1 = x
  (v) => v.op === div.op && knownNumber(second(v)) === 1 && first(v),
  // −(−x) = x
  (v) => v.op === neg.op && first(v).op === neg.op && first(first(v)),
  // x + −y = x − y
  (v) => v.op === add.op && second(v).op === neg.op && sub(first(v), first(second(v))),
  // x − −y = x + y
  (v) => v.op === sub.op && second(v).op === neg.op && add(first(v), first(second(v))),
  // x · (1 / y) = x / y, on floats
  (v) =>
    v.op === mul.op && isFloat(v) && second(v).op === div.op && knownNumber(first(second(v))) === 1 && div(first(v), second(second(v))),
  // select(true, a, b) = a, select(false, a, b) = b, select(c, a, a) = a
  (v) => {
    if (v.op !== selectOp) return undefined;
    const test = knownNumber(first(v));
    const [, a, b] = v.args as [Value, Value, Value];
    return a === b ? a : test === undefined ? undefined : test ? a : b;
  },
  // Σ over no axis, or of a sum, is one sum
  (v) => {
    if (v.op !== sumOp || first(v).op !== sumOp) return undefined;
    const inner = first(v);
    const kept = first(inner)
      .shape.map((_, axis) => axis)
      .filter((axis) => !axesOf(inner, "axes").includes(axis));
    const axes = [...axesOf(inner, "axes"), ...axesOf(v, "axes").map((axis) => kept[axis] as number)].sort((a, b) => a - b);
    return makeValue(sumOp, [first(inner)], { axes });
  },
  // broadcast to the same shape is nothing
  (v) => v.op === broadcastOp && axesOf(v, "dims").every((to, d) => to === d) && sameShape(first(v).shape, v.shape) && first(v),
  // broadcast(broadcast(x)) is one broadcast
  (v) =>
    v.op === broadcastOp &&
    first(v).op === broadcastOp &&
    broadcastInDim(
      first(first(v)),
      v.shape,
      axesOf(first(v), "dims").map((d) => axesOf(v, "dims")[d] as number),
    ),
  // broadcast of a constant is broadcast of its number
  (v) => {
    const known = v.op === broadcastOp && first(v).shape.length > 0 ? knownNumber(first(v)) : undefined;
    return known !== undefined && filled(known, v);
  },
  // a broadcast that repeats nothing is a reshape
  (v) => {
    const real = (x: Value): Dim[] => x.shape.filter((d) => d !== 1);
    return v.op === broadcastOp && knownNumber(v) === undefined && sameShape(real(v), real(first(v))) && reshape(first(v), v.shape);
  },
  // broadcast(x with other axes of size 1) is a broadcast of x, if that aligns with the result's last axes; else of x without them
  (v) => {
    if (v.op !== broadcastOp) return undefined;
    const operand = first(v);
    const x = operand.op === reshapeOp ? first(operand) : operand;
    const kept = operand.shape.flatMap((d, axis) => (d === 1 ? [] : [axis]));
    if (x === operand && kept.length === operand.shape.length) return undefined;
    const shape = kept.map((axis) => operand.shape[axis] as Dim);
    const dims = kept.map((axis) => axesOf(v, "dims")[axis] as number);
    if (sameShape(x.shape, shape)) return broadcastInDim(x, v.shape, dims);
    const last = x.shape.map((_, axis) => axis + v.shape.length - x.shape.length);
    const real = last.filter((_, axis) => x.shape[axis] !== 1);
    const aligns =
      last.every((axis) => axis >= 0) &&
      String(real) === String(dims) &&
      sameShape(
        x.shape.filter((d) => d !== 1),
        shape,
      );
    if (!aligns) return kept.length < operand.shape.length && broadcastInDim(reshape(x, shape), v.shape, dims);
    return (x !== operand || String(last) !== String(axesOf(v, "dims"))) && broadcastInDim(x, v.shape, last);
  },
  // a slice of everything is x; so is x padded by nothing
  (v) => (v.op === sliceOp || v.op === padOp) && sameShape(v.shape, first(v).shape) && first(v),
  // reshape(reshape(x)) is one reshape
  (v) => v.op === reshapeOp && first(v).op === reshapeOp && reshape(first(first(v)), v.shape),
  // a constant's elements under other indices are the constant
  (v) => {
    if (v.op !== reshapeOp && v.op !== transposeOp && v.op !== reverseOp && v.op !== windowsOp) return undefined;
    const known = first(v).shape.length > 0 ? knownNumber(first(v)) : undefined;
    return known === undefined ? undefined : filled(known, v);
  },
  // transpose(transpose(x)) is one transpose
  (v) =>
    v.op === transposeOp &&
    first(v).op === transposeOp &&
    transpose(
      first(first(v)),
      axesOf(v, "permutation").map((axis) => axesOf(first(v), "permutation")[axis] as number),
    ),
  // windows of single elements, one for each, are a reshape; so is what is folded from them
  (v) =>
    (v.op === windowsOp || v.op === foldOp) &&
    [...axesOf(v, "sizes"), ...axesOf(v, "strides")].every((n) => n === 1) &&
    reshape(first(v), v.shape),
  // reverse along axes of single elements is nothing
  (v) => v.op === reverseOp && axesOf(v, "axes").every((axis) => v.shape[axis] === 1) && first(v),
  // reverse(reverse(x)) = x
  (v) =>
    v.op === reverseOp && first(v).op === reverseOp && String(axesOf(v, "axes")) === String(axesOf(first(v), "axes")) && first(first(v)),
  // fold(a · b) = windows(pad a) · reverse(b), for the windows of a convolution with stride 1
  convolveCotangent,
  // a part of windows(pad a) · reverse(b) needs less padding
  trimPadding,
  // aᵀ · b contracts another axis of a
  (v) => absorbTranspose(v, 0) ?? absorbTranspose(v, 1),
];

/** A transposed operand of a contraction, if its free axes keep their order, is the operand under other axis numbers. */
function absorbTranspose(v: Value, side: 0 | 1): Value | undefined {
  if (v.op !== dotOp || v.args[side]?.op !== transposeOp) return undefined;
  const operand = v.args[side] as Value;
  const permutation = axesOf(operand, "permutation");
  const { contract, batch } = v.attrs as unknown as DotDims;
  const free = permutation.filter((_, axis) => !contract[side].includes(axis) && !batch[side].includes(axis));
  if (free.some((axis, k) => k > 0 && axis < (free[k - 1] as number))) return undefined;
  const renumber = (pair: readonly [readonly number[], readonly number[]]): [readonly number[], readonly number[]] => {
    const mine = pair[side].map((axis) => permutation[axis] as number);
    return side === 0 ? [mine, pair[1]] : [pair[0], mine];
  };
  const args = side === 0 ? [first(operand), second(v)] : [first(v), first(operand)];
  return makeValue(dotOp, args, { contract: renumber(contract), batch: renumber(batch) });
}
