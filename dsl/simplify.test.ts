/** Each rule on the least graph that it changes. That none changes what is computed is proved over random programs. */
import { describe, expect, test } from "vitest";
import { broadcastTo, sum } from "./ops/broadcast.ts";
import { matmul } from "./ops/dot.ts";
import { reshape, transpose } from "./ops/reshape.ts";
import { add, div, exp, less, mul, neg, strongMul, sub, where } from "./ops/scalar.ts";
import { simplify } from "./simplify.ts";
import { alias, nameOf, nameValue, parameter, type Value } from "./value.ts";

const x = parameter(["B", 3], "f32", "x");
const y = parameter(["B", 3], "f32", "y");
const w = parameter([3, 2], "f32", "w");
const row = parameter([3], "f32", "row");

/** `add(x, y)`, constants as numbers. */
function show(v: Value): string {
  if (v.op.name === "constant") return String(v.attrs.value ?? v.buffer?.[0]);
  const name = v.args.length === 0 ? nameOf(v) : undefined;
  return name ?? `${v.op.name}(${v.args.map(show).join(", ")})`;
}
const simple = (v: Value): string => show(simplify([v])[0] as Value);

describe("simplify", () => {
  test.each<[string, Value, string]>([
    ["x + 0 = x", add(x, 0), "x"],
    ["0 + x = x", add(0, x), "x"],
    ["x − 0 = x", sub(x, 0), "x"],
    ["0 − x = −x", sub(0, x), "negate(x)"],
    ["x · 1 = x", mul(x, 1), "x"],
    ["x · −1 = −x", mul(x, -1), "negate(x)"],
    ["x / 1 = x", div(x, 1), "x"],
    ["−(−x) = x", neg(neg(x)), "x"],
    ["x + −y = x − y", add(x, neg(y)), "subtract(x, y)"],
    ["x − −y = x + y", sub(x, neg(y)), "add(x, y)"],
    ["x · (1 / y) = x / y", mul(x, div(1, y)), "divide(x, y)"],
    ["strongMul(x, 2) = x · 2", strongMul(x, 2), "multiply(x, broadcast_in_dim(2))"],
    ["strongMul(x, y) stays: y may be infinite", strongMul(x, y), "strong_multiply(x, y)"],
    ["select(c, a, a) = a", where(less(x, y), x, x), "x"],
    ["Σ Σ = Σ", sum(sum(x, 1), 0), "reduce_sum(x)"],
    ["f(constants) = constant", add(x, exp(broadcastTo(sub(2, 2), ["B", 3]))), "add(x, broadcast_in_dim(1))"],
    [
      "f(broadcast x, broadcast y) = broadcast f(x, y)",
      mul(broadcastTo(row, ["B", 3]), broadcastTo(neg(row), ["B", 3])),
      "broadcast_in_dim(multiply(row, negate(row)))",
    ],
    ["broadcast(broadcast x) is one", broadcastTo(broadcastTo(row, [2, 3]), ["B", 2, 3]), "broadcast_in_dim(row)"],
    ["broadcast of an x with axes of 1 is a broadcast of x", broadcastTo(reshape(row, [1, 3]), ["B", 3]), "broadcast_in_dim(row)"],
    ["reshape(reshape x) is one", reshape(reshape(x, [3, "B"]), ["3*B"]), "reshape(x)"],
    ["transpose(transpose x) = x", transpose(transpose(x)), "x"],
    ["aᵀ · b contracts another axis", matmul(transpose(w), transpose(x)), "dot_general(w, x)"],
    ["alias(x) = x", add(alias(x), 1), "add(x, broadcast_in_dim(1))"],
  ])("%s", (_, before, after) => expect(simple(before)).toBe(after));

  test("what is computed twice is computed once, and what is not needed is gone", () => {
    const [a, b] = simplify([exp(add(x, y)), neg(exp(add(x, y)))]) as [Value, Value];
    expect(b.args[0]).toBe(a);
  });
  test("names stay", () => expect(nameOf(simplify([nameValue(add(mul(x, y), 0), "h")])[0] as Value)).toBe("h"));
});
