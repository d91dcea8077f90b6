/**
 * Neighbouring loops over elements that lie one after the other become one: a [784, 128] array that is read and written as it lies is
 * 100352 elements. Loops of one turn go. For backends that count in vectors; an index may then run past its own axis.
 */
import { mulDims } from "../dsl/dim.ts";
import { type Expr, int, type Loop, operandsOf, rewrite } from "../dsl/expr.ts";
import type { Dim } from "../dsl/types.ts";
import { type Address, addressOf } from "./address.ts";
import type { Kernel, Stage } from "./kernel.ts";

export function collapse(kernel: Kernel): Kernel {
  let { outer, stages } = kernel;
  const all = uses(stages);
  ({ loops: outer, stages } = merged(outer, stages, all));
  stages = stages.map((stage) => {
    if (stage.kind === "let") return stage;
    const { loops, stages: own } = merged(loopsOf(stage), [stage], uses([stage]));
    const [only] = own as [Stage];
    return only.kind === "reduce" ? { ...only, over: loops } : only.kind === "store" ? { ...only, loops } : only;
  });
  return { ...kernel, outer, stages };
}

/** The loops of a stage's own. */
export const loopsOf = (stage: Stage): readonly Loop[] =>
  stage.kind === "reduce" ? stage.over : stage.kind === "store" ? stage.loops : [];

/** A stage with each of its expressions as `change` makes it. */
export function mapStage(stage: Stage, change: (x: Expr) => Expr): Stage {
  switch (stage.kind) {
    case "let":
      return { ...stage, value: change(stage.value) };
    case "reduce":
      return { ...stage, accumulators: stage.accumulators.map((a) => ({ ...a, value: change(a.value) })) };
    case "store": {
      const { where } = stage;
      return { ...stage, index: stage.index.map(change), value: change(stage.value), ...(where ? { where: change(where) } : {}) };
    }
  }
}

interface Uses {
  readonly addresses: readonly Address[];
  /** Indices that are not only a part of an address: they must stay what they are. */
  readonly fixed: ReadonlySet<string>;
}

function uses(stages: readonly Stage[]): Uses {
  const addresses: Address[] = [];
  const fixed = new Set<string>();
  const seen = new Set<Expr>();
  const visit = (x: Expr): void => {
    if (seen.has(x)) return;
    seen.add(x);
    if (x.kind === "index") fixed.add(x.name);
    else if (x.kind === "load") place(addressOf(x.source, x.index));
    else operandsOf(x).forEach(visit);
  };
  const place = (address: Address): void => {
    addresses.push(address);
    for (const { expr } of address.others) visit(expr);
  };
  for (const stage of stages) {
    if (stage.kind === "let") visit(stage.value);
    else if (stage.kind === "reduce") for (const { value } of stage.accumulators) visit(value);
    else {
      place(addressOf(stage.target, stage.index));
      visit(stage.value);
      if (stage.where) visit(stage.where);
    }
  }
  return { addresses, fixed };
}

function merged(loops: readonly Loop[], stages: readonly Stage[], { addresses, fixed }: Uses): { loops: Loop[]; stages: readonly Stage[] } {
  const out: Loop[] = [];
  const gone = new Set<string>();
  for (const loop of loops) {
    const before = out.at(-1);
    if (loop.extent === 1) gone.add(loop.index);
    else if (before && !fixed.has(before.index) && !fixed.has(loop.index) && addresses.every((a) => follows(a, before, loop))) {
      gone.add(before.index);
      out[out.length - 1] = { index: loop.index, extent: mulDims(before.extent, loop.extent) };
    } else out.push(loop);
  }
  if (gone.size === 0) return { loops: out, stages };
  const memo = new Map<Expr, Expr>();
  const change = (x: Expr): Expr => rewrite(x, (node) => (node.kind === "index" && gone.has(node.name) ? int(0) : node), memo);
  return { loops: out, stages: stages.map((stage) => mapStage(stage, change)) };
}

/** Does a turn of `slow` move as far as all turns of `fast`? */
function follows({ terms }: Address, slow: Loop, fast: Loop): boolean {
  const stride = (loop: Loop): Dim => terms.get(loop.index) ?? 0;
  return stride(slow) === mulDims(stride(fast), fast.extent);
}
