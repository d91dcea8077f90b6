/** Convolutions and pools: contractions and reductions of windows. Images are `[batch, height, width, channels]`, as TensorFlow has them. */
import { agree, quotient } from "../agree.ts";
import { addDims, floorDivDims, mulDims, showShape, subDims } from "../dim.ts";
import { max, sum } from "../ops/broadcast.ts";
import { dotGeneral } from "../ops/dot.ts";
import { commonDType, type Operand, toValue } from "../ops/operand.ts";
import { reshape, transpose } from "../ops/reshape.ts";
import { div } from "../ops/scalar.ts";
import { pad } from "../ops/slice.ts";
import { countOf, positive, spanOf, type Window, windows } from "../ops/windows.ts";
import type { ConvOptions, Padding, PerAxis, PoolOptions, Sides } from "../shape/conv.ts";
import type { Dim, DType, Shape } from "../types.ts";
import type { Value } from "../value.ts";
import { ones } from "./init.ts";

/** An axis of an image, on its way to windows: padded on both sides, then cut. */
interface Spatial extends Window {
  readonly padding: readonly [before: Dim, after: Dim];
}

const pairOf = (op: string, what: string, n: PerAxis): readonly [number, number] => {
  const [height, width] = typeof n === "number" ? [n, n] : n;
  return [positive(op, what, height), positive(op, what, width)];
};
function sidesOf(op: string, padding: Padding): readonly [Sides, Sides] | "same" {
  if (padding === "same") return padding;
  const sides = padding === "valid" ? 0 : padding;
  const pairs =
    typeof sides === "number"
      ? ([
          [sides, sides],
          [sides, sides],
        ] as const)
      : sides;
  const wrong = pairs.flat().find((n) => !Number.isSafeInteger(n) || n < 0);
  if (wrong !== undefined) throw new Error(`${op}: padding must be a whole number >= 0, got ${wrong}`);
  return pairs;
}

/** Nothing but options there are. */
function listed(op: string, options: object, names: readonly string[]): void {
  const unknown = Object.keys(options).filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`${op}: no option is called ${unknown.sort().join(", ")}`);
}

/** Padding so that there are ⌈d / stride⌉ windows: the odd element comes after. TensorFlow's rule. */
function sameSides(w: Window, d: Dim): Spatial["padding"] {
  const count = floorDivDims(addDims(d, w.stride - 1), w.stride, quotient);
  if (count === undefined || d === 0) return [0, 0];
  const missing = subDims(addDims(mulDims(subDims(count, 1), w.stride), spanOf(w)), d);
  if (typeof missing !== "number") throw new Error(`internal: padding of ${missing}`);
  const before = Math.floor(Math.max(missing, 0) / 2);
  return [before, Math.max(missing, 0) - before];
}

/** The padded windows of x along its height and its width: `[b, h, w, c] → [b, h′, w′, kh, kw, c]`. */
function cut(x: Value, axes: readonly Spatial[], fill: number): Value {
  const widths = x.shape.map((_, axis) => axes.find((w) => w.axis === axis)?.padding ?? ([0, 0] as const));
  const padded = widths.flat().every((n) => n === 0) ? x : pad(x, widths as readonly Sides[], fill);
  return windows(padded, axes);
}

/** Windows of these sizes, strides and dilations along height and width of x, where they fit. */
function spatial(
  op: string,
  x: Shape,
  { size, stride, dilation }: Record<"size" | "stride" | "dilation", readonly [number, number]>,
  sides: ReturnType<typeof sidesOf>,
): Spatial[] {
  return ([0, 1] as const).map((k) => {
    const w = { axis: k + 1, size: size[k], stride: stride[k], dilation: dilation[k] };
    const d = x[w.axis] as Dim;
    const padding = sides === "same" ? sameSides(w, d) : sides[k];
    countOf(op, w, x, addDims(addDims(d, padding[0]), padding[1]));
    return { ...w, padding };
  });
}

function imagesOf(op: string, x: Operand, numeric: readonly DType[]): Value {
  const images = toValue(op, x);
  if (!numeric.includes(images.dtype)) throw new Error(`${op}: not defined on ${images.dtype}; write cast(…, "f32")`);
  if (images.shape.length !== 4) throw new Error(`${op}: images are [batch, height, width, channels], got ${showShape(images.shape)}`);
  return images;
}

/**
 * `[b, h, w, c], [kh, kw, c / groups, o] → [b, h′, w′, o]`: out[b, y, x, o] = Σ over i, j, c of
 * x[b, y·stride + i·dilation, x·stride + j·dilation, c] · w[i, j, c, o], with x padded by zeros. The filter is not flipped.
 */
