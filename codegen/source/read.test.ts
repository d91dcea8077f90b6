import { describe, expect, test } from "vitest";
import { leavesOf, mapTree } from "../../dsl/tree.ts";
import { nameOf, type Value } from "../../dsl/value.ts";
import * as mlp from "../../examples/mnist/mlp.ts";
import { type Graph, tensorSpec, trace } from "../graph.ts";
import { graphDifference } from "../graph-equal.ts";
import * as features from "./features.test-source.ts";
import { readModule } from "./read.ts";
import { firstResult, read, readText, refusal, signature } from "./reading.test-source.ts";

const here = import.meta.dirname;

/** The graph that calling the model gives, for parameters like those that were read. */
const traced = (graph: Graph, model: { readonly def: unknown }): Graph =>
  trace(
    graph.name,
    model.def as (...args: never[]) => unknown,
    graph.params.map(({ name, tree }) => ({ name, specs: mapTree(specOf, tree) })),
  );
const specOf = (leaf: unknown): unknown => {
  const { attrs, shape, dtype } = leaf as Value;
  return attrs.number ? "number" : tensorSpec(shape, dtype);
};
describe("reading is calling", () => {
  const { functions } = read(`${here}/features.test-source.ts`);
  const models = Object.entries(features);
  test("every exported model is read, in order", () => {
    expect(functions.map(({ name }) => name)).toMatchInlineSnapshot(`
      [
        "bounded",
        "layered",
        "mapped",
        "imported",
        "made",
        "other",
        "spread",
        "sizes",
        "mixed",
        "loss",
        "adamStep",
        "anonymous",
        "second",
        "directional",
        "recurrent",
      ]
    `);
    expect(functions.map(({ name }) => name).sort()).toEqual(models.map(([name]) => name).sort());
  });
  test.each(models)("%s", (name, model) => {
    const graph = functions.find((one) => one.name === name) as Graph;
    expect(graphDifference(graph, traced(graph, model))).toBeUndefined();
  });
  test("MNIST", () => {
    const module = read(`${here}/../../examples/mnist/mlp.ts`);
    for (const [i, model] of [mlp.logits, mlp.loss, mlp.trainStep].entries()) {
      const graph = module.functions[i] as Graph;
      expect(graphDifference(graph, traced(graph, model))).toBeUndefined();
    }
    expect(module.functions.map(signature)).toMatchInlineSnapshot(`
      [
        "logits(p.hidden.w: f32[784, 128], p.hidden.b: f32[128], p.out.w: f32[128, 10], p.out.b: f32[10], x: f32[B, 784])",
        "loss(p.hidden.w: f32[784, 128], p.hidden.b: f32[128], p.out.w: f32[128, 10], p.out.b: f32[10], x: f32[B, 784], y: i32[B])",
        "trainStep(s.p.hidden.w: f32[784, 128], s.p.hidden.b: f32[128], s.p.out.w: f32[128, 10], s.p.out.b: f32[10], s.opt.step: i32[], s.opt.m.hidden.w: f32[784, 128], s.opt.m.hidden.b: f32[128], s.opt.m.out.w: f32[128, 10], s.opt.m.out.b: f32[10], s.opt.v.hidden.w: f32[784, 128], s.opt.v.hidden.b: f32[128], s.opt.v.out.w: f32[128, 10], s.opt.v.out.b: f32[10], x: f32[B, 784], y: i32[B], lr: number)",
      ]
    `);
    expect(module.derivatives.map(({ of, graph }) => `${of}: ${signature(graph)}`)).toMatchInlineSnapshot(`
      [
        "loss: loss_vjp(p.hidden.w: f32[784, 128], p.hidden.b: f32[128], p.out.w: f32[128, 10], p.out.b: f32[10], x: f32[B, 784], y: i32[B], d_out: f32[])",
      ]
    `);
  });
});

describe("parameters", () => {
  test("through aliases, tuples, mapped types, and sizes that are expressions", () => {
    const { functions } = read(`${here}/features.test-source.ts`);
    const shown = functions.filter(({ name }) => ["sizes", "mixed", "adamStep"].includes(name)).map(signature);
    expect(shown).toMatchInlineSnapshot(`
      [
        "sizes(x: f32[B, T+1, 4], y: f32[B*T, 2])",
        "mixed(x: f32[B, 8], labels: i32[B], mask: bool[B, 8])",
        "adamStep(s.p.layers[0].w: f32[8, 8], s.p.layers[0].b: f32[8], s.p.layers[1].w: f32[8, 8], s.p.layers[1].b: f32[8], s.p.out.w: f32[8, 3], s.p.out.b: f32[3], s.opt.step: i32[], s.opt.m.layers[0].w: f32[8, 8], s.opt.m.layers[0].b: f32[8], s.opt.m.layers[1].w: f32[8, 8], s.opt.m.layers[1].b: f32[8], s.opt.m.out.w: f32[8, 3], s.opt.m.out.b: f32[3], s.opt.v.layers[0].w: f32[8, 8], s.opt.v.layers[0].b: f32[8], s.opt.v.layers[1].w: f32[8, 8], s.opt.v.layers[1].b: f32[8], s.opt.v.out.w: f32[8, 3], s.opt.v.out.b: f32[3], x: f32[B, 8], y: i32[B], lr: number)",
      ]
    `);
  });
  test("of a model that is no function of the user's, from its type", () => {
    const module = readText(`const cost = (x: ct.Tensor<["B"]>, y: ct.Tensor<["B"]>) => ct.sum(ct.mul(x, y));
      export const slope = ct.grad(cost);`);
    expect(module.functions.map(signature)).toEqual(["slope(x: f32[B], y: f32[B])"]);
  });
  test("patterns have no name of their own", () => {
    const module = readText(`type Dense = { w: ct.Tensor<[2]>; b: ct.Tensor<[2]> };
      export const f = ct.model(({ w, b }: Dense, x: ct.Tensor<[2]>) => ct.add(ct.mul(w, x), b));`);
    expect(module.functions.map(signature)).toEqual(["f(arg0.w: f32[2], arg0.b: f32[2], x: f32[2])"]);
  });
});

