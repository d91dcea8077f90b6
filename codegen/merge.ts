/** Folds over the same indices that do not need each other become one loop with several accumulators: a row is read once for all of them. */
import { visitExpr } from "../dsl/expr.ts";
import { loadsOf } from "./inline.ts";
import { expressionsOf, type Stage } from "./kernel.ts";

type Reduce = Stage & { readonly kind: "reduce" };

export function mergeReductions(stages: readonly Stage[]): Stage[] {
  const out: Stage[] = [];
  for (const stage of stages) {
    const at =
      stage.kind === "reduce" ? out.findIndex((earlier, k) => earlier.kind === "reduce" && joins(stage, earlier, out.slice(k))) : -1;
    if (at < 0) out.push(stage);
    else out[at] = { ...(out[at] as Reduce), accumulators: [...(out[at] as Reduce).accumulators, ...(stage as Reduce).accumulators] };
  }
  return out;
}

/** Whether `later` could run in the loop of `earlier`: nothing that it reads is made there or since then. */
function joins(later: Reduce, earlier: Reduce, since: readonly Stage[]): boolean {
  const sameLoops =
    later.over.length === earlier.over.length &&
    later.over.every((loop, k) => loop.index === earlier.over[k]?.index && loop.extent === earlier.over[k]?.extent);
  if (!sameLoops) return false;
  const madeLocals = new Set(
    since.flatMap((s) => (s.kind === "let" ? [s.name] : s.kind === "reduce" ? s.accumulators.map((a) => a.name) : [])),
  );
  const madeValues = new Set(since.flatMap((s) => (s.kind === "store" ? [s.target] : [])));
  return expressionsOf(later).every((x) => {
    let free = !loadsOf(x).some((y) => madeValues.has(y.source));
    visitExpr(x, (y) => {
      if (y.kind === "local" && madeLocals.has(y.name)) free = false;
    });
    return free;
  });
}
