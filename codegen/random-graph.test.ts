/** That random graphs are worth something: what 400 of them have in them. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { topological } from "../dsl/differentiate.ts";
import { ops } from "../dsl/ops/index.ts";
import { resultLeaves } from "./graph.ts";
import { interpret, isTame } from "./oracle.test-source.ts";
import { compile } from "./pipeline.ts";
import { type Sample, sample, stepSample } from "./random-graph.test-source.ts";

const samples = fc.sample(sample(), { numRuns: 400, seed: 1 });
const orders = samples.map(({ graph }) => topological(resultLeaves(graph).map((leaf) => leaf.value)));
const share = (holds: (one: Sample, k: number) => boolean): number => samples.filter(holds).length / samples.length;

test("every op", () => {
  const used = new Set(orders.flat().map((v) => v.op.name));
  expect(ops.map((op) => op.name).filter((name) => !used.has(name))).toEqual([]);
});

test("enough of everything", () => {
  const lengths = orders.map((order) => order.length).sort((a, b) => a - b);
  expect(lengths[lengths.length >> 1]).toBeGreaterThanOrEqual(16);
  expect(share((_, k) => (orders[k] ?? []).some((v) => v.shape.some((d) => typeof d === "string")))).toBeGreaterThan(0.4);
  expect(share((_, k) => (orders[k] ?? []).some((v) => v.shape.some((d) => d === 0)))).toBeGreaterThan(0.02);
  expect(share((_, k) => (orders[k] ?? []).some((v) => v.shape.length === 4))).toBeGreaterThan(0.02);
  expect(share((_, k) => (orders[k] ?? []).some((v) => v.op.name === "dot_general"))).toBeGreaterThan(0.2);
  expect(share(({ sizes }) => Object.values(sizes).includes(0))).toBeGreaterThan(0.03);
  expect(share((one) => isTame(interpret(one)))).toBeGreaterThan(0.8);
});

test("steps whose carry changes places, and steps whose carry stays", () => {
  const steps = fc.sample(stepSample(), { numRuns: 200, seed: 1 }).map(({ graph }) => compile(graph));
  expect(steps.every((program) => program.step)).toBe(true);
  const copied = steps.filter(({ kernels }) => kernels.some((kernel) => kernel.name.startsWith("keep_")));
  const kept = steps.filter(({ outputs, inputs }) => outputs.some((leaf, k) => leaf.value === inputs[k]?.value));
  expect(copied.length).toBeGreaterThan(8);
  expect(kept.length).toBeGreaterThan(8);
});
