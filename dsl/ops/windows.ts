/** windows ⇄ fold: each is the other's adjoint. Convolutions are contractions of windows; pools reduce them. */
import { agreeAll, quotient } from "../agree.ts";
import { addDims, floorDivDims, mulDims, showShape, subDims } from "../dim.ts";
import {
  addInt,
  both,
  call,
  constant,
  divInt,
  type Expr,
  int,
  lessInt,
  mulInt,
  type Read,
  reduce,
  remInt,
  select,
  size as sizeExpr,
  subInt,
} from "../expr.ts";
import type { ElementOp } from "../op.ts";
import type { WindowOptions } from "../shape/windows.ts";
import type { Dim, Shape } from "../types.ts";
import { makeValue, type Value } from "../value.ts";
import { normalAxis, type Operand, toValue } from "./operand.ts";

/** Windows along an axis: each of `size` elements that lie `dilation` apart; the next one starts `stride` elements later. */
export interface Window {
  readonly axis: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
}
/** A list of windows by its columns, since attributes hold no records. */
export type Windows = { readonly [Column in "axes" | "sizes" | "strides" | "dilations"]: readonly number[] };

export const windowsOf = ({ axes, sizes, strides, dilations }: Windows): Window[] =>
  axes.map((axis, k) => ({ axis, size: sizes[k] as number, stride: strides[k] as number, dilation: dilations[k] as number }));
/** Window axes stand behind the last axis that has windows. */
const behind = ({ axes }: Windows): number => Math.max(-1, ...axes) + 1;

/** From the first element of a window to its last. */
export const spanOf = ({ size, dilation }: Omit<Window, "axis" | "stride">): number => (size - 1) * dilation + 1;

/** How many windows there are along an axis of x, which padding may have grown to `d`: ⌊(d − span) / stride⌋ + 1. */
export function countOf(op: string, w: Window, x: Shape, d: Dim = x[w.axis] as Dim): Dim {
  const rest = subDims(d, spanOf(w));
  if (typeof rest === "number" && rest < 0) throw new Error(tooLarge(op, w, x, d));
  const steps = floorDivDims(rest, w.stride, quotient);
  if (steps === undefined)
    throw new Error(
      `${op}: with stride ${w.stride}, axis ${w.axis} of ${showShape(x)} must be a number or a multiple of ${w.stride}, got ${x[w.axis]}`,
    );
  return addDims(steps, 1);
}
const tooLarge = (op: string, w: Window, x: Shape, d: Dim): string =>
  `${op}: window is larger than axis ${w.axis} of ${showShape(x)}${d === x[w.axis] ? "" : " with its padding"} (${spanOf(w)} vs ${d})`;

/** x's shape, the axes with windows replaced by how many there are, and the window axes. */
function windowed(op: string, x: Shape, attrs: Windows): Dim[] {
  const counts = new Map(windowsOf(attrs).map((w) => [w.axis, countOf(op, w, x)]));
  return x.map((d, axis) => counts.get(axis) ?? d).toSpliced(behind(attrs), 0, ...attrs.sizes);
}
const fits = (op: string, x: Shape, attrs: Windows): { dim: Dim; otherwise: string }[] =>
  windowsOf(attrs).flatMap((w) => {
    const d = x[w.axis] as Dim;
    return typeof d === "string" ? [{ dim: subDims(d, spanOf(w)), otherwise: tooLarge(op, w, x, d) }] : [];
  });

/**
 * `[b, h, w, c] → [b, h′, w′, kh, kw, c]`: out[b, y, x, i, j, c] = x[b, y·stride + i·dilation, x·stride + j·dilation, c], here with windows
 * along axes 1 and 2. One affine load, so that a contraction of it reads x itself.
 */
export const windowsOp: ElementOp<Windows> = {
  name: "windows",
  kind: "element",
  shape: ([x], attrs) => ({ shape: windowed("windows", (x as Value).shape, attrs), dtype: (x as Value).dtype }),
  requires: ([x], attrs) => fits("windows", (x as Value).shape, attrs),
  element: ([x], index, { attrs }) => {
    const first = behind(attrs);
    const at = index.toSpliced(first, attrs.axes.length);
    for (const [k, { axis, stride, dilation }] of windowsOf(attrs).entries())
      at[axis] = addInt(mulInt(index[axis] as Expr, int(stride)), mulInt(index[first + k] as Expr, int(dilation)));
    return (x as Read)(...at);
  },
  derivative: {
    kind: "linear",
    transpose: (ct, [x], { attrs }) => [() => makeValue(foldOp, [ct], { ...attrs, shape: (x as Value).shape })],
  },
};

