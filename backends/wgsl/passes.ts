/** The passes of a row kernel, when a row is shared between invocations: where these wait for each other. */
import { mapStage } from "../../codegen/collapse.ts";
import { keyOf, loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Stage } from "../../codegen/kernel.ts";
import { type Pass, type PassOptions, passesOf } from "../../codegen/passes.ts";
import { type Expr, indexVar, rewrite } from "../../dsl/expr.ts";
import type { Value } from "../../dsl/value.ts";

export interface RowPass extends Pass {
  /** What another invocation has written to memory is read, or the other way round: first all meet. */
  readonly waits: boolean;
}

/** Passes over rows; loops of the same lengths have the same indices. */
export function rowPasses(stages: readonly Stage[], options: PassOptions): Pass[] {
  const names = new Map<string, readonly string[]>();
  return passesOf(stages, options).map((pass) => {
    if (pass.loops.length === 0) return pass;
    const lengths = pass.loops.map(({ extent }) => extent).join();
    const own = pass.loops.map(({ index }) => index);
    const common = names.get(lengths) ?? own;
    names.set(lengths, common);
    const loops = pass.loops.map((loop, k) => ({ ...loop, index: common[k] as string }));
    const memo = new Map<Expr, Expr>();
    const renamed = (x: Expr): Expr =>
      rewrite(
        x,
        (node) => (node.kind === "index" && own.includes(node.name) ? indexVar(common[own.indexOf(node.name)] as string) : node),
        memo,
      );
    return { loops, stages: pass.stages.map((stage) => renamedStage(stage, renamed, loops)) };
  });
}
function renamedStage(stage: Stage, change: (x: Expr) => Expr, loops: Pass["loops"]): Stage {
  const changed = mapStage(stage, change);
  if (changed.kind === "reduce") return { ...changed, over: loops };
  return changed.kind === "store" && changed.loops.length > 0 ? { ...changed, loops } : changed;
}

/** Where memory is read and written: what a pass does at each of its turns. */
interface Access {
  readonly value: Value;
  readonly key: string;
  readonly isStore: boolean;
}
const placeKey = (loops: Pass["loops"], index: readonly Expr[]): string =>
  `${loops.map(({ extent }) => extent).join()}: ${index.map(keyOf).join()}`;

function accessesOf({ loops, stages }: Pass): Access[] {
  return stages.flatMap((stage) => [
    ...expressionsOf(stage)
      .flatMap(loadsOf)
      .map(({ source, index }) => ({ value: source, key: placeKey(loops, index), isStore: false })),
    ...(stage.kind === "store" ? [{ value: stage.target, key: placeKey(loops, stage.index), isStore: true }] : []),
  ]);
}

/** Which passes have to wait: invocations have the same turns of all passes whose loops are as long. */
export function withWaits(passes: readonly Pass[], overlap: PassOptions["overlap"]): RowPass[] {
  let since: Access[] = [];
  return passes.map((pass) => {
    const own = accessesOf(pass);
    const waits = own.some((b) =>
      since.some(
        (a) =>
          (a.isStore || b.isStore) && (a.value === b.value || overlap(a.value, b.value)) && (a.key !== b.key || pass.loops.length === 0),
      ),
    );
    since = waits ? own : [...since, ...own];
    return { ...pass, waits };
  });
}
