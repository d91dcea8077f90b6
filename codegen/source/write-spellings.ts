/** A row an op: the calls that may make a value of it, the nicest first. `write-spell.ts` keeps the first that does. */
import { subDims } from "../../dsl/dim.ts";
import type { Op } from "../../dsl/op.ts";
import { broadcastOp, maxOp, sumOp } from "../../dsl/ops/broadcast.ts";
import { type DotDims, dotOp } from "../../dsl/ops/dot.ts";
import { gatherOp, scatterAddIntoZerosOp } from "../../dsl/ops/gather.ts";
import { constantScalarOp, dimensionSizeOp, iotaOp } from "../../dsl/ops/generate.ts";
import { randomBitsOp } from "../../dsl/ops/random.ts";
import { reshapeOp, reverseOp, transposeOp } from "../../dsl/ops/reshape.ts";
import * as elementwise from "../../dsl/ops/scalar.ts";
import { concatOp, padOp, sliceOp } from "../../dsl/ops/slice.ts";
import { foldOp, windowsOf, windowsOp } from "../../dsl/ops/windows.ts";
import { knownNumber } from "../../dsl/rules.ts";
import type { Dim, Shape } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Argument, type Call, call, type Fn, options, size, sizes, text } from "./write-call.ts";
import { aligned, axesOf, keepDims, keptDims, operands, plain, reductionOf } from "./write-operands.ts";
import type { Surroundings } from "./write-spell.ts";

type Row = (v: Value, around: Surroundings) => Iterable<Call>;

export const proposals: Row = (v, around) => rows.get(v.op)?.(v, around) ?? [];

export const hasSpelling = (op: Op): boolean => rows.has(op);

const first = (v: Value): Value => v.args[0] as Value;
const second = (v: Value): Value => v.args[1] as Value;
const dtypeOf = (v: Value): Argument | undefined => (v.dtype === "f32" ? undefined : text(v.dtype));

// Elementwise

const applied = (fn: Fn): Row =>
  function* (v, around) {
    for (const args of operands(v, around)) yield call(fn, ...args);
  };
/** A number on the left of a comparison reads better on the right. */
const compared = (fn: Fn, mirrored: Fn): Row =>
  function* (v, around) {
    for (const [a, b] of operands(v, around)) yield typeof a === "number" ? call(mirrored, b, a) : call(fn, a, b);
  };
const negated: Row = function* (v, around) {
  if (first(v).op === elementwise.equal.op && around.inner(first(v)))
    for (const args of operands(first(v), around)) yield call("notEqual", ...args);
  yield call("logicalNot", first(v));
};
const selected: Row = function* (v, around) {
  yield call("relu", second(v));
  yield* applied("where")(v, around);
};
const divided: Row = function* (v, around) {
  yield* means(v, around);
  yield* applied("div")(v, around);
};
/** A mean is a sum divided by the number of its terms: size by size where they are symbolic. */
function* means(v: Value, around: Surroundings): Generator<Call> {
  let total = first(v);
  while (total.op === elementwise.div.op && around.single(total)) total = first(total);
  const kept = total.op === reshapeOp && around.single(total);
  const summed = kept ? first(total) : total;
  if (summed.op !== sumOp || !around.single(summed)) return;
  const [x, axes] = reductionOf(summed);
  yield kept ? call("mean", x, axes ?? axesOf(summed), keepDims) : call("mean", x, axes);
}
/** The upper 24 of random bits, times 2⁻²⁴. */
const multiplied: Row = function* (v, around) {
  const bits = first(v).args[0]?.args[0];
  if (bits?.op === randomBitsOp && around.single(bits)) yield call("uniform", first(bits), sizes(v.shape));
  yield* applied("mul")(v, around);
};

// Structure

const reduced =
  (fn: Fn): Row =>
  (v) => [call(fn, ...reductionOf(v))];

const broadcast: Row = function* (v, around) {
  const known = knownNumber(v);
  if (known === 0 || known === 1) yield call(known === 0 ? "zeros" : "ones", sizes(v.shape), dtypeOf(v));
  yield call("broadcastTo", aligned(first(v), v.shape, v.attrs.dims as readonly number[], around), sizes(v.shape));
};
const reshaped: Row = function* (v, around) {
  const kept = keptDims(first(v), v.shape, 0, around);
  if (kept) yield kept;
  yield call("reshape", first(v), sizes(v.shape));
};
const transposed: Row = function* (v) {
  const order = v.attrs.permutation as readonly number[];
  yield call("transpose", first(v));
  yield call("transpose", first(v), order);
};

