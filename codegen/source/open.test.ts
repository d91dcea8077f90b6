import { describe, expect, test } from "vitest";
import { mapTree } from "../../dsl/tree.ts";
import { nameOf, type Value } from "../../dsl/value.ts";
import { type Graph, paramLeaves, resultLeaves, trace } from "../graph.ts";
import { graphDifference } from "../graph-equal.ts";
import * as models from "./open.test-source.ts";
import type { SourceModule } from "./read.ts";
import { read, readText, refusal, signature } from "./reading.test-source.ts";
import { specOf, write } from "./written.test-source.ts";

const module = read(`${import.meta.dirname}/open.test-source.ts`);
/** The signature of each model, and what was found. */
const shown = ({ functions }: SourceModule): string[] =>
  functions.flatMap((graph) => [
    signature(graph),
    ...(graph.equalities ?? []).map(({ path, axis, to, origin }) => `  axis ${axis} of ${path} is ${to}, line ${origin.line}`),
  ]);
const results = ({ functions }: SourceModule): string[] =>
  functions.flatMap((graph) => resultLeaves(graph).map(({ value }) => `[${value.shape.join(", ")}]`));

describe("what is found of a size that is `number`", () => {
  test("in models", () => {
    const [network, parts, pairs, inner, step] = module.functions;
    expect(shown({ ...module, functions: [network, parts, pairs, inner, step] as never })).toMatchInlineSnapshot(`
      [
        "network(p.layers[0].w: f32[8, p_layers_0_w.1], p.layers[0].b: f32[p_layers_0_w.1], p.layers[1].w: f32[p_layers_0_w.1, p_layers_1_w.1], p.layers[1].b: f32[p_layers_1_w.1], x: f32[B, 8], y: i32[B])",
        "  axis 0 of p.layers[0].w is 8, line 27",
        "  axis 0 of p.layers[0].b is as long as axis 1 of p.layers[0].w, line 27",
        "  axis 0 of p.layers[1].w is as long as axis 1 of p.layers[0].w, line 28",
        "  axis 0 of p.layers[1].b is as long as axis 1 of p.layers[1].w, line 28",
        "  axis 0 of y is B, line 28",
        "parts(p.middle: f32[B], p.first: f32[p_first.0], p.last: f32[3], w: f32[B+p_first.0+3])",
        "  axis 0 of w is B+p_first.0+3, line 34",
        "pairs(p: f32[2*p.0.2, B, 3], w: f32[w.0, 6])",
        "  axis 0 of p is a multiple of 2, line 39",
        "  axis 1 of w is 6, line 41",
        "inner(x: f32[x.0, x.1], gain: f32[x.1])",
        "  axis 0 of gain is as long as axis 1 of x, line 46",
        "step(p.w: f32[p_w.0, p_w.1], p.b: f32[p_w.1], x: f32[x.0, p_w.0], lr: number)",
        "  axis 1 of x is as long as axis 0 of p.w, line 52",
        "  axis 0 of p.b is as long as axis 1 of p.w, line 52",
      ]
    `);
  });
  test("in derivatives", () => {
    expect(module.derivatives.map(({ graph }) => signature(graph))).toMatchInlineSnapshot(`
      [
        "inner_grad1(v: f32[v.0], x: f32[x.0, v.0], gain: f32[v.0], d_out: f32[])",
        "step_grad1(q.w: f32[q_w.0, q_w.1], q.b: f32[q_w.1], x: f32[x.0, q_w.0], d_out: f32[])",
        "network_vjp(p.layers[0].w: f32[8, p_layers_0_w.1], p.layers[0].b: f32[p_layers_0_w.1], p.layers[1].w: f32[p_layers_0_w.1, p_layers_1_w.1], p.layers[1].b: f32[p_layers_1_w.1], x: f32[B, 8], y: i32[B], d_out: f32[])",
        "parts_vjp(p.middle: f32[B], p.first: f32[p_first.0], p.last: f32[3], w: f32[B+p_first.0+3], d_out: f32[])",
        "pairs_vjp(p: f32[2*p.0.2, B, 3], w: f32[w.0, 6], d_out: f32[])",
        "inner_vjp(x: f32[x.0, x.1], gain: f32[x.1], d_out: f32[])",
      ]
    `);
  });
  test("a name, a number, an expression, each other: whichever operand comes first", () => {
    const found = readText(`
      export const a = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<["B"]>) => ct.add(x, y));
      export const b = ct.model((y: ct.Tensor<["B"]>, x: ct.Tensor<[number]>) => ct.add(y, x));
      export const c = ct.model((x: ct.Tensor<[number, 3]>, y: ct.Tensor<[4]>) => ct.matmul(ct.reshape(y, [1, 4]), x));
      export const d = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<[number]>, z: ct.Tensor<[number]>) => ct.add(ct.concat([x, y], 0), z));
      export const e = ct.model((x: ct.Tensor<["T"]>, y: ct.Tensor<[number]>) => ct.mul(ct.slice(x, [[1, ct.dim(x, 0)]]), y));
      export const f = ct.model((x: ct.Tensor<[number, 4]>) => ct.reshape(x, [2, 6]));
      export const g = ct.model((x: ct.Tensor<["B*T"]>, y: ct.Tensor<[number]>, z: ct.Tensor<["T"]>) => ct.add(ct.reshape(x, [ct.dim(y, 0), ct.dim(z, 0)]), z));
    `);
    expect(shown(found)).toMatchInlineSnapshot(`
      [
        "a(x: f32[B], y: f32[B])",
        "  axis 0 of x is B, line 3",
        "b(y: f32[B], x: f32[B])",
        "  axis 0 of x is B, line 4",
        "c(x: f32[4, 3], y: f32[4])",
        "  axis 0 of x is 4, line 5",
        "d(x: f32[x.0], y: f32[y.0], z: f32[x.0+y.0])",
        "  axis 0 of z is x.0+y.0, line 6",
        "e(x: f32[T], y: f32[T-1])",
        "  axis 0 of y is T-1, line 7",
        "f(x: f32[3, 4])",
        "  axis 0 of x is 3, line 8",
        "g(x: f32[B*T], y: f32[B], z: f32[T])",
        "  axis 0 of y is B, line 9",
      ]
    `);
  });
  test("nothing, where nothing has to be", () => {
    const found = readText(`
      export const a = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<[number]>) => [ct.exp(y), ct.sum(x)]);
      export const b = ct.model((x: ct.Tensor<[number]>, one: ct.Tensor<[1]>) => ct.mul(ct.add(x, one), 2));
      export const c = ct.model((x: ct.Tensor<[number, 3]>) => ct.reshape(x, [-1]));
    `);
    expect(shown(found)).toMatchInlineSnapshot(`
      [
        "a(x: f32[x.0], y: f32[y.0])",
        "b(x: f32[x.0], one: f32[1])",
        "c(x: f32[x.0, 3])",
      ]
    `);
    expect(results(found)).toEqual(["[y.0]", "[]", "[x.0]", "[3*x.0]"]);
  });
});

