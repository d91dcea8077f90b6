/** The memory plan of random graphs, checked against liveness worked out here, from the kernels alone. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect } from "vitest";
import { evaluateDim } from "../dsl/dim.ts";
import type { Value } from "../dsl/value.ts";
import { runs } from "../proofs/runs.ts";
import { loadsOf } from "./inline.ts";
import { expressionsOf, type Kernel, writesOf } from "./kernel.ts";
import { bytesOf, type Slot } from "./memory.ts";
import { compile } from "./pipeline.ts";
import type { Program } from "./program.ts";
import { type Sample, sample, stepSample } from "./random-graph.test-source.ts";

const readsOf = (kernel: Kernel): Set<Value> =>
  new Set(
    kernel.stages
      .flatMap(expressionsOf)
      .flatMap(loadsOf)
      .map((x) => x.source),
  );

/** For each kernel, what must be in memory while it runs: what it touches, what a later one reads, what is there from the start, what is a result. */
function aliveAt({ kernels, inputs, constants, outputs }: Program): Set<Value>[] {
  const given = [...inputs.map((leaf) => leaf.value), ...constants];
  const results = outputs.map((leaf) => leaf.value);
  return kernels.map((kernel, at) => {
    const made = kernels.slice(0, at + 1).flatMap(writesOf);
    const wanted = new Set([...kernels.slice(at + 1).flatMap((later) => [...readsOf(later)]), ...results]);
    return new Set([...given, ...readsOf(kernel), ...writesOf(kernel), ...made.filter((v) => wanted.has(v))]);
  });
}

const places = (program: Program, sizes: Sample["sizes"]) => (v: Value) => {
  const slot = program.memory.slots.get(v) as Slot;
  const width = bytesOf(v.dtype);
  const from = evaluateDim(slot.offset, sizes) * width;
  return { slot, from, to: from + v.shape.reduce<number>((n, d) => n * evaluateDim(d, sizes), width) };
};

/** Two values that are alive at once overlap only if one is a carry leaf and the other its new value: these share a slot. */
function checkPlan({ graph, sizes }: Sample): void {
  const program = compile(graph);
  const place = places(program, sizes);
  const bytes = evaluateDim(program.memory.bytes, sizes);
  const carry = program.step ? new Map(program.outputs.map((leaf, k) => [leaf.value, program.inputs[k]?.value])) : new Map();
  for (const alive of aliveAt(program)) {
    const all = [...alive].map((v) => ({ v, ...place(v) }));
    for (const [k, a] of all.entries()) {
      expect(a.from).toBeGreaterThanOrEqual(0);
      expect(a.to).toBeLessThanOrEqual(bytes);
      for (const b of all.slice(k + 1)) {
        if (a.slot === b.slot) expect(carry.get(a.v) === b.v || carry.get(b.v) === a.v).toBe(true);
        else if (a.from < a.to && b.from < b.to) expect(a.to <= b.from || b.to <= a.from).toBe(true);
      }
    }
  }
}

describe("no two values that are alive at once overlap", () => {
  test.prop([sample()], runs(150))("in a function", checkPlan);
  test.prop([stepSample()], runs(150))("in a step, whose carry is updated in place", checkPlan);
  test.prop([sample(), fc.nat(4), fc.nat(4)], runs(50))("in an arena made for more than is needed", (one, m, n) => {
    const [[a, x], [b, y]] = Object.entries(one.sizes) as [[string, number], [string, number]];
    checkPlan({ ...one, sizes: { [a]: x + m, [b]: y + n } });
  });
});

test.prop([sample()], runs(100))("reuse never takes more than no reuse", ({ graph, sizes }) => {
  const bytes = (reuse: boolean): number => evaluateDim(compile(graph, { reuse }).memory.bytes, sizes);
  expect(bytes(true)).toBeLessThanOrEqual(bytes(false));
});

test.prop([sample()], runs(100))("no plan takes less than what is alive at once", ({ graph, sizes }) => {
  const { memory } = compile(graph);
  for (const alive of memory.alive) expect(evaluateDim(memory.bytes, sizes)).toBeGreaterThanOrEqual(evaluateDim(alive, sizes));
});
