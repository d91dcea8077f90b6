/** What fusion may cost: it computes a cheap thing again, never a reduction, and never so often that the complexity changes. */
import { test } from "@fast-check/vitest";
import { expect } from "vitest";
import { evaluateDim } from "../dsl/dim.ts";
import { type Expr, type Loop, operandsOf } from "../dsl/expr.ts";
import { runs } from "../proofs/runs.ts";
import type { Graph } from "./graph.ts";
import { expressionsOf, type Kernel, type Stage } from "./kernel.ts";
import { compile } from "./pipeline.ts";
import { sample } from "./random-graph.test-source.ts";

type Sizes = Readonly<Record<string, number>>;
const loopsOf = (stage: Stage): readonly Loop[] => (stage.kind === "reduce" ? stage.over : stage.kind === "store" ? stage.loops : []);
const times = (loops: readonly Loop[], sizes: Sizes): number => loops.reduce((n, loop) => n * evaluateDim(loop.extent, sizes), 1);

/** Operations of an expression, each once; where an element lies is not counted. */
function operations(x: Expr, seen: Set<Expr> = new Set()): number {
  if (seen.has(x) || x.kind === "load") return 0;
  seen.add(x);
  return operandsOf(x).reduce((n, y) => n + operations(y, seen), x.kind === "call" || x.kind === "select" ? 1 : 0);
}

function count(graph: Graph, fuse: boolean, sizes: Sizes): { kernels: number; folds: number; work: number } {
  const { kernels } = compile(graph, { fuse });
  const sum = (f: (stage: Stage) => number): number =>
    kernels.reduce(
      (n, kernel: Kernel) =>
        n + times(kernel.outer, sizes) * kernel.stages.reduce((m, stage) => m + times(loopsOf(stage), sizes) * f(stage), 0),
      0,
    );
  return {
    kernels: kernels.length,
    folds: sum((stage) => (stage.kind === "reduce" ? stage.accumulators.length : 0)),
    work: sum((stage) => 1 + expressionsOf(stage).reduce((n, x) => n + operations(x), 0)),
  };
}
/** Large enough that a loop within a loop would show. */
const large = (sizes: Sizes): Sizes => Object.fromEntries(Object.keys(sizes).map((name, k) => [name, 40 + k]));

test.prop([sample()], runs(200))("a reduction is computed once, over what it is over", ({ graph, sizes }) => {
  expect(count(graph, true, large(sizes)).folds).toBe(count(graph, false, large(sizes)).folds);
});

test.prop([sample()], runs(200))("no more than 7 operations where there was one", ({ graph, sizes }) => {
  // An element that costs up to 6 may be computed again by each of its readers, which do at least one operation of their own.
  const [fused, plain] = [count(graph, true, large(sizes)), count(graph, false, large(sizes))];
  expect(fused.work).toBeLessThanOrEqual(7 * plain.work);
});

test.prop([sample()], runs(100))("never more kernels", ({ graph, sizes }) => {
  expect(count(graph, true, sizes).kernels).toBeLessThanOrEqual(count(graph, false, sizes).kernels);
});
