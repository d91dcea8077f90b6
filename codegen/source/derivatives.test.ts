import { describe, expect, test } from "vitest";
import { topological } from "../../dsl/differentiate.ts";
import { parameterOp } from "../../dsl/value.ts";
import { type Graph, paramLeaves, resultLeaves } from "../graph.ts";
import { read, readText, signature } from "./reading.test-source.ts";

describe("derivatives", () => {
  const { derivatives } = read(`${import.meta.dirname}/features.test-source.ts`);
  test("each function that is differentiated has one, after those that it needs", () => {
    expect(derivatives.map(({ of, graph }) => `${of}: ${signature(graph)}`)).toMatchInlineSnapshot(`
      [
        "loss: loss_vjp(p.layers[0].w: f32[8, 8], p.layers[0].b: f32[8], p.layers[1].w: f32[8, 8], p.layers[1].b: f32[8], p.out.w: f32[8, 3], p.out.b: f32[3], x: f32[B, 8], y: i32[B], d_out: f32[])",
        "anonymous: anonymous_grad1(v: f32[8], scaled: f32[B, 8], d_out: f32[])",
        "energy: energy_vjp(w: f32[8], d_out: f32[])",
        "second: second_grad1(v: f32[8], d_out: f32[])",
      ]
    `);
  });
  test("the value, and a gradient like the first parameter", () => {
    const graph = derivatives.find(({ name }) => name === "loss_vjp")?.graph as Graph;
    expect(resultLeaves(graph).map(({ path, value }) => `${path} [${value.shape.join(", ")}]`)).toMatchInlineSnapshot(`
      [
        "value []",
        "grad.layers[0].w [8, 8]",
        "grad.layers[0].b [8]",
        "grad.layers[1].w [8, 8]",
        "grad.layers[1].b [8]",
        "grad.out.w [8, 3]",
        "grad.out.b [3]",
      ]
    `);
  });
  test("nothing but its parameters is unknown in it", () => {
    for (const { graph } of derivatives) {
      const known = new Set(paramLeaves(graph).map(({ value }) => value));
      for (const v of topological(resultLeaves(graph).map(({ value }) => value))) if (v.op === parameterOp) expect(known).toContain(v);
    }
  });
  test("a function that fits its declared types only as it is called", () => {
    const module = readText(`const power = (x: ct.Tensor<[2]>, n: number): ct.Tensor<[]> => {
        let y: ct.Tensor<[2]> = x;
        for (let i = 1; i < n; i++) y = ct.mul(y, x);
        return ct.sum(y);
      };
      export const f = ct.model((x: ct.Tensor<[2]>) => ct.grad(power)(x, 3));`);
    expect(module.derivatives.map(({ graph }) => signature(graph))).toEqual(["power_vjp(x: f32[2], d_out: f32[])"]);
  });
  test("two without a name, one asked for twice, one with a result that has a name", () => {
    const module = readText(`type V = ct.Tensor<[2]>;
      const cost = (x: V) => {
        const total = ct.sum(ct.mul(x, x));
        return total;
      };
      export const f = ct.model((x: V, y: V) => {
        const a = ct.grad((v: V) => ct.sum(ct.mul(v, y)))(x);
        const b = ct.grad((v: V) => ct.sum(ct.tanh(v)))(x);
        return ct.add(ct.add(a, b), ct.add(ct.grad(cost)(x), ct.grad(cost)(y)));
      });
      export const g = ct.model((x: V) => ct.grad(cost)(x));`);
    expect(module.derivatives.map(({ graph }) => signature(graph))).toMatchInlineSnapshot(`
      [
        "f_grad1(v: f32[2], y: f32[2], d_out: f32[])",
        "f_grad2(v: f32[2], d_out: f32[])",
        "cost_vjp(x: f32[2], d_total: f32[])",
      ]
    `);
  });
  test("what comes in by the pullback of a vjp from outside is a parameter, too; no two have one name", () => {
    const module = readText(`type V = ct.Tensor<[2]>;
      export const f = ct.model((x: V, y: V) => {
        const times = (v: V) => ct.mul(v, y);
        const { pullback } = ct.vjp((v: V) => ct.sum(ct.mul(v, v)))(x);
        return ct.grad((y: V) => ct.sum(ct.mul(times(y), pullback(ct.ones([]))[0])))(x);
      });`);
    expect(module.derivatives.map(({ graph }) => signature(graph))).toMatchInlineSnapshot(`
      [
        "f_grad1(y: f32[2], y_: f32[2], x_: f32[2], d_out: f32[])",
      ]
    `);
  });
});
