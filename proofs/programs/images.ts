/** Steps about windows: cut, folded back, convolved, pooled. */
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Builder, n, type Picker, type Step, sizesOf, some } from "./builder.ts";
import { call, list, literal, type Node, record } from "./language.ts";

const named = (fields: Readonly<Record<string, number | string>>): Node =>
  record(Object.fromEntries(Object.entries(fields).map(([key, x]) => [key, literal(x)])));

export const windows: Step = (b, pick) => {
  const fits = (v: Value): boolean => v.shape.some((d) => typeof d === "number" && d > 1);
  const x = some(b, pick, (v) => fits(v) && v.shape.length < 4);
  if (!x) return undefined;
  const axes = x.value.shape.flatMap((d, axis) => (typeof d === "number" && d > 1 ? [axis] : []));
  const window = { axis: pick.of(axes), size: 2, stride: 1 + pick.below(2) };
  return call("windows", n(x), list(named(window)));
};
/** Overlapping windows along the first two axes that could be some. */
export const fold: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.some((d, axis) => typeof d === "number" && typeof v.shape[axis + 1] === "number"));
  if (!x) return undefined;
  const { shape } = x.value;
  const axis = shape.findIndex((d, k) => typeof d === "number" && typeof shape[k + 1] === "number");
  const [count, size] = [shape[axis] as number, shape[axis + 1] as number];
  const stride = 1 + pick.below(size);
  const sizes = sizesOf(x).toSpliced(axis, 2, literal((count - 1) * stride + size));
  return call("fold", n(x), list(...sizes), list(named({ axis, size, stride })));
};
/** Something with the axes of an image: of rank 4, or of rank 3 as one image; sizes are numbers, or names. */
function image(b: Builder, pick: Picker): { node: Node; shape: readonly Dim[] } | undefined {
  const plain = (d: Dim): boolean => typeof d === "number" || /^[A-Z]$/.test(d);
  const x = some(b, pick, (v) => (v.shape.length === 4 || v.shape.length === 3) && v.shape.every(plain));
  if (!x) return undefined;
  const { shape } = x.value;
  return shape.length === 4
    ? { node: n(x), shape }
    : { node: call("reshape", n(x), list(literal(1), ...sizesOf(x))), shape: [1, ...shape] };
}
/** Padding for windows of 2: along an axis with a name there is room for one only where it is 2 at least. */
function room(b: Builder, pick: Picker, shape: readonly Dim[]): "same" | "valid" {
  const padding = pick.of(["same", "valid"] as const);
  if (padding === "valid" && shape.slice(1, 3).some((d) => typeof d === "string")) b.leastSize = 2;
  return padding;
}
export const pool: Step = (b, pick) => {
  const x = image(b, pick);
  if (!x) return undefined;
  const options = { window: 2, stride: 1 + pick.below(2), padding: room(b, pick, x.shape) };
  return call(pick.of(b.words.pools), x.node, named(options));
};
export const convolve: Step = (b, pick) => {
  const x = image(b, pick);
  const channels = x?.shape[3];
  const w = b.floats((v) => v.shape.length === 2 && (v.shape[0] === channels || (v.shape[0] === 1 && typeof channels === "number")))[0];
  if (!x || !w) return undefined;
  const [depth, outputs] = sizesOf(w) as [Node, Node];
  const filters = call("broadcastTo", n(w), list(literal(2), literal(1 + pick.below(2)), depth, outputs));
  const groups = w.value.shape[0] === channels ? 1 : (channels as number);
  const options = { stride: 1 + pick.below(2), dilation: 1, padding: room(b, pick, x.shape), groups };
  return call("conv2d", x.node, filters, named(options));
};
