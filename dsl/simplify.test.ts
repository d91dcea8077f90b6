/** Each rule on the least graph that it changes. That none changes what is computed is proved over random programs. */
import { describe, expect, test } from "vitest";
import { broadcastInDim, broadcastTo, sum } from "./ops/broadcast.ts";
import { dotGeneral, matmul } from "./ops/dot.ts";
import { dimensionSize } from "./ops/generate.ts";
import { reshape, reverse, transpose } from "./ops/reshape.ts";
import { add, div, exp, less, mul, neg, strongMul, sub, where } from "./ops/scalar.ts";
import { pad, slice, sliceOp } from "./ops/slice.ts";
import { fold, windows } from "./ops/windows.ts";
import { rules } from "./rules.ts";
import { simplify } from "./simplify.ts";
import { alias, concrete, makeValue, nameOf, nameValue, parameter, type Value } from "./value.ts";

const x = parameter(["B", 3], "f32", "x");
const y = parameter(["B", 3], "f32", "y");
const w = parameter([3, 2], "f32", "w");
const row = parameter([3], "f32", "row");
const scale = parameter([], "f32", "scale");
const k = parameter(["B"], "i32", "k");
const images = parameter(["B", 6, 6, 4], "f32", "images");
const spots = parameter(["B", 1, 1, 4], "f32", "spots");
const filters = parameter([3, 3, 3, 4], "f32", "filters");
const both = [
  { axis: 1, size: 3 },
  { axis: 2, size: 3 },
];

/** `add(x, y)`, constants as numbers. */
function show(v: Value): string {
  if (v.op.name === "constant") return String(v.attrs.value ?? v.buffer?.[0]);
  const name = v.args.length === 0 ? nameOf(v) : undefined;
  return name ?? `${v.op.name}(${v.args.map(show).join(", ")})`;
}
const simple = (v: Value): string => show(simplify([v])[0] as Value);

const table: readonly (readonly [string, Value, string])[] = [
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
  ["an array of one number is that number", add(x, concrete(Float32Array.of(2, 2, 2), [3], "f32")), "add(x, broadcast_in_dim(2))"],
  ["strongMul(x, 1 / n) = x / n for a size", strongMul(scale, div(1, dimensionSize("B", "f32"))), "divide(scale, get_dimension_size())"],
  ["broadcast to the same shape is nothing", broadcastInDim(x, ["B", 3], [0, 1]), "x"],
  [
    "broadcast of a constant of size 1",
    add(x, broadcastInDim(concrete(Float32Array.of(7), [1], "f32"), ["B", 3], [1])),
    "add(x, broadcast_in_dim(7))",
  ],
  ["broadcast that repeats nothing is a reshape", broadcastInDim(row, [1, 3], [1]), "reshape(row)"],
  ["a slice of everything is x", neg(makeValue(sliceOp, [x], { start: [0, 0], limit: ["B", 3] })), "negate(x)"],
  [
    "x padded by nothing is x",
    pad(x, [
      [0, 0],
      [0, 0],
    ]),
    "x",
  ],
  [
    "transpose of a constant is the constant",
    add(transpose(x), transpose(broadcastTo(2, ["B", 3]))),
    "add(transpose(x), broadcast_in_dim(2))",
  ],
  ["x · (1 / y) stays on integers", mul(k, div(1, k)), "multiply(k, divide(broadcast_in_dim(1), k))"],
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
  ["windows of single elements are a reshape", exp(windows(x, [{ axis: 0, size: 1 }])), "exponential(reshape(x))"],
  ["reverse(reverse(x)) = x", reverse(reverse(x, 1), -1), "x"],
  ["reverse along an axis of 1 is nothing", reverse(reshape(row, [1, 3]), 0), "reshape(row)"],
  [
    "fold(a · b) = windows(pad a) · reverse(b)",
    fold(dotGeneral(images, filters, { contract: [[3], [3]] }), ["B", 8, 8, 3], both),
    "dot_general(windows(pad(images)), reverse(filters))",
  ],
  [
    "its part without what the padding was for is padded less",
    slice(fold(dotGeneral(images, filters, { contract: [[3], [3]] }), ["B", 8, 8, 3], both), [null, [2, 6], [2, -2]]),
    "dot_general(windows(images), reverse(filters))",
  ],
  [
    "where windows are as large as what they are cut from, it stays",
    fold(dotGeneral(spots, filters, { contract: [[3], [3]] }), ["B", 3, 3, 3], both),
    "fold(dot_general(spots, filters))",
  ],
  ["alias(x) = x", add(alias(x), 1), "add(x, broadcast_in_dim(1))"],
];

type Rule = (typeof rules)[number];

describe("simplify", () => {
  test.each(table)("%s", (_, before, after) => expect(simple(before)).toBe(after));

  test("every rule has a row", () => {
    const used = new Set<number>();
    const plain = [...rules];
    const watched = rules as Rule[];
    for (const [k, rule] of plain.entries())
      watched[k] = (v) => {
        const better = rule(v);
        if (better && better !== v) used.add(k);
        return better;
      };
    for (const [, before] of table) simplify([before]);
    for (const [k, rule] of plain.entries()) watched[k] = rule;
    expect(plain.flatMap((rule, k) => (used.has(k) ? [] : [String(rule)]))).toEqual([]);
  });
  test("what is computed twice is computed once, and what is not needed is gone", () => {
    const [a, b] = simplify([exp(add(x, y)), neg(exp(add(x, y)))]) as [Value, Value];
    expect(b.args[0]).toBe(a);
  });
  test("names stay", () => expect(nameOf(simplify([nameValue(add(mul(x, y), 0), "h")])[0] as Value)).toBe("h"));
});