test.each(Object.entries(models))("reading is calling with what was found: %s", (name, { def }) => {
  const graph = module.functions.find((one) => one.name === name) as Graph;
  const params = graph.params.map((param) => ({ name: param.name, specs: mapTree(specOf, param.tree) }));
  expect(graphDifference(graph, trace(name, def as never, params))).toBeUndefined();
});

describe("it never broadcasts", () => {
  test("also where it has to be 1", () => {
    const sized = (shape: string): string => `
      export const f = model((x: Tensor<[number]>, y: Tensor<[${shape}]>) => {
        const one = reshape(x, [1]);
        return add(mul(x, y), one);
      });`;
    expect(refusal(sized("4"))).toMatchInlineSnapshot(`
      "wrong.ts:4:14  CT132  sizes differ: axis 0 of x is 1 (wrong.ts:3), here 4.
       4 |   return add(mul(x, y), one);
         |              ^^^^^^^^^"
    `);
    expect(refusal(sized("number"))).toBe("accepted");
    const found = readText(sized("number").replace(/\b(model|Tensor|add|mul|reshape)\b/g, "ct.$1"));
    expect(shown(found)).toMatchInlineSnapshot(`
      [
        "f(x: f32[1], y: f32[1])",
        "  axis 0 of x is 1, line 4",
        "  axis 0 of y is 1, line 5",
      ]
    `);
  });
});

