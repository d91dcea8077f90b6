/**
 * Scatter-adds for many invocations: each has places of its own, which it takes from all updates, so every place gets its updates in their
 * order. An axis that updates and target share is a grid; of the others' places each owner has every so many.
 */
import type { Kernel, Stage } from "../../codegen/kernel.ts";
import { addInt, both, call, type Expr, indexVar, int, type Loop, mulInt, remInt, size } from "../../dsl/expr.ts";
import { countOf, nominal } from "./loops.ts";

type Store = Stage & { readonly kind: "store" };

/** So many invocations look through the updates. */
const ENOUGH = 8192;
const MOST_OWNERS = 1024;

/** A kernel that sets all of a value and then adds to it, as kernels whose outer indices are independent; undefined for any other. */
export function scattersOf(kernel: Kernel): readonly [setting: Kernel, adding: Kernel] | undefined {
  const [set, add, ...others] = kernel.stages;
  if (kernel.outer.length > 0 || others.length > 0 || !isStore(set) || !isStore(add) || set.mode !== "set" || add.mode !== "add")
    return undefined;
  if (set.target !== add.target || set.where) return undefined;
  const { target } = add;
  const shared = add.loops.filter((loop) => target.shape[axisOf(add, loop)] === loop.extent);
  const rest = target.shape.map((_, axis) => axis).filter((axis) => !shared.some((loop) => axisOf(add, loop) === axis));
  const place = rest.reduce<Expr>((sum, axis) => addInt(mulInt(sum, size(target.shape[axis] as number)), add.index[axis] as Expr), int(0));
  const owners = Math.min(MOST_OWNERS, 2 ** Math.ceil(Math.log2(Math.max(1, ENOUGH / nominal(countOf(shared))))));
  const owner: Loop = { index: "owner", extent: owners };
  const isOwn = call("equal", [remInt(place, int(owners)), indexVar(owner.index)], "bool");
  const adding: Store = {
    ...add,
    loops: add.loops.filter((loop) => !shared.includes(loop)),
    where: add.where ? both(add.where, isOwn) : isOwn,
  };
  return [
    { ...kernel, outer: set.loops, stages: [{ ...set, loops: [] }] },
    { ...kernel, outer: [owner, ...shared], stages: [adding] },
  ];
}

const isStore = (stage: Stage | undefined): stage is Store => stage?.kind === "store";
/** The axis of the target along which a loop of the updates goes, by itself. */
const axisOf = ({ index }: Store, loop: Loop): number => index.findIndex((x) => x.kind === "index" && x.name === loop.index);