describe("names and places", () => {
  test("a value keeps the name that it was first given", () => {
    const module = readText(`export const f = ct.model((x: ct.Tensor<[2]>) => {
        const h = ct.relu(x);
        const { left, right } = { left: ct.exp(h), right: [ct.neg(h)] as const };
        const again = left;
        return ct.add(again, right[0]);
      });`);
    const y = firstResult(module);
    expect(y.args.map(nameOf)).toEqual(["left", "right_0"]);
    expect(y.args[0]?.args.map(nameOf)).toEqual(["h"]);
  });
  test("an origin is the user's innermost call, its file as seen from the module", () => {
    const { functions } = read(`${here}/features.test-source.ts`);
    const origins = new Set<string>();
    const visit = (v: Value): void => {
      if (v.origin) origins.add(`${v.origin.file}:${v.origin.line}:${v.origin.column}`);
      v.args.forEach(visit);
    };
    for (const { value } of leavesOf(functions.find(({ name }) => name === "imported")?.result)) visit(value as Value);
    expect([...origins].sort()).toMatchInlineSnapshot(`
      [
        "features.test-source.ts:84:30",
        "features.test-source.ts:85:10",
        "parts.test-source.ts:12:10",
        "parts.test-source.ts:12:34",
        "parts.test-source.ts:12:38",
        "parts.test-source.ts:16:10",
      ]
    `);
  });
});

describe("run-time numbers", () => {
  test("arithmetic on them is ops", () => {
    const module = readText(`export const f = ct.model((x: ct.Tensor<[2]>, lr: number, n: number) => {
        let rate = -lr * 2 + 1 / n;
        rate -= n ** 2;
        return ct.mul(x, Math.max(rate, Math.sqrt(lr), 0.5));
      });`);
    const names: string[] = [];
    const visit = (v: Value): void => {
      for (const arg of v.args) visit(arg);
      names.push(v.op.name);
    };
    visit(firstResult(module).args[1]?.args[0] as Value);
    expect(names.filter((name) => name !== "constant" && name !== "parameter").join(" ")).toMatchInlineSnapshot(
      `"negate multiply divide add power subtract sqrt maximum maximum"`,
    );
  });
  test("they are numbers to `typeof`, and not nothing", () => {
    const module = readText(`export const f = ct.model((x: ct.Tensor<[2]>, lr: number) =>
        typeof lr === "number" && lr !== undefined && typeof x === "object" ? ct.mul(x, lr ?? 1) : x);`);
    expect(firstResult(module).op.name).toBe("multiply");
  });
});

describe("nothing of the user's runs", () => {
  test.each([
    ["the constructor of functions", `(0 as any).constructor.constructor("process.exit(7)")()`],
    ["of an object", `({} as any).constructor.constructor("process.exit(7)")()`],
    ["of an array", `([] as any)["constructor"]("process.exit(7)")`],
    ["of a method", `([] as any).map.constructor("process.exit(7)")()`],
    ["of a function of dsl's", `(ct.relu as any).constructor("process.exit(7)")()`],
    ["a prototype", `({ ["__proto__"]: { x: 1 } } as any).x`],
    ["a field of a tensor", `(x as any).op.element()`],
  ])("%s", (_, expression) => {
    const text = `import * as ct from "cotangent";\nexport const f = ct.model((x: ct.Tensor<[2]>) => ct.mul(x, ${expression}) as never as typeof x);\n`;
    const result = readModule("program.ts", { text });
    expect(result.ok ? "accepted" : result.diagnostics.map(({ code }) => code).join()).toMatch(/^CT1(09|19|24|25|26)$/);
  });
  test("what a module defines and no model uses is not looked at", () => {
    const module = readText(`import { readFileSync } from "node:fs";
      export const data = readFileSync("/nowhere");
      export const f = ct.model((x: ct.Tensor<[2]>) => ct.relu(x));`);
    expect(module.functions).toHaveLength(1);
  });
  test("constants take steps, too", () => {
    const text = `export const f = model((x: Tensor<[1000]>) => {
        let c: any = iota(1000);
        for (let i = 0; i < 100; i++) c = add(c, c);
        return sum(c) as Tensor<[]>;
      });`;
    expect(refusal(text)).toBe("accepted");
    expect(refusal(text, { budget: 1000 })).toContain("CT130  this takes more than 1,000 steps to read; this loop has run");
  });
});

test("independent mistakes are reported together", () => {
  expect(
    refusal(`
      const act = (x: Tensor<[4]>, lr: number) => (lr > 1 ? x : relu(x));
      export const f = model((x: Tensor<[4]>, lr: number) => act(x, lr));
      export const g = model((x: Tensor<[4]>, lr: number) => act(relu(x), lr));
      export const h = model((x: Tensor) => x);
    `),
  ).toMatchInlineSnapshot(`
    "wrong.ts:2:46  CT104  \`? :\` on a run-time number: its value is not known at build time.
     2 | const act = (x: Tensor<[4]>, lr: number) => (lr > 1 ? x : relu(x));
       |                                              ^^^^^^
    Write it as \`where(greater(lr, 1), …, …)\`.

    wrong.ts:5:25  CT142  \`x\` has an unknown number of axes.
     5 | export const h = model((x: Tensor) => x);
       |                         ^^^^^^^^^
    Write each axis; a model over \`"...L"\` is built where another model calls it, so do not export it from here."
  `);
});
