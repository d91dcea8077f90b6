import { describe, expect, test } from "vitest";
import { topological } from "../../dsl/differentiate.ts";
import { add, greater, mean, neg, notEqual, relu, type Tensor, where } from "../../dsl/index.ts";
import { broadcastInDim } from "../../dsl/ops/broadcast.ts";
import { ops } from "../../dsl/ops/index.ts";
import { mul } from "../../dsl/ops/scalar.ts";
import { simplify } from "../../dsl/simplify.ts";
import type { DType, Shape } from "../../dsl/types.ts";
import { parameter, type Value, valueOf } from "../../dsl/value.ts";
import { isCall } from "./write-call.ts";
import { spell, surroundings } from "./write-spell.ts";
import { hasSpelling } from "./write-spellings.ts";

test.each(ops.map((op) => [op.name, op] as const))("%s has a spelling", (_, op) => {
  expect(hasSpelling(op)).toBe(true);
});

const x = <S extends Shape, D extends DType = "f32">(shape: S, dtype?: D): Tensor<S, D> => parameter(shape, dtype ?? "f32", "x") as never;
/** `add(·, 2)`: the function and its numbers; a dot for a tensor. */
const shown = (t: unknown): string => {
  const [v] = simplify([t as Value]) as [Value];
  const show = (arg: unknown): string =>
    isCall(arg as never)
      ? `${(arg as { fn: string }).fn}(${(arg as { args: unknown[] }).args.map(show).join(", ")})`
      : typeof arg === "number"
        ? String(arg)
        : "·";
  return show(spell(v, surroundings(topological([v]), [v])));
};

describe("the nicest call that makes the value", () => {
  test("broadcasts that a function makes itself are not written", () => {
    expect(shown(add(x(["B", 8]), x([8])))).toBe("add(·, ·)");
    expect(shown(mul(x(["B", 8]), 0.5))).toBe("mul(·, 0.5)");
    expect(shown(where(x(["B", 8], "bool"), 1, 0))).toBe("where(·, 1, 0)");
  });
  test("others are: axes of size 1 where the operand has none", () => {
    expect(shown(mul(broadcastInDim(valueOf(x(["B"])), ["B", 8], [0]), valueOf(x(["B", 8]))))).toBe("mul(reshape(·, ·), ·)");
  });
  test("a number on the left of a comparison is turned to the right", () => {
    expect(shown(greater(x([8]), 0))).toBe("greater(·, 0)");
  });
  test("patterns have their names", () => {
    expect(shown(relu(x([8])))).toBe("relu(·)");
    expect(shown(mean(x(["B", "T", 8])))).toBe("mean(·)");
    expect(shown(notEqual(x([8]), 1))).toBe("notEqual(·, 1)");
    expect(shown(neg(x([8])))).toBe("neg(·)");
  });
});
