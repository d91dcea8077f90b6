import { describe, expect, test } from "vitest";
import { sum } from "../dsl/ops/broadcast.ts";
import { add, exp, mul, neg } from "../dsl/ops/scalar.ts";
import { concrete, nameValue, type Value } from "../dsl/value.ts";
import { tensorSpec, trace } from "./graph.ts";
import { graphDifference, sameGraph } from "./graph-equal.ts";

const graph = (f: (x: Value, y: Value) => unknown) =>
  trace("f", f, [
    { name: "x", specs: tensorSpec(["B", 2], "f32") },
    { name: "y", specs: tensorSpec([2], "f32") },
  ]);
const constant = (...elements: number[]): Value => concrete(Float32Array.from(elements), [elements.length], "f32");

test("names and the order in which values were made do not count", () => {
  const a = graph((x, y) => add(nameValue(exp(x), "h"), neg(y)));
  const b = graph((x, y) => {
    const second = neg(y);
    return add(exp(x), second);
  });
  expect(sameGraph(a, b)).toBe(true);
});

describe("what counts", () => {
  const differs = (f: (x: Value, y: Value) => unknown, g: (x: Value, y: Value) => unknown) => graphDifference(graph(f), graph(g));
  test("ops", () => {
    expect(
      differs(
        (x) => exp(x),
        (x) => neg(x),
      ),
    ).toBe("result: exponential and negate");
  });
  test("attributes, and the difference between 0 and −0", () => {
    expect(
      differs(
        (x) => sum(x, 0),
        (x) => sum(x, 1),
      ),
    ).toBe('result: reduce_sum: [2] and ["B"]');
    expect(
      differs(
        (x) => mul(x, 0),
        (x) => mul(x, -0),
      ),
    ).toContain("-0");
  });
  test("which parameter it is", () => {
    expect(
      differs(
        (_, y) => add(y, exp(y)),
        (x, y) => add(y, exp(sum(x, 0))),
      ),
    ).toBeDefined();
  });
  test("sharing", () => {
    const twice = (x: Value): Value => {
      const h = exp(x);
      return add(h, h);
    };
    expect(differs(twice, (x) => add(exp(x), exp(x)))).toBe("result: exponential is shared in one and not in the other");
    expect(differs((x) => add(exp(x), exp(x)), twice)).toBe("result: exponential is shared in one and not in the other");
  });
  test("the elements of constants", () => {
    expect(
      differs(
        (x) => add(x, constant(1, 2)),
        (x) => add(x, constant(1, 2)),
      ),
    ).toBeUndefined();
    expect(
      differs(
        (x) => add(x, constant(1, 2)),
        (x) => add(x, constant(1, 3)),
      ),
    ).toBe("result: constant: other elements");
  });
  test("the tree of results", () => {
    expect(
      differs(
        (x) => ({ a: x }),
        (x) => ({ b: x }),
      ),
    ).toBe("result a is called b");
    expect(
      differs(
        (x) => [x, null],
        (x) => [x],
      ),
    ).toBe("results: 2 and 1 leaves");
  });
});
