/** Names as identifiers of JavaScript. */
import { mul, sum, type Tensor } from "cotangent";
import { expect, test } from "vitest";
import type { Kernel } from "../../codegen/kernel.ts";
import { constant, local } from "../../dsl/expr.ts";
import { nameValue, parameter, type Value } from "../../dsl/value.ts";
import { spec } from "../traced.test-source.ts";
import { sizeName, withSafeLocals } from "./names.ts";
import { kernelsText } from "./text.test-source.ts";

const named = <T>(name: string, v: T): T => nameValue(v as Value, name) as T;

test("names that can stay, stay", () => {
  const f = (x: Tensor<["Rows", 3]>) => {
    const total = named("total", sum(x, 1));
    return [named("scale", mul(total, total)), total] as const;
  };
  expect(kernelsText("f", f, { x: spec(["Rows", 3]) })).toMatchInlineSnapshot(`
    "function f_scale(f32: Float32Array, Rows: number, at_x: number, at_total: number, at_scale: number): void {
      for (let i = 0; i < Rows; i++) {
        const x_i = at_x + i * 3;
        let total = 0;
        for (let p = 0; p < 3; p++) {
          total += f32[x_i + p]!;
        }
        f32[at_total + i] = total;
        f32[at_scale + i] = total * total;
      }
    }"
  `);
});

test("two sizes never get one variable", () => {
  const names = ["N", "N_max", "N_size", "N_max_size", "i", "i_size", "t0", "d", "max", "x_i", "x_i_size"];
  expect(new Set(names.map(sizeName)).size).toBe(names.length);
  expect(["N", "T", "rows", "N_max", "i"].map(sizeName)).toEqual(["N", "T", "rows", "N_max_size", "i_size"]);
});

test("locals that are safe leave the kernel as it is", () => {
  const v = parameter([], "f32", "v");
  const kernel = (name: string): Kernel => ({
    name: "k",
    outer: [],
    stages: [
      { kind: "let", name, dtype: "f32", value: constant(1, "f32") },
      { kind: "store", loops: [], target: v, index: [], value: local(name, "f32"), mode: "set" },
    ],
    origins: [],
  });
  const good = kernel("h");
  expect(withSafeLocals(good, ["B"])).toBe(good);
  expect(withSafeLocals(kernel("B"), ["B"])).toEqual(kernel("B_value"));
});
