/** Values that nobody reads but the row that wrote them: they need room for one row, which stays in the cache. */
import { keyOf, loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Kernel, writesOf } from "../../codegen/kernel.ts";
import { readsOfKernel } from "../../codegen/memory.ts";
import type { Program } from "../../codegen/program.ts";
import { sizeOf } from "../../dsl/dim.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";

/** Of each kernel, the values that live within a row, and how many elements of each a row has. */
export function rowValues({ kernels, outputs }: Pick<Program, "kernels" | "outputs">): ReadonlyMap<Kernel, ReadonlyMap<Value, Dim>> {
  const kept = new Set(outputs.map(({ value }) => value));
  const readers = new Map<Value, Set<Kernel>>();
  for (const kernel of kernels) for (const v of readsOfKernel(kernel)) readers.set(v, (readers.get(v) ?? new Set<Kernel>()).add(kernel));
  const own = (kernel: Kernel, v: Value): boolean => !kept.has(v) && [...(readers.get(v) ?? [])].every((reader) => reader === kernel);
  return new Map(
    kernels.map((kernel) => {
      const rank = kernel.outer.length;
      const values = rank === 0 ? [] : writesOf(kernel).filter((v) => own(kernel, v) && staysInRow(kernel, v));
      return [kernel, new Map(values.map((v) => [v, sizeOf(v.shape.slice(rank))]))] as const;
    }),
  );
}

/** Does every access have the row's own indices in front? */
function staysInRow(kernel: Kernel, v: Value): boolean {
  const { outer, stages } = kernel;
  const isRow = (index: readonly Expr[]): boolean => {
    const front = index.slice(0, outer.length);
    return (
      front.length === outer.length &&
      front.every((x, axis) => (outer[axis]?.extent === 1 && keyOf(x) === "0:i32") || (x.kind === "index" && x.name === outer[axis]?.index))
    );
  };
  return stages.every((stage) => {
    const loads = expressionsOf(stage)
      .flatMap(loadsOf)
      .filter((x) => x.source === v);
    const stores = stage.kind === "store" && stage.target === v ? [stage] : [];
    return (
      loads.every((x) => isRow(x.index)) &&
      stores.every(({ index, mode, where, loops }) => isRow(index) && mode === "set" && !where && loops.length > 0)
    );
  });
}
