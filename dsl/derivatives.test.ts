import { describe, expect, test } from "vitest";
import { expectClose } from "../proofs/close.ts";
import { fromData } from "../proofs/tensors.ts";
import { grad, jvp, valueAndGrad, vjp } from "./derivatives.ts";
import { sum } from "./ops/broadcast.ts";
import { mul, sin } from "./ops/scalar.ts";
import type { Value } from "./value.ts";

const vector = (...x: number[]): Value => fromData(x, [x.length], "f64");
const square = (x: Value): Value => mul(x, x);

describe("trees", () => {
  test("a gradient is a tree like the first argument: objects and tuples, null where a leaf is not a float", () => {
    const f = (p: { deep: [Value, { b: Value }]; n: Value }): Value => sum(mul(p.deep[0], p.deep[1].b));
    const g = grad(f as never)({ deep: [vector(1, 2), { b: vector(3, 4) }], n: fromData([1], [1], "i32") }) as {
      deep: [Value, { b: Value }];
      n: null;
    };
    expectClose(g.deep[0], vector(3, 4));
    expectClose(g.deep[1].b, vector(1, 2));
    expect(g.n).toBeNull();
  });
  test("vjp of a tree of results takes a tree of cotangents", () => {
    const { value, pullback } = vjp(((x: Value) => ({ double: mul(x, 2), square: square(x) })) as never)(vector(3));
    expectClose((value as { square: Value }).square, vector(9));
    expectClose(pullback({ double: vector(1), square: vector(10) })[0] as Value, vector(62));
  });
  test("a pullback may be called again", () => {
    const { pullback } = vjp(square as never)(vector(3));
    expectClose(pullback(vector(1))[0] as Value, vector(6));
    expectClose(pullback(vector(2))[0] as Value, vector(12));
  });
  test("jvp: null does not move, and what does not depend on what moves has tangent 0", () => {
    const { tangent } = jvp(((x: Value, y: Value) => [mul(x, y), sin(y)]) as never)([vector(2), vector(5)], [vector(1), null]);
    expectClose((tangent as [Value, Value])[0], vector(5));
    expectClose((tangent as [Value, Value])[1], vector(0));
  });
});

describe("complaints", () => {
  const at = (f: (x: Value) => unknown) => () => valueAndGrad(f as never)(vector(1, 2));
  test.each([
    ["grad: the function returns [2] f64, not a scalar; take mean or sum of it", at(square)],
    ["grad: the function does not return a tensor", at(() => 3)],
    ["vjp: the cotangent of [2] f64 is [3] f64", () => vjp(square as never)(vector(1, 2)).pullback(vector(1, 2, 3))],
    ["vjp: the cotangent of [2] f64 is [2] f32", () => vjp(square as never)(vector(1, 2)).pullback(fromData([1, 2], [2], "f32"))],
    ["vjp: 2 cotangents for 1 results", () => vjp(square as never)(vector(1)).pullback([vector(1), vector(1)])],
    ["jvp: the tangent of [2] f64 is [1] f64", () => jvp(square as never)([vector(1, 2)], [vector(1)])],
  ])("%s", (message, call) => expect(call).toThrow(message));
});
