/**
 * A loop whose index is taken apart, as a reshape does it (i / n and i % n), becomes two: then every place that is read is a sum of
 * indices again, and a contraction whose operand was split into heads is a contraction. `collapse.ts` is the way back.
 */
import { addInt, type Expr, indexVar, int, type Loop, mulInt, rewrite, visitExpr } from "../dsl/expr.ts";
import { loopsOf, mapStage } from "./collapse.ts";
import { expressionsOf, type Kernel, type Stage } from "./kernel.ts";

export function split(kernel: Kernel): Kernel {
  let { outer, stages } = kernel;
  for (;;) {
    const found = taken([...outer, ...stages.flatMap(loopsOf)], stages);
    if (!found) return { ...kernel, outer, stages };
    const { loop, n } = found;
    const slow: Loop = { index: `${loop.index}h`, extent: (loop.extent as number) / n };
    const fast: Loop = { index: `${loop.index}l`, extent: n };
    const put = (loops: readonly Loop[]): readonly Loop[] =>
      loops.flatMap((one) => (one.index === loop.index && one.extent === loop.extent ? [slow, fast] : [one]));
    const memo = new Map<Expr, Expr>();
    const whole = addInt(mulInt(indexVar(slow.index), int(n)), indexVar(fast.index));
    const change = (x: Expr): Expr =>
      rewrite(
        x,
        (node) => (node.kind === "index" && node.name === loop.index ? whole : isPart(node, whole, n) ? partOf(node, slow, fast) : node),
        memo,
      );
    outer = put(outer);
    stages = stages.map((stage) => mapStage(withLoops(stage, put(loopsOf(stage))), change));
  }
}

type Call = Expr & { readonly kind: "call" };
const isPart = (x: Expr, whole: Expr, n: number): x is Call =>
  x.kind === "call" &&
  (x.fn === "divInt" || x.fn === "remInt") &&
  x.args[0] === whole &&
  x.args[1]?.kind === "const" &&
  x.args[1].value === n;
const partOf = (x: Call, slow: Loop, fast: Loop): Expr => indexVar(x.fn === "divInt" ? slow.index : fast.index);

/** A loop of known length whose index is divided by a number that divides its length: everywhere, by name, it is this loop. */
function taken(loops: readonly Loop[], stages: readonly Stage[]): { readonly loop: Loop; readonly n: number } | undefined {
  const byName = new Map<string, Loop | null>();
  for (const loop of loops) byName.set(loop.index, byName.has(loop.index) && byName.get(loop.index)?.extent !== loop.extent ? null : loop);
  let found: { loop: Loop; n: number } | undefined;
  const look = (x: Expr): void => {
    if (found || x.kind !== "call" || (x.fn !== "divInt" && x.fn !== "remInt")) return;
    const [i, by] = x.args as [Expr, Expr];
    if (i.kind !== "index" || by.kind !== "const") return;
    const loop = byName.get(i.name);
    const n = by.value;
    if (loop && typeof loop.extent === "number" && n > 1 && n < loop.extent && loop.extent % n === 0) found = { loop, n };
  };
  const seen = new Set<Expr>();
  for (const stage of stages) for (const root of expressionsOf(stage)) visitExpr(root, look, seen);
  return found;
}

const withLoops = (stage: Stage, loops: readonly Loop[]): Stage =>
  stage.kind === "reduce" ? { ...stage, over: loops } : stage.kind === "store" ? { ...stage, loops } : stage;
