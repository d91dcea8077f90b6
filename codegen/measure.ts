/** What a kernel does, counted: floating-point operations, and bytes of the values that it reads and writes. */
import { addDims, mulDims, sizeOf } from "../dsl/dim.ts";
import { type Expr, type Loop, operandsOf } from "../dsl/expr.ts";
import type { Dim } from "../dsl/types.ts";
import { expressionsOf, type Kernel, writesOf } from "./kernel.ts";
import { bytesOf, readsOfKernel } from "./memory.ts";

/** Every core function on floats counts as one; a reduction adds one for each fold. */
export function flopsOf(kernel: Kernel): Dim {
  const outer = extent(kernel.outer);
  return kernel.stages.reduce<Dim>((total, stage) => {
    const loops = stage.kind === "reduce" ? stage.over : stage.kind === "store" ? stage.loops : [];
    const folds = stage.kind === "reduce" ? stage.accumulators.length : 0;
    const each = expressionsOf(stage).reduce((n, x) => n + floatCalls(x), folds);
    return addDims(total, mulDims(mulDims(outer, extent(loops)), each));
  }, 0);
}
const extent = (loops: readonly Loop[]): Dim => loops.reduce<Dim>((n, loop) => mulDims(n, loop.extent), 1);

function floatCalls(root: Expr): number {
  const seen = new Set<Expr>();
  const count = (x: Expr): number => {
    if (seen.has(x)) return 0;
    seen.add(x);
    const own = x.kind === "call" && (x.dtype === "f32" || x.dtype === "f64") && x.fn !== "toFloat" ? 1 : 0;
    return operandsOf(x).reduce((n, y) => n + count(y), own);
  };
  return count(root);
}

/** Each value counts once, however often it is read. */
export const trafficOf = (kernel: Kernel): Dim =>
  [...new Set([...readsOfKernel(kernel), ...writesOf(kernel)])].reduce<Dim>(
    (sum, v) => addDims(sum, mulDims(sizeOf(v.shape), bytesOf(v.dtype))),
    0,
  );
