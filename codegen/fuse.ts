/**
 * Values → kernels. First: which values are stored (all others are inlined where they are read). Then: which stored values are computed in one
 * kernel, because one reads the other at the same row. Then: which of those need no memory after all, being row locals.
 *
 * Inlining never changes the complexity: a value is not inlined where it would be computed more often than it has elements, unless it is free.
 */
import { topological } from "../dsl/differentiate.ts";
import type { Value } from "../dsl/value.ts";
import { dropCheapRows, group, type Part, partOf, readsOf, regroup } from "./group.ts";
import { inliner } from "./inline.ts";
import type { Kernel } from "./kernel.ts";
import { kernelOf } from "./stages.ts";
import { chooseStored, isGiven } from "./store.ts";

export interface FuseOptions {
  /** One kernel per value: what fusion is measured against. */
  readonly fuse?: boolean;
}

export function fuse(outputs: readonly Value[], options: FuseOptions = {}): Kernel[] {
  const order = topological(outputs).filter((v) => v.op.kind !== "leaf");
  const stored = options.fuse === false ? new Set(order) : chooseStored(outputs, order);
  const isStored = (v: Value): boolean => isGiven(v) || stored.has(v);
  const partsOf = (): Part[] => {
    const element = inliner(isStored);
    return order.filter((v) => stored.has(v)).map((v) => partOf(v, element));
  };
  let groups = group(partsOf(), options.fuse !== false);
  if (options.fuse !== false && dropCheapRows(groups, stored, outputs)) groups = regroup(groups, partsOf());
  const needed = new Set(outputs);
  for (const g of groups)
    for (const part of g.parts) for (const read of readsOf(part)) if (!g.parts.some((p) => p.value === read)) needed.add(read);
  return groups.map((g) => kernelOf(g, needed));
}
