/** Users call things what they like. */
import { add, exp, matmul, max, mul, sqrt, sum, type Tensor, tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { nameValue, type Value } from "../dsl/value.ts";
import { backends } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

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
  "run",
  "phases",
  "part",
  "memory",
];

describe.each(backends)("$name: any name does for", ({ instantiate }) => {
  test.each(awkward)("a row local: %s", async (name) => {
    const f = (x: Tensor<["B", 3]>) => {
      const row = named(name, sqrt(exp(sum(x, 1))));
      return [mul(row, row), named(`${name}_1`, add(row, 1))] as const;
    };
    const { f: built } = await instantiate([traced("f", f, { x: spec(["B", 3]) })]);
    const [a] = built(tensor([0, 0, 0, 0, 0, 0], [2, 3]));
    expect(Array.from(await a.data())).toEqual([1, 1]);
  });

  test.each(awkward)("a value in memory, an input, and a local of a tile: %s", async (name) => {
    const f = (x: Tensor<["B", 2]>, w: Tensor<[2, 2]>) => {
      const h = named(name, matmul(x, w));
      return matmul(named("h", add(h, named("h_0", max(h)))), w);
    };
    const { f: built } = await instantiate([traced("f", f, { [name]: spec(["B", 2]), w: spec([2, 2]) })]);
    const out = built(tensor([1, 2, 3, 4, 5, 6], [3, 2]), tensor([1, 0, 0, 1], [2, 2]));
    expect(Array.from(await out.data())).toEqual([7, 8, 9, 10, 11, 12]);
  });

  test.each(awkward.filter((name) => /^[A-Za-z_]/.test(name)))("a run-time size: %s", async (name) => {
    const f = (x: Tensor<[string, 2]>, w: Tensor<[2, 2]>) => sum(matmul(x, w), 0);
    const graph = traced("f", f as never, { x: spec([name, 2]), w: spec([2, 2]) });
    const { f: built } = await instantiate([graph]);
    const out = built(tensor([1, 2, 3, 4, 5, 6], [3, 2]), tensor([1, 0, 0, 1], [2, 2]));
    expect(Array.from(await out.data())).toEqual([9, 12]);
  });

  test("a model: several, with names that begin alike", async () => {
    const f = (x: Tensor<[2]>) => exp(x);
    const models = ["f", "f_h", "load", "define", "f_run", "f_plan"].map((name) => traced(name, f, { x: spec([2]) }));
    const built = await instantiate(models);
    expect(Object.keys(built)).toEqual(["f", "f_h", "load", "define", "f_run", "f_plan"]);
    for (const model of Object.values(built)) expect(Array.from(await model(tensor([0, 0], [2])).data())).toEqual([1, 1]);
  });

  test("a key of a tree", async () => {
    const f = (p: Record<string, Tensor<[]>>) => ({ "my-key": add(p["a b"] as never, p['"'] as never), 0: p.class });
    const { f: built } = await instantiate([traced("f", f as never, { p: { "a b": spec([]), '"': spec([]), class: spec([]) } })]);
    const out = built({ "a b": tensor(1, []), '"': tensor(2, []), class: tensor(3, []) });
    expect([(await out["my-key"].data())[0], (await out[0].data())[0]]).toEqual([3, 3]);
    expect(() => built({ "a b": tensor(1, []), class: tensor(3, []) })).toThrow('f: p.": expected a number, got undefined');
  });
});
