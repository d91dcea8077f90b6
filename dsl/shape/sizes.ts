/** Shapes in value position: numbers, and sizes read from tensors. */
import type { Dim, Shape } from "../types.ts";
import type { DimValue } from "./dim.ts";

/**
 * The shape that `[32, dim(x, 0)]` means: `[32, "B"]`; or the message. A plain string is refused: a name means nothing without a tensor that has it.
 * `Hole` is -1 for an op in which that stands for what is left.
 */
export type Sizes<Op extends string, N, Hole = never, Out extends Shape = []> = N extends readonly [infer H, ...infer T]
  ? H extends DimValue<infer D extends Dim>
    ? Sizes<Op, T, Hole, [...Out, D]>
    : H extends number
      ? IsSize<H, Hole> extends true
        ? Sizes<Op, T, Hole, [...Out, H]>
        : `${Op}: ${H} is not a size`
      : H extends string
        ? `${Op}: "${H}" is not a size; write dim(x, axis) for a tensor x that has it`
        : `${Op}: a size is a number or dim(x, axis)`
  : N extends readonly []
    ? Out
    : Shape;

/** A whole number from 0, or the hole. */
export type IsSize<N extends number, Hole = never> = number extends N
  ? true
  : [N] extends [Hole]
    ? true
    : `${N}` extends `-${string}` | `${string}.${string}` | `${string}e-${string}`
      ? false
      : true;
