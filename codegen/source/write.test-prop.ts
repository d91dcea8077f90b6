import { test } from "@fast-check/vitest";
import { expect } from "vitest";
import { simplify } from "../../dsl/simplify.ts";
import { sample } from "../random-graph.test-source.ts";
import { run, tensorsOf, write } from "./written.test-source.ts";

test.prop([sample()], { numRuns: 300 })("calling what is written of a graph gives the graph", ({ graph }) => {
  const before = tensorsOf(graph.result);
  const written = run(write([{ name: "f_vjp", of: "f", graph }]));
  const after = tensorsOf(written.f_vjp?.(...graph.params.map(({ tree }) => tree)));
  expect(after.length).toBe(before.length);
  const all = simplify([...before, ...after]);
  for (const [i] of before.entries()) expect(all[i] === all[i + before.length]).toBe(true);
});