export function conv2d(x: Operand, w: Operand, options: ConvOptions = {}): Value {
  const images = imagesOf("conv2d", x, ["f32", "f64"]);
  const filters = toValue("conv2d", w);
  if (filters.dtype !== "f32" && filters.dtype !== "f64") throw new Error(`conv2d: not defined on ${filters.dtype}; write cast(…, "f32")`);
  commonDType("conv2d", [images, filters]);
  const [height, width, depth, outputs] = filters.shape;
  if (filters.shape.length !== 4 || depth === undefined || outputs === undefined)
    throw new Error(`conv2d: filters are [height, width, channels, outputs], got ${showShape(filters.shape)}`);
  if (typeof height !== "number" || typeof width !== "number")
    throw new Error(`conv2d: height and width of a filter are numbers, got ${showShape(filters.shape)}`);
  listed("conv2d", options, ["stride", "padding", "dilation", "groups"]);
  const [stride, dilation] = [pairOf("conv2d", "stride", options.stride ?? 1), pairOf("conv2d", "dilation", options.dilation ?? 1)];
  const groups = positive("conv2d", "groups", options.groups ?? 1);
  const sides = sidesOf("conv2d", options.padding ?? "valid");
  const channels = images.shape[3] as Dim;
  if (!agree(channels, mulDims(depth, groups)))
    throw new Error(
      `conv2d: channels differ: ${showShape(images.shape)} x ${showShape(filters.shape)}${groups > 1 ? ` in ${groups} groups` : ""} (${channels} vs ${mulDims(depth, groups)})`,
    );
  const columns = cut(images, spatial("conv2d", images.shape, { size: [height, width], stride, dilation }, sides), 0);
  if (groups === 1)
    return dotGeneral(columns, filters, {
      contract: [
        [3, 4, 5],
        [0, 1, 2],
      ],
    });
  const share = quotient(outputs, groups);
  if (share === undefined) throw new Error(`conv2d: ${groups} groups do not divide the outputs of ${showShape(filters.shape)}`);
  const out = dotGeneral(
    reshape(columns, [...columns.shape.slice(0, 5), groups, depth]),
    reshape(filters, [height, width, depth, groups, share]),
    {
      contract: [
        [3, 4, 6],
        [0, 1, 2],
      ],
      batch: [[5], [3]],
    },
  );
  return reshape(transpose(out, [1, 2, 3, 0, 4]), [...columns.shape.slice(0, 3), outputs]);
}

/** The windows that a pool reduces. A window that lies in the padding altogether would have nothing to reduce. */
function pooled(op: string, x: Value, options: PoolOptions): Spatial[] {
  listed(op, options, ["window", "stride", "padding"]);
  const { window, stride = window, padding = "valid" } = options;
  const size = pairOf(op, "window", window);
  const strides = pairOf(op, "stride", stride);
  const sides = sidesOf(op, padding);
  for (const k of [0, 1] as const)
    for (const n of sides === "same" ? [] : sides[k])
      if (n >= size[k]) throw new Error(`${op}: padding must be less than the window, got ${n} for ${size[k]}`);
  return spatial(op, x.shape, { size, stride: strides, dilation: [1, 1] }, sides);
}

/** The greatest of each window; padding is never it. */
export function maxPool2d(x: Operand, options: PoolOptions): Value {
  const images = imagesOf("maxPool2d", x, ["f32", "f64", "i32"]);
  const least = images.dtype === "i32" ? -2147483648 : Number.NEGATIVE_INFINITY;
  return max(cut(images, pooled("maxPool2d", images, options), least), [3, 4]);
}

/** The mean of each window's own elements: padding does not count, as in TensorFlow. */
export function avgPool2d(x: Operand, options: PoolOptions): Value {
  const images = imagesOf("avgPool2d", x, ["f32", "f64"]);
  const axes = pooled("avgPool2d", images, options);
  const total = sum(cut(images, axes, 0), [3, 4]);
  const whole = axes.filter((w) => w.padding.every((n) => n === 0)).reduce((n, { size }) => n * size, 1);
  return axes
    .filter((w) => w.padding.some((n) => n !== 0))
    .reduce((mean, w) => div(mean, counts(images, w)), whole === 1 ? total : div(total, whole));
}
/** How many elements of each window along an axis are not padding: `[h′, 1, 1]` along the height, `[w′, 1]` along the width. */
function counts({ shape, dtype }: Value, { axis, padding, ...w }: Spatial): Value {
  const present = pad(ones([shape[axis] as Dim], dtype), [padding as Sides]);
  const n = sum(windows(present, [{ ...w, axis: 0 }]), 1);
  return reshape(n, [n.shape[0] as Dim, ...shape.slice(axis + 1).map(() => 1)]);
}