const contracted: Row = function* (v, around) {
  const { contract, batch } = v.attrs as unknown as DotDims;
  const batches = batch[0].length;
  /** The operand with the contracted axis `fromEnd`; its batch axes as the product broadcasts them. */
  const operand = (side: 0 | 1, fromEnd: 1 | 2): Argument[] => {
    const x = v.args[side] as Value;
    const rank = x.shape.length;
    const straight = contract[side][0] === rank - fromEnd;
    const bare = batches > 0 && x.op === broadcastOp ? plain(x, around) : x;
    return straight ? [bare, x] : [call("transpose", x)];
  };
  if (contract[0].length === 1) for (const a of operand(0, 1)) for (const b of operand(1, 2)) yield call("matmul", a, b);
  yield call("dotGeneral", first(v), second(v), options({ contract, ...(batches > 0 && { batch }) }));
};

/** A position on an axis: from the end where that is a number. */
function position(at: Dim, d: Dim): Argument {
  const back = subDims(at, d);
  return typeof at === "string" && typeof back === "number" && back < 0 ? back : size(at);
}
const sliced: Row = function* (v) {
  const [start, limit] = [v.attrs.start, v.attrs.limit] as [Shape, Shape];
  const ranges = first(v).shape.map((d, axis): Argument => {
    const [from, to] = [start[axis] as Dim, limit[axis] as Dim];
    return from === 0 && to === d ? null : [position(from, d), position(to, d)];
  });
  yield call("slice", first(v), ranges.slice(0, ranges.findLastIndex((range) => range !== null) + 1));
};
const padded: Row = function* (v) {
  const [low, high, value] = [v.attrs.low as Shape, v.attrs.high as Shape, v.attrs.value as number];
  yield call(
    "pad",
    first(v),
    low.map((from, axis) => [size(from), size(high[axis] as Dim)]),
    value === 0 ? undefined : value,
  );
};

/** The windows of a call, without what need not be said. */
const windowed = (v: Value): Argument =>
  windowsOf(v.attrs as never).map(({ axis, size, stride, dilation }) =>
    options({ axis, size, ...(stride > 1 && { stride }), ...(dilation > 1 && { dilation }) }),
  );

const gathered: Row = function* (v) {
  const axis = v.attrs.axis as number;
  yield call("gather", first(v), second(v), axis === 0 ? undefined : axis);
};
const scattered: Row = function* (v) {
  const axis = v.attrs.axis as number;
  yield call("scatterAdd", call("zeros", sizes(v.shape), dtypeOf(v)), first(v), second(v), axis === 0 ? undefined : axis);
};

/** A number where only a tensor will do. */
const constant: Row = function* (v) {
  const value = v.attrs.value as number;
  if (v.dtype !== "bool") yield call("cast", value, text(v.dtype));
  yield call("tensor", [value], [], dtypeOf(v));
};
const sizeAsTensor: Row = function* (v) {
  const n = size(v.attrs.dim as Dim);
  yield call("cast", n, text(v.dtype));
  yield call("mul", n, call("tensor", [1], [], text(v.dtype)));
};

/** Functions named like their op's row: `add` of `ops/scalar.ts` is `add` of the package. */
const namesakes = Object.entries(elementwise).flatMap(([name, f]): [Op, Row][] =>
  typeof f === "function" && "op" in f ? [[f.op as Op, applied(name as Fn)]] : [],
);

const rows: ReadonlyMap<Op, Row> = new Map<Op, Row>([
  ...namesakes,
  [elementwise.less.op, compared("less", "greater")],
  [elementwise.lessEqual.op, compared("lessEqual", "greaterEqual")],
  [elementwise.logicalNot.op, negated],
  [elementwise.mul.op, multiplied],
  [elementwise.div.op, divided],
  [elementwise.selectOp, selected],
  [elementwise.convertOp, (v) => [call("cast", first(v), text(v.dtype))]],
  [elementwise.stopGradientOp, (v) => [call("stopGradient", first(v))]],
  [broadcastOp, broadcast],
  [sumOp, reduced("sum")],
  [maxOp, reduced("max")],
  [reshapeOp, reshaped],
  [transposeOp, transposed],
  [reverseOp, (v) => [call("reverse", first(v), axesOf(v).length === 1 ? axesOf(v)[0] : axesOf(v))]],
  [dotOp, contracted],
  [sliceOp, sliced],
  [padOp, padded],
  [windowsOp, (v) => [call("windows", first(v), windowed(v))]],
  [foldOp, (v) => [call("fold", first(v), sizes(v.shape), windowed(v))]],
  [concatOp, (v) => [call("concat", v.args, v.attrs.axis as number)]],
  [gatherOp, gathered],
  [scatterAddIntoZerosOp, scattered],
  [constantScalarOp, constant],
  [dimensionSizeOp, sizeAsTensor],
  [iotaOp, (v) => [call("iota", size(v.shape[0] as Dim))]],
  [randomBitsOp, (v) => [call("randomBits", first(v), sizes(v.shape))]],
]);
