/** Windows in random graphs, of values between −1 and 1: what overlaps adds up. */
import { addDims, evaluateDim, mulDims, namesOfDim } from "../dsl/dim.ts";
import { sin } from "../dsl/ops/scalar.ts";
import { fold, windows } from "../dsl/ops/windows.ts";
import type { Dim } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";

/** The size where every name is 0. */
export const least = (d: Dim): number => evaluateDim(d, Object.fromEntries(namesOfDim(d).map((name) => [name, 0])));

/** Windows along an axis, if they fit. */
export function cut(x: Value, axis: number, n: number): Value | undefined {
  const d = x.shape[axis] as Dim;
  const [size, stride, dilation] = [1 + (n % 3), typeof d === "number" ? 1 + ((n >> 2) % 3) : 1, 1 + ((n >> 4) % 2)];
  return least(d) > (size - 1) * dilation ? windows(sin(x), [{ axis, size, stride, dilation }]) : undefined;
}

/** The axis and the next one taken for windows, that overlap or do not, and folded back to where they might have come from. */
export function folded(x: Value, axis: number, n: number): Value | undefined {
  const [count, size] = [x.shape[axis], x.shape[axis + 1]];
  if (typeof size !== "number" || size === 0 || count === undefined || least(count) < 1) return undefined;
  const stride = n % 2 === 0 ? size : 1;
  const extent = addDims(mulDims(addDims(count, -1), stride), size);
  return fold(sin(x), [...x.shape.slice(0, axis), extent, ...x.shape.slice(axis + 2)], [{ axis, size, stride }]);
}
