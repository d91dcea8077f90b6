/** Users call things what they like. */
import { add, exp, matmul, max, mul, sqrt, sum, type Tensor, tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import type { Kernel } from "../../codegen/kernel.ts";
import { constant, local } from "../../dsl/expr.ts";
import { nameValue, parameter, type Value } from "../../dsl/value.ts";
import { instantiate } from "./instantiate.ts";
import { sizeName, withSafeLocals } from "./names.ts";
import { kernelsText, spec, traced } from "./text.test-source.ts";

const named = <T>(name: string, v: T): T => nameValue(v as Value, name) as T;
const awkward = [
  "i",
  "j",
  "p",
  "k0",
  "i0",
  "t0",
  "f32",
  "i32",
  "d",
  "max",
  "load",
  "source",
  "sum",
  "erf",
  "class",
  "new",
  "Math",
  "B",
  "at_x",
  "h_00",
  "x_i",
  "0",
];

describe("any name does for", () => {
  test.each(awkward)("a row local: %s", async (name) => {
    const f = (x: Tensor<["B", 3]>) => {
      const row = named(name, sqrt(exp(sum(x, 1))));
      return [mul(row, row), named(`${name}_1`, add(row, 1))] as const;
    };
    const { f: built } = await instantiate([traced("f", f, { x: spec(["B", 3]) })]);
    const [a] = built(tensor([0, 0, 0, 0, 0, 0], [2, 3])) as { buffer: Float32Array }[];
    expect(Array.from(a?.buffer ?? [])).toEqual([1, 1]);
  });

  test.each(awkward)("a value in memory, an input, and a local of a tile: %s", async (name) => {
    const f = (x: Tensor<["B", 2]>, w: Tensor<[2, 2]>) => {
      const h = named(name, matmul(x, w));
      return matmul(named("h", add(h, named("h_0", max(h)))), w);
    };
    const { f: built } = await instantiate([traced("f", f, { [name]: spec(["B", 2]), w: spec([2, 2]) })]);
    const out = built(tensor([1, 2, 3, 4, 5, 6], [3, 2]), tensor([1, 0, 0, 1], [2, 2]));
    expect(Array.from(out.buffer)).toEqual([7, 8, 9, 10, 11, 12]);
  });

  test.each(awkward.filter((name) => /^[A-Za-z_]/.test(name)))("a run-time size: %s", async (name) => {
    const f = (x: Tensor<[string, 2]>, w: Tensor<[2, 2]>) => sum(matmul(x, w), 0);
    const graph = traced("f", f as never, { x: spec([name, 2]), w: spec([2, 2]) });
    const { f: built } = await instantiate([graph]);
    const out = built(tensor([1, 2, 3, 4, 5, 6], [3, 2]), tensor([1, 0, 0, 1], [2, 2]));
    expect(Array.from(out.buffer)).toEqual([9, 12]);
  });

  test("a model: several, with names that begin alike", async () => {
    const f = (x: Tensor<[2]>) => exp(x);
    const models = ["f", "f_h", "load", "define", "f_run", "f_plan"].map((name) => traced(name, f, { x: spec([2]) }));
    const built = await instantiate(models);
    expect(Object.keys(built)).toEqual(["f", "f_h", "load", "define", "f_run", "f_plan"]);
    for (const model of Object.values(built)) expect(Array.from(model(tensor([0, 0], [2])).buffer)).toEqual([1, 1]);
  });

  test("a key of a tree", async () => {
    const f = (p: Record<string, Tensor<[]>>) => ({ "my-key": add(p["a b"] as never, p['"'] as never), 0: p.class });
    const { f: built } = await instantiate([traced("f", f as never, { p: { "a b": spec([]), '"': spec([]), class: spec([]) } })]);
    const out = built({ "a b": tensor(1, []), '"': tensor(2, []), class: tensor(3, []) });
    expect([out["my-key"].buffer[0], out[0].buffer[0]]).toEqual([3, 3]);
    expect(() => built({ "a b": tensor(1, []), class: tensor(3, []) })).toThrow('f: p.": expected a number, got undefined');
  });
});

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
