/** Recognises Σ load · load: matmul, batched and transposed, whatever the axes' order. Each backend has one tuned template for it. */
import { type Expr, type Loop, visitExpr } from "../dsl/expr.ts";
import type { Kernel, Stage } from "./kernel.ts";

type Load = Expr & { readonly kind: "load" };
export interface Contraction {
  readonly left: Load;
  readonly right: Load;
  readonly over: readonly Loop[];
}

/** The contraction that an element is, if it is one. */
export function contractionOf(x: Expr): Contraction | undefined {
  if (x.kind !== "reduce" || x.combine !== "add" || x.body.kind !== "call" || x.body.fn !== "mul") return undefined;
  const [left, right] = x.body.args;
  if (left?.kind !== "load" || right?.kind !== "load") return undefined;
  const inner = new Set(x.over.map((loop) => loop.index));
  const [a, b] = [indicesOf(left), indicesOf(right)];
  const bothRead = [...inner].every((name) => a.has(name) && b.has(name));
  return bothRead && plain(left) && plain(right) ? { left, right, over: x.over } : undefined;
}

/** A contraction kernel: which outer index only the left operand reads (rows), which only the right one (columns), and the stages after it. */
export interface ContractionKernel extends Contraction {
  readonly stage: Stage & { readonly kind: "reduce" };
  readonly row: Loop | undefined;
  readonly column: Loop | undefined;
}
export function contractionKernel(kernel: Kernel): ContractionKernel | undefined {
  const reduces = kernel.stages.filter((stage) => stage.kind === "reduce");
  const [stage] = reduces;
  const [sum, another] = stage?.accumulators ?? [];
  if (!stage || !sum || another || reduces.length > 1 || kernel.stages[0] !== stage) return undefined;
  const found = contractionOf({ kind: "reduce", dtype: sum.dtype, combine: sum.combine, over: stage.over, body: sum.value });
  if (!found) return undefined;
  const [a, b] = [indicesOf(found.left), indicesOf(found.right)];
  const row = kernel.outer.findLast((loop) => a.has(loop.index) && !b.has(loop.index));
  const column = kernel.outer.findLast((loop) => b.has(loop.index) && !a.has(loop.index));
  return { ...found, stage, row, column };
}

function indicesOf(x: Expr): Set<string> {
  const names = new Set<string>();
  visitExpr(x, (node) => {
    if (node.kind === "index") names.add(node.name);
  });
  return names;
}

/** No load within an index: the places read do not depend on data. */
function plain(x: Load): boolean {
  let found = true;
  for (const index of x.index)
    visitExpr(index, (node) => {
      if (node.kind === "load") found = false;
    });
  return found;
}