test("a size that would have to be two is refused, where it is found", () => {
  expect(
    refusal(`
    export const f = model((x: Tensor<[2, number]>, a: Tensor<[3, 4]>, b: Tensor<[5, 6]>) => {
      const left = matmul(x, a);
      return add(sum(left), sum(matmul(x, b)));
    });
  `),
  ).toMatchInlineSnapshot(`
    "wrong.ts:4:29  CT132  sizes differ: axis 1 of x is 3 (wrong.ts:3), here 5.
     4 |   return add(sum(left), sum(matmul(x, b)));
       |                             ^^^^^^^^^^^^"
  `);
  expect(
    refusal(`
    export const f = model((x: Tensor<[number]>, a: Tensor<["B"]>, b: Tensor<["T"]>) => {
      const left = mul(x, a);
      return add(sum(left), sum(mul(x, b)));
    });
  `),
  ).toMatchInlineSnapshot(`
    "wrong.ts:4:29  CT132  sizes differ: axis 0 of x is B (wrong.ts:3), here T.
     4 |   return add(sum(left), sum(mul(x, b)));
       |                             ^^^^^^^^^"
  `);
  expect(
    refusal(`
    export const f = model((x: Tensor<[number, number]>, y: Tensor<[number, 3]>) => reshape(x, [dim(y, 0), 3]));
  `),
  ).toMatchInlineSnapshot(`
    "wrong.ts:2:81  CT132  reshape: [x.0, x.1] has x.0*x.1 elements but [y.0, 3] has 3*y.0.
     2 | export const f = model((x: Tensor<[number, number]>, y: Tensor<[number, 3]>) => reshape(x, [dim(y, 0), 3]));
       |                                                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^"
  `);
});

test("what is inferred of sizes that are found", () => {
  const found = readText(`
    export const f = ct.model((x: ct.Tensor<[number, 4]>, y: ct.Tensor<[number]>) => {
      ct.add(ct.reshape(x, [-1]), y);
      return ct.reshape(y, [-1, ct.dim(x, 0)]);
    });`);
  expect(shown(found)).toEqual(["f(x: f32[x.0, 4], y: f32[4*x.0])", "  axis 0 of y is 4*x.0, line 4"]);
  expect(results(found)).toEqual(["[4, x.0]"]);
});

test("names are of this function; those of a function around it are others", () => {
  const found = readText(`
    const energy = (x: ct.Tensor<[number]>, scale: ct.Tensor<[number]>) => {
      const { pullback } = ct.vjp((v: ct.Tensor<[number]>) => ct.mul(v, scale))(scale);
      return ct.sum(ct.grad((x: ct.Tensor<[number]>) => ct.add(ct.sum(ct.mul(x, x)), ct.sum(pullback(scale)[0])))(x));
    };
    export const f = ct.model((x: ct.Tensor<[number]>, scale: ct.Tensor<[number]>) => energy(x, scale));`);
  expect(found.derivatives.map(({ graph }) => signature(graph))).toMatchInlineSnapshot(`
    [
      "energy_grad1(x: f32[x_2.0], scale: f32[scale.0], scale_: f32[scale.0], d_out: f32[])",
    ]
  `);
});

test("a name with a dot in it is not for users, whoever says so", () => {
  expect(refusal(`\nexport const f = model((x: Tensor<["x.0"]>) => relu(x));`)).toMatch(/^wrong\.ts:2:\d+ {2}(CT148|TS2345) /);
});

test("a leaf's name that is no name of a size", () => {
  const found = readText(
    `export const f = ct.model((p: { "0": ct.Tensor<[number]>; é: ct.Tensor<[number]>; è: ct.Tensor<[number]> }) => p);`,
  );
  const [graph] = found.functions;
  expect(paramLeaves(graph as never).map(({ value }) => value.shape[0])).toMatchInlineSnapshot(`
    [
      "p_0.0",
      "p.0",
      "p_2.0",
    ]
  `);
  expect(nameOf(paramLeaves(graph as never)[0]?.value as Value)).toBe("p_0");
});

test("what types do not know is said in the adjoint", () => {
  const parts = module.derivatives.filter(({ name }) => name === "parts_vjp");
  const text = write(parts);
  expect(text.slice(text.indexOf("  // open"), text.indexOf("  return"))).toMatchInlineSnapshot(`
    "  // open.test-source.ts:33
      const whole: Tensor<[number]> = concat([p.first, p.middle, p.last], 0);

      // open.test-source.ts:34
      const value: Tensor<[]> = sum(mul(mul(whole, whole), w));

      // open.test-source.ts:34
      const mul_1: Tensor<[number]> = mul(mul(d_out, w), whole);
      const d_whole: Tensor<[number]> = add(mul_1, mul_1);

      // open.test-source.ts:33
      const d_p_middle: Tensor<["B"]> = reshape(slice(d_whole, [[p_first_0, -3]]), [dim(p.middle, 0)]);
      const d_p_first: Tensor<[number]> = slice(d_whole, [[0, p_first_0]]);
      const d_p_last: Tensor<[3]> = reshape(slice(d_whole, [[-3, dim(w, 0)]]), [3]);

    "
  `);
});
