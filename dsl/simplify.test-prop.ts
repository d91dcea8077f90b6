/** What simplifying may not change, on random graphs with everything in them. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect } from "vitest";
import { resultLeaves } from "../codegen/graph.ts";
import { graphDifference } from "../codegen/graph-equal.ts";
import { expectSame, interpret, isTame } from "../codegen/oracle.test-source.ts";
import { type Sample, sample } from "../codegen/random-graph.test-source.ts";
import { runs } from "../proofs/runs.ts";
import { topological } from "./differentiate.ts";
import { sameShape } from "./dim.ts";
import { simplify } from "./simplify.ts";
import { nameOf, type Value } from "./value.ts";

const outputsOf = ({ graph }: Sample): Value[] => resultLeaves(graph).map((leaf) => leaf.value);

test.prop([sample()], runs(300))("the value stays", (one) => {
  const expected = interpret(one);
  fc.pre(isTame(expected));
  expectSame(interpret(one, simplify(outputsOf(one))).values, expected);
});

test.prop([sample()], runs(300))("shapes and dtypes stay", (one) => {
  const before = outputsOf(one);
  for (const [k, after] of simplify(before).entries()) {
    expect(after.dtype).toBe(before[k]?.dtype);
    expect(sameShape(after.shape, (before[k] as Value).shape)).toBe(true);
  }
});

test.prop([sample()], runs(300))("what is simple stays as it is", (one) => {
  const once = simplify(outputsOf(one));
  const twice = simplify(once);
  expect(graphDifference({ ...one.graph, result: once }, { ...one.graph, result: twice })).toBeUndefined();
});

test.prop([sample()], runs(200))("there are no more operations than there were, and none is there twice", (one) => {
  const before = outputsOf(one);
  const after = topological(simplify(before));
  const costly = (order: readonly Value[]): number => order.filter((v) => v.op.derivative.kind !== "linear" && v.args.length > 0).length;
  expect(costly(after)).toBeLessThanOrEqual(costly(topological(before)));
  const ids = new Map(after.map((v, k) => [v, k]));
  const calls = after
    .filter((v) => v.args.length > 0)
    .map((v) => `${v.op.name}${v.args.map((arg) => ids.get(arg))}${JSON.stringify(v.attrs)}${v.shape}${v.dtype}`);
  expect(calls).toEqual([...new Set(calls)]);
});

test.prop([sample()], runs(200))(
  "a value that is there afterwards has the place of a value of before, and a name only if it had one",
  (one) => {
    const before = topological(outputsOf(one));
    const places = new Set(before.map((v) => v.origin?.line));
    const names = new Set(before.map(nameOf));
    for (const v of topological(simplify(outputsOf(one)))) {
      if (v.op.kind !== "leaf") expect(places).toContain(v.origin?.line);
      if (nameOf(v) !== undefined) expect(names).toContain(nameOf(v));
    }
  },
);
