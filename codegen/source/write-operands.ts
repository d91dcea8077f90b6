/** Operands as a person writes them: functions broadcast, so most broadcasts, constants and axes of size 1 need not be said. */
import { sameShape } from "../../dsl/dim.ts";
import { broadcastOp, maxOp, sumOp } from "../../dsl/ops/broadcast.ts";
import { constantScalarOp, dimensionSizeOp } from "../../dsl/ops/generate.ts";
import { reshapeOp } from "../../dsl/ops/reshape.ts";
import { knownNumber } from "../../dsl/rules.ts";
import type { Dim, Shape } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Argument, type Call, call, options, size, sizes } from "./write-call.ts";
import type { Surroundings } from "./write-spell.ts";

const first = (v: Value): Value => v.args[0] as Value;
export const axesOf = (v: Value): readonly number[] => v.attrs.axes as readonly number[];
export const keepDims = options({ keepDims: true });

/** `v` as an operand of a function that broadcasts: without the broadcast that the function makes itself; a constant as a number. */
export function plain(v: Value, around: Surroundings): Argument {
  if (v.op === constantScalarOp || (v.op === broadcastOp && around.inner(v))) {
    const known = knownNumber(v);
    if (known !== undefined) return known;
  }
  if (v.op === dimensionSizeOp) return size(v.attrs.dim as Dim);
  if (v.op !== broadcastOp || !around.inner(v)) return v;
  const x = first(v);
  return x.op === dimensionSizeOp ? plain(x, around) : aligned(x, v.shape, v.attrs.dims as readonly number[], around);
}

/** `x` with axes of size 1 where the axes of `shape` are that it does not have, so that its trailing axes align with those of `shape`. */
export function aligned(x: Value, shape: Shape, dims: readonly number[], around: Surroundings): Argument {
  const start = dims[0] ?? shape.length;
  const wanted = shape.slice(start).map((_, axis): Dim => {
    const from = dims.indexOf(start + axis);
    return from < 0 ? 1 : (x.shape[from] as Dim);
  });
  return withAxes(x, wanted, start, around);
}

/** `x` reshaped to `shape`, which differs in axes of size 1. As many may come before it as there is room for. */
function withAxes(x: Value, shape: Shape, room: number, around: Surroundings): Argument {
  if (sameShape(x.shape, shape)) return x;
  if (x.op === reshapeOp && around.inner(x)) return withAxes(first(x), shape, room, around);
  return keptDims(x, shape, room, around) ?? call("reshape", x, sizes(shape));
}

/** The reduction `x` with its axes kept, if that has the shape. */
export function keptDims(x: Value, shape: Shape, room: number, around: Surroundings): Call | undefined {
  if ((x.op !== sumOp && x.op !== maxOp) || !around.single(x)) return undefined;
  const [from, axes] = reductionOf(x);
  const kept = from.shape.map((d, axis) => (axesOf(x).includes(axis) ? 1 : d));
  const lead = kept.length - shape.length;
  const fits = lead >= 0 && lead <= room && kept.slice(0, lead).every((d) => d === 1) && sameShape(kept.slice(lead), shape);
  return fits ? call(x.op === sumOp ? "sum" : "max", from, axes ?? axesOf(x), keepDims) : undefined;
}

/** Every way to write each operand plainly or as it is, the plainest first. */
export function* operands(v: Value, around: Surroundings): Generator<Argument[]> {
  const plainly = v.args.map((arg) => plain(arg, around));
  const choices = 2 ** v.args.length;
  for (let choice = 0; choice < choices; choice++) {
    const explicit = (i: number): boolean => (choice & (1 << (v.args.length - 1 - i))) !== 0;
    if (v.args.every((arg, i) => !explicit(i) || plainly[i] !== arg))
      yield v.args.map((arg, i) => (explicit(i) ? arg : (plainly[i] as Argument)));
  }
}

/** What is reduced, and over which axes: no list for one, nothing for all. */
export function reductionOf(v: Value): [x: Value, axes: Argument | undefined] {
  const [x, axes] = [first(v), axesOf(v)];
  return [x, axes.length === x.shape.length ? undefined : axes.length === 1 ? axes[0] : axes];
}
