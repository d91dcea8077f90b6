/** A contraction kernel as products of matrices: which loops are rows, columns and depth, and which go around. What a backend's tiles want to know. */

import type { Expr, Loop } from "../dsl/expr.ts";
import { type Address, addressOf } from "./address.ts";
import { contractionOf } from "./contraction.ts";
import type { Kernel, Stage } from "./kernel.ts";

type Load = Expr & { readonly kind: "load" };

/** sum[around…, row, column] = Σ over `over` of left[around…, row, over…] · right[around…, over…, column]: every address a sum of strides. */
export interface MatrixProduct {
  readonly sum: string;
  readonly left: Load;
  readonly right: Load;
  /** Loops around the matrices: of both operands, or rows and columns that are not next to the others. */
  readonly around: readonly Loop[];
  readonly row: Loop;
  readonly column: Loop;
  readonly over: readonly Loop[];
  /** What becomes of a sum. */
  readonly rest: readonly Stage[];
}

/** A kernel as matrix products, if it is that; it has been collapsed. */
export function matrixProductOf({ outer, stages }: Kernel): MatrixProduct | undefined {
  const [stage, ...rest] = stages;
  if (stage?.kind !== "reduce" || stage.accumulators.length !== 1 || stage.over.length === 0) return undefined;
  if (rest.some((s) => s.kind === "reduce" || (s.kind === "store" && (s.loops.length > 0 || s.mode === "add" || s.where))))
    return undefined;
  const [{ name, dtype, combine, value }] = stage.accumulators as [(typeof stage.accumulators)[number]];
  const found = contractionOf({ kind: "reduce", dtype, combine, over: stage.over, body: value });
  const column = outer.at(-1);
  if (!found || !column || dtype !== "f32") return undefined;
  const operands = [found.left, found.right].map((load): Operand => ({ load, address: addressOf(load.source, load.index) }));
  if (operands.some(({ address }) => address.others.length > 0)) return undefined;
  const [right, left] = operands.sort((a, b) => Number(has(b, column)) - Number(has(a, column))) as [Operand, Operand];
  if (!has(right, column) || has(left, column)) return undefined;
  const row = outer.findLast((loop) => has(left, loop) && !has(right, loop));
  if (!row) return undefined;
  const around = outer.filter((loop) => loop !== row && loop !== column);
  return { sum: name, left: left.load, right: right.load, around, row, column, over: stage.over, rest };
}

interface Operand {
  readonly load: Load;
  readonly address: Address;
}
const has = ({ address }: Operand, loop: Loop): boolean => address.terms.has(loop.index);
