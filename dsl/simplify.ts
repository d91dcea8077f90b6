/**
 * Values → equal values, fewer and plainer: one law a rule, common subexpressions shared, nothing dead. Names and places stay.
 * The form it leaves is the normal form in which graphs are compared and adjoints are printed.
 */

import { topological } from "./differentiate.ts";
import { sameShape } from "./dim.ts";
import { constant, type Expr, indexVar, visitExpr } from "./expr.ts";
import type { Attr } from "./op.ts";
import { broadcastInDim, broadcastOp, sumOp } from "./ops/broadcast.ts";
import { type DotDims, dotOp } from "./ops/dot.ts";
import { constantScalarOp, scalar } from "./ops/generate.ts";
import { reshape, reshapeOp, transpose, transposeOp } from "./ops/reshape.ts";
import { add, div, less, mul, neg, selectOp, strongMul, sub } from "./ops/scalar.ts";
import type { Buffer } from "./tensor.ts";
import type { Dim } from "./types.ts";
import { aliasOp, makeValue, nameOf, nameValue, type Value, withOrigin } from "./value.ts";

type Rule = (v: Value) => Value | undefined | false;

const axesOf = (v: Value, key: string): readonly number[] => v.attrs[key] as readonly number[];
const first = (v: Value): Value => v.args[0] as Value;
const second = (v: Value): Value => v.args[1] as Value;

/** The number that every element of `v` is known to be. */
export function knownNumber(v: Value): number | undefined {
  if (v.op === constantScalarOp) return v.attrs["value"] as number;
  if (v.op === broadcastOp || v.op === reshapeOp) return knownNumber(first(v));
  return v.op.kind === "leaf" && v.buffer?.length === 1 ? v.buffer[0] : undefined;
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

const rules: readonly Rule[] = [
  // alias(x) = x
  (v) => v.op === aliasOp && first(v),
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
  (v) => v.op === mul.op && isFloat(v) && second(v).op === div.op && knownNumber(first(second(v))) === 1 && div(first(v), second(second(v))),
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
  // broadcast(x with axes of size 1 put in) is a broadcast of x
  (v) => {
    if (v.op !== broadcastOp || first(v).op !== reshapeOp) return undefined;
    const [inner, widened] = [first(first(v)), first(v)];
    const dims = axesOf(v, "dims").filter((_, d) => widened.shape[d] !== 1);
    const kept = widened.shape.filter((d) => d !== 1);
    return sameShape(inner.shape, kept) && broadcastInDim(inner, v.shape, dims);
  },
  // reshape(reshape(x)) is one reshape
  (v) => v.op === reshapeOp && first(v).op === reshapeOp && reshape(first(first(v)), v.shape),
  // reshape and transpose of a constant are the constant
  (v) => {
    if (v.op !== reshapeOp && v.op !== transposeOp) return undefined;
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
  // (a · b)ᵀ = b · a with the result's blocks in the other order
  (v) => {
    if (v.op !== transposeOp || first(v).op !== dotOp) return undefined;
    const dot = first(v);
    const { contract, batch } = dot.attrs as unknown as DotDims;
    const nBatch = batch[0].length;
    const nLeft = first(dot).shape.length - nBatch - contract[0].length;
    const axes = dot.shape.map((_, axis) => axis);
    const swapped = [...axes.slice(0, nBatch), ...axes.slice(nBatch + nLeft), ...axes.slice(nBatch, nBatch + nLeft)];
    if (!swapped.every((axis, d) => axis === axesOf(v, "permutation")[d])) return undefined;
    return makeValue(dotOp, [second(dot), first(dot)], { contract: [contract[1], contract[0]], batch: [batch[1], batch[0]] });
  },
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

/** The outputs, simplified together. Parameters stay the same nodes. */
export function simplify(outputs: readonly Value[]): Value[] {
  const ids = new Map<Value, number>();
  const shared = new Map<string, Value>();
  const idOf = (v: Value): number => ids.get(v) ?? ids.set(v, ids.size).size - 1;
  const intern = (v: Value): Value => {
    if (v.op.kind === "leaf") return v;
    const key = `${v.op.name}(${v.args.map(idOf).join()})${showAttrs(v.attrs)}${v.shape.join()}:${v.dtype}`;
    const known = shared.get(key);
    if (known) return known;
    shared.set(key, v);
    return v;
  };
  const done = new Map<Value, Value>();
  /** Applies rules until none fits; what a rule made is simplified in turn. */
  const settle = (v: Value): Value => {
    for (const rule of rules) {
      const better = rule(v);
      if (better && better !== v) return visit(better);
    }
    return intern(v);
  };
  const visit = (v: Value): Value => {
    const known = done.get(v);
    if (known) return known;
    for (const u of topological([v], done)) {
      if (done.has(u)) continue;
      const args = u.args.map((arg) => done.get(arg) as Value);
      const same = args.every((arg, i) => arg === u.args[i]);
      const rebuilt = same ? u : withOrigin(u.origin, () => makeValue(u.op, args, u.attrs));
      const out = withOrigin(u.origin, () => settleOnce(rebuilt, u));
      const name = nameOf(u);
      if (name !== undefined && out.op.kind !== "leaf") nameValue(out, name);
      done.set(u, out);
      done.set(out, out);
    }
    return done.get(v) as Value;
  };
  const settleOnce = (v: Value, original: Value): Value => {
    if (v !== original && done.has(v)) return done.get(v) as Value;
    return settle(v);
  };
  return readMasksFromResults(outputs.map(visit)).map(visit);
}

/**
 * 0 < x is 0 < y where y = max(x, 0), so that a backward pass reads the result of a relu, which is there anyway, and neither the mask nor x
 * has to be kept. (NaN: y is 0 there, and both masks are false.)
 */
function readMasksFromResults(outputs: readonly Value[]): Value[] {
  const order = topological(outputs);
  const relus = new Map(order.flatMap((v) => (isRelu(v) ? [[first(v), v] as const] : [])));
  const done = new Map<Value, Value>();
  for (const v of order) {
    const args = v.args.map((arg) => {
      const relu = relus.get(arg);
      // A reader that comes before the relu keeps the mask.
      const result = relu && relu !== v ? done.get(relu) : undefined;
      return result ? less(0, result) : (done.get(arg) as Value);
    });
    const same = args.every((arg, i) => arg === v.args[i]);
    const out = same ? v : withOrigin(v.origin, () => makeValue(v.op, args, v.attrs));
    const name = nameOf(v);
    done.set(v, name === undefined || same ? out : nameValue(out, name));
  }
  return outputs.map((v) => done.get(v) as Value);
}
/** select(0 < x, x, 0) */
function isRelu(v: Value): boolean {
  const [test, x, zero] = v.args;
  return (
    v.op === selectOp && test?.op === less.op && test.args[1] === x && knownNumber(first(test)) === 0 && knownNumber(zero as Value) === 0
  );
}

function showAttrs(attr: Attr | Readonly<Record<string, Attr>>): string {
  return Object.is(attr, -0)
    ? "-0"
    : JSON.stringify(attr, (_, x: Dim | boolean) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x));
}