/** `[b, h′, w′, kh, kw, c] → [b, h, w, c]`: each element is the sum of those that `windows` makes of it. Also known as col2im. */
export const foldOp: ElementOp<Windows & { readonly shape: Shape }> = {
  name: "fold",
  kind: "element",
  shape: ([y], attrs) => {
    const { shape, dtype } = y as Value;
    if (dtype === "bool") throw new Error(`fold: not defined on bool; write cast(…, "f32")`);
    const expected = windowed("fold", attrs.shape, attrs);
    if (!agreeAll(shape, expected))
      throw new Error(`fold: windows of ${showShape(attrs.shape)} are ${showShape(expected)}, got ${showShape(shape)}`);
    return { shape: attrs.shape, dtype };
  },
  requires: (_, attrs) => fits("fold", attrs.shape, attrs),
  element: ([y], index, { args, attrs, dtype }) => {
    const all = windowsOf(attrs).map((w) =>
      visits(w, index[w.axis] as Expr, attrs.shape[w.axis] as Dim, (args[0] as Value).shape[w.axis] as Dim),
    );
    // What is visited once is not summed over: where no windows overlap, no sum is left.
    const summed = all.filter(({ times }) => times > 1);
    return reduce(
      "add",
      summed.map(({ times }) => times),
      (m) => {
        const found = all.map((visit) => visit.at(m[summed.indexOf(visit)] ?? int(0)));
        const at = [...index];
        for (const [k, { window }] of found.entries()) at[attrs.axes[k] as number] = window;
        const inside = found.flatMap(({ guards }) => guards).reduce(both, constant(1, "bool"));
        return select(inside, (y as Read)(...at.toSpliced(behind(attrs), 0, ...found.map(({ place }) => place))), constant(0, dtype));
      },
    );
  },
  derivative: {
    kind: "linear",
    transpose: (ct, _, { attrs: { shape: _shape, ...attrs } }) => [() => makeValue(windowsOp, [ct], attrs)],
  },
};

/** The windows along an axis that contain its element i. */
interface Visits {
  readonly times: number;
  /** The m-th of them: which window, at which place of it the element is, and when there is one. */
  at(m: Expr): { readonly window: Expr; readonly place: Expr; readonly guards: readonly Expr[] };
}
/**
 * The solutions of window · stride + place · dilation = i, by phases and not by trying every place. Divided by g = gcd(stride, dilation), which
 * must divide i: window · s + place · d = i′ with s and d coprime. So place ≡ i′ · d⁻¹ (mod s): place = phase + m · s for m = 0, 1, …, and
 * window = (i′ − phase · d) / s − m · d.
 */
function visits({ size, stride, dilation }: Window, i: Expr, extent: Dim, count: Dim): Visits {
  const g = gcd(stride, dilation);
  const [s, d] = [stride / g, dilation / g];
  const times = Math.ceil(size / s);
  const shared = divInt(i, int(g));
  const phase = remInt(mulInt(remInt(shared, int(s)), int(inverse(d, s))), int(s));
  const last = divInt(subInt(shared, s === 1 || d === 1 ? int(0) : mulInt(phase, int(d))), int(s));
  const beyond = subDims(extent, mulDims(count, stride));
  return {
    times,
    at: (m) => {
      const place = addInt(phase, mulInt(m, int(s)));
      const window = subInt(last, mulInt(m, int(d)));
      const guards = [
        ...(g > 1 ? [call("equal", [remInt(i, int(g)), int(0)], "bool")] : []),
        ...(times * s > size ? [lessInt(place, int(size))] : []),
        ...(times > 1 || (s > 1 && d > 1) ? [call("lessEqual", [int(0), window], "bool")] : []),
        ...(typeof beyond === "number" && beyond <= 0 ? [] : [lessInt(window, sizeExpr(count))]),
      ];
      return { window, place, guards };
    },
  };
}
const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
/** The x in 0 … n − 1 with a · x ≡ 1 (mod n), for a and n coprime. */
const inverse = (a: number, n: number): number => {
  let x = 0;
  while (n > 1 && (a * x) % n !== 1) x++;
  return x;
};

function columns(op: string, x: Shape, list: readonly WindowOptions[]): Windows {
  const axes = list.map(({ axis }) => normalAxis(op, axis, x));
  const twice = axes.find((axis, k) => axes.indexOf(axis) !== k);
  if (twice !== undefined) throw new Error(`${op}: axis ${twice} given twice`);
  for (const w of list) for (const name of ["size", "stride", "dilation"] as const) positive(op, name, w[name] ?? 1);
  const column = (name: "size" | "stride" | "dilation"): number[] => list.map((w) => w[name] ?? 1);
  return { axes, sizes: column("size"), strides: column("stride"), dilations: column("dilation") };
}
/** A whole number from 1. */
export function positive(op: string, what: string, n: number): number {
  if (!Number.isSafeInteger(n) || n < 1) throw new Error(`${op}: ${what} must be a whole number >= 1, got ${n}`);
  return n;
}

/** The windows of x along some axes; their own axes stand behind the last of these. */
export function windows(x: Operand, list: readonly WindowOptions[]): Value {
  const v = toValue("windows", x);
  return makeValue(windowsOp, [v], columns("windows", v.shape, list));
}

/** A tensor of this shape, each element the sum of those of `y` that `windows` would make of it. */
export function fold(y: Operand, shape: Shape, list: readonly WindowOptions[]): Value {
  const v = toValue("fold", y);
  return makeValue(foldOp, [v], { ...columns("fold", shape, list), shape });
}
