import { describe, expect, test } from "vitest";
import { valueAndGrad } from "../../dsl/derivatives.ts";
import { sum } from "../../dsl/ops/broadcast.ts";
import { add, cast, mul } from "../../dsl/ops/scalar.ts";
import { simplify } from "../../dsl/simplify.ts";
import { mapTree } from "../../dsl/tree.ts";
import { isTensor, type Value } from "../../dsl/value.ts";
import * as mlp from "../../examples/mnist/mlp.ts";
import { type Graph, trace } from "../graph.ts";
import { graphDifference } from "../graph-equal.ts";
import * as models from "./adjoint.test-source.ts";
import type { DerivativeFunction } from "./derivatives.ts";
import * as imageModels from "./images.test-source.ts";
import * as openModels from "./open.test-source.ts";
import { read } from "./reading.test-source.ts";
import { elements, inputsFor, run, specOf, tensorsOf, type Written, write } from "./written.test-source.ts";

const here = import.meta.dirname;
const mnist = read(`${here}/../../examples/mnist/mlp.ts`).derivatives;
const features = read(`${here}/adjoint.test-source.ts`).derivatives;
const open = read(`${here}/open.test-source.ts`).derivatives;
const images = read(`${here}/images.test-source.ts`).derivatives;
const functions = [...mnist, ...features, ...open, ...images];
const names = functions.map(({ name }) => name);
const find = (name: string): DerivativeFunction => functions.find((f) => f.name === name) as DerivativeFunction;

const text = write(functions);
const written = run(text);

/** The graph with its results simplified. */
function normal(graph: Graph): Graph {
  const outputs = simplify(tensorsOf(graph.result));
  let k = 0;
  return { ...graph, result: mapTree((leaf) => (isTensor(leaf) ? outputs[k++] : leaf), graph.result) };
}
/** What the written function gives for the parameters of the graph it was written from. */
const called = ({ name, graph }: DerivativeFunction, module: Written): Graph => ({
  ...graph,
  result: module[name]?.(...graph.params.map(({ tree }) => tree)),
});
/** With the parameters' names of another: one that means something else in the written module was changed there. */
const renamed = (graph: Graph, like: Graph): Graph => ({
  ...graph,
  params: graph.params.map((param, i) => ({ ...param, name: like.params[i]?.name ?? "" })),
});

/** Single precision, sums of some hundred terms. */
function expectClose(actual: unknown, expected: readonly number[]): void {
  const scale = Math.max(1e-3, ...expected.map(Math.abs));
  const found = elements(actual);
  expect(found.length).toBe(expected.length);
  expect(Math.max(...found.map((x, i) => Math.abs(x - (expected[i] as number))))).toBeLessThan(1e-5 * scale);
}

describe("read(write(g)) ≡ g", () => {
  const module = read(`${here}/written.ts`, { text });
  test.each(names)("%s, read", (name) => {
    const graph = module.functions.find((g) => g.name === name) as Graph;
    expect(graphDifference(normal(graph), normal(renamed(find(name).graph, graph)))).toBeUndefined();
  });
  test.each(names)("%s, called", (name) => {
    expect(graphDifference(normal(called(find(name), written)), normal(find(name).graph))).toBeUndefined();
  });
});

describe("run eagerly, it gives the gradient", () => {
  const sources: Readonly<Record<string, unknown>> = { ...models, ...openModels, ...imageModels, loss: mlp.loss };
  test.each(names.filter((name) => name.endsWith("_vjp")))("%s", (name) => {
    const { of, graph } = find(name);
    const inputs = inputsFor(graph);
    const [cotangent] = elements(inputs.at(-1)) as [number];
    const { value, grad } = valueAndGrad(sources[of] as never)(...inputs.slice(0, -1));
    expectClose(written[name]?.(...inputs), [...elements(value), ...elements(grad).map((g) => g * cotangent)]);
  });
});

describe("it can be differentiated again", () => {
  const squares = (tree: unknown): Value =>
    tensorsOf(tree)
      .map((g) => cast(sum(mul(g, g)), "f32"))
      .reduce((a, b) => add(a, b));
  test.each([...features, ...open, ...images].map(({ name }) => name))("%s", (name) => {
    const { graph } = find(name);
    const first = written[name] as (...args: readonly unknown[]) => { readonly grad: unknown };
    const second = valueAndGrad((...args) => squares(first(...args).grad));
    const specs = graph.params.map((param) => ({ name: param.name, specs: mapTree(specOf, param.tree) }));
    const twice = { name: `${name}_vjp`, of: name, graph: trace(`${name}_vjp`, second as never, specs) };
    const module = run(write([twice]));
    expect(graphDifference(normal(called(twice, module)), normal(twice.graph))).toBeUndefined();
    const inputs = inputsFor(graph);
    expectClose(module[twice.name]?.(...inputs), elements(second(...inputs)));
  });
});

test("a long function is written in parts", () => {
  const deep = (p: unknown, x: unknown): Value => {
    let y = x as Value;
    for (let layer = 0; layer < 400; layer++) y = add(mul(y, p as Value), x as Value);
    return sum(y);
  };
  const [p, x] = [find("dropped_vjp").graph.params[0], find("dropped_vjp").graph.params[1]].map((param) => mapTree(specOf, param?.tree));
  const graph = trace("deep_vjp", valueAndGrad(deep) as never, [
    { name: "p", specs: p },
    { name: "x", specs: x },
  ]);
  const f = { name: "deep_vjp", of: "deep", graph };
  const long = write([f]);
  expect(long.match(/^const deep_vjp_part\d/gm)?.length).toBeGreaterThan(1);
  expect(graphDifference(normal(called(f, run(long))), normal(graph))).toBeUndefined();
  expect(graphDifference(normal(read(`${here}/written.ts`, { text: long }).functions[0] as Graph), normal(graph))).toBeUndefined();
});

/** Without header and imports. */
const body = (f: DerivativeFunction): string => write([f]).split('from "cotangent";\n\n')[1] ?? "";

describe("the whole text of", () => {
  test("the MNIST example", () => {
    expect(write(mnist)).toMatchInlineSnapshot(`
      "// Generated by cotangent 0.1.0 from model.ts. Do not edit: change model.ts and run \`cotangent build model.ts\`.
      // source 5ca1ab1e
      import {
        abs,
        add,
        type DimValue,
        dim,
        div,
        equal,
        exp,
        greater,
        iota,
        lessEqual,
        log,
        type Model,
        matmul,
        max,
        mean,
        model,
        neg,
        relu,
        reshape,
        stopGradient,
        strongMul,
        sub,
        sum,
        type Tensor,
        transpose,
        where,
      } from "cotangent";

      type P = { hidden: { w: Tensor<[784, 128]>; b: Tensor<[128]> }; out: { w: Tensor<[128, 10]>; b: Tensor<[10]> } };

      /** \`loss\` and its gradient with respect to \`p\`; \`d_out\` is its cotangent: 1 for the gradient itself. */
      export const loss_vjp: Model<
        [p: P, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">, d_out: Tensor<[]>],
        { value: Tensor<[]>; grad: P }
      > = model((p, x, y, d_out) => {
        const B: DimValue<"B"> = dim(x, 0);

        // mlp.ts:9
        const h: Tensor<["B", 128]> = relu(add(matmul(x, p.hidden.w), p.hidden.b));

        // mlp.ts:10
        const logits: Tensor<["B", 10]> = add(matmul(h, p.out.w), p.out.b);

        // mlp.ts:13
        const max_1: Tensor<["B", 1]> = max(stopGradient(logits), 1, { keepDims: true });
        const sub_1: Tensor<["B", 10]> = sub(logits, stopGradient(where(lessEqual(abs(max_1), 3.4028234663852886e38), max_1, 0)));
        const exp_1: Tensor<["B", 10]> = exp(sub_1);
        const sum_1: Tensor<["B"]> = sum(exp_1, 1);
        const equal_1: Tensor<["B", 10], "bool"> = equal(reshape(y, [B, 1]), iota(10));
        const value: Tensor<[]> = mean(sub(log(sum_1), sum(where(equal_1, sub_1, 0), 1)));

        // mlp.ts:13
        const div_1: Tensor<[]> = div(d_out, B);
        const strongMul_1: Tensor<["B", 10]> = strongMul(reshape(strongMul(div_1, div(1, sum_1)), [B, 1]), exp_1);
        const d_logits: Tensor<["B", 10]> = add(where(equal_1, neg(div_1), 0), strongMul_1);

        // mlp.ts:10
        const d_p_out_w: Tensor<[128, 10]> = matmul(transpose(h), d_logits);
        const d_p_out_b: Tensor<[10]> = sum(d_logits, 0);
        const d_h: Tensor<["B", 128]> = matmul(d_logits, transpose(p.out.w));

        // mlp.ts:9
        const where_1: Tensor<["B", 128]> = where(greater(h, 0), d_h, 0);
        const d_p_hidden_w: Tensor<[784, 128]> = matmul(transpose(x), where_1);
        const d_p_hidden_b: Tensor<[128]> = sum(where_1, 0);

        return { value, grad: { hidden: { w: d_p_hidden_w, b: d_p_hidden_b }, out: { w: d_p_out_w, b: d_p_out_b } } };
      });
      "
    `);
  });
  test("layer normalisation, broadcast over rows and over columns", () => {
    expect(body(find("normalised_vjp"))).toMatchInlineSnapshot(`
      "type P = { gain: Tensor<[8]>; bias: Tensor<[8]>; shift: Tensor<["B", 1]> };

      /** \`normalised\` and its gradient with respect to \`p\`; \`d_out\` is its cotangent: 1 for the gradient itself. */
      export const normalised_vjp: Model<
        [p: P, x: Tensor<["B", 8]>, d_out: Tensor<[]>],
        { value: Tensor<[]>; grad: P }
      > = model((p, x, d_out) => {
        // adjoint.test-source.ts:55
        const moved: Tensor<["B", 8]> = add(x, p.shift);

        // adjoint.test-source.ts:56
        const sub_1: Tensor<["B", 8]> = sub(moved, mean(moved, 1, { keepDims: true }));
        const sqrt_1: Tensor<["B", 1]> = sqrt(add(mean(mul(sub_1, sub_1), 1, { keepDims: true }), 0.00001));
        const div_1: Tensor<["B", 1]> = div(1, sqrt_1);
        const mul_1: Tensor<["B", 8]> = mul(sub_1, div_1);
        const sub_2: Tensor<["B", 8]> = sub(add(mul(mul_1, p.gain), p.bias), 1);
        const value: Tensor<[]> = mean(mul(sub_2, sub_2));

        // adjoint.test-source.ts:56
        const mul_2: Tensor<["B", 8]> = mul(mul(div(d_out, dim(x, 0)), 0.125), sub_2);
        const add_1: Tensor<["B", 8]> = add(mul_2, mul_2);
        const d_p_bias: Tensor<[8]> = sum(add_1, 0);
        const d_p_gain: Tensor<[8]> = sum(mul(add_1, mul_1), 0);
        const mul_3: Tensor<["B", 8]> = mul(add_1, p.gain);
        const strongMul_1: Tensor<["B", 1]> = strongMul(sum(mul(mul_3, sub_1), 1, { keepDims: true }), neg(div(div_1, sqrt_1)));
        const mul_4: Tensor<["B", 8]> = mul(mul(strongMul(strongMul_1, div(0.5, sqrt_1)), 0.125), sub_1);
        const add_2: Tensor<["B", 8]> = add(add(mul(mul_3, div_1), mul_4), mul_4);
        const d_moved: Tensor<["B", 8]> = add(add_2, mul(sum(neg(add_2), 1, { keepDims: true }), 0.125));

        // adjoint.test-source.ts:55
        const d_p_shift: Tensor<["B", 1]> = sum(d_moved, 1, { keepDims: true });

        return { value, grad: { gain: d_p_gain, bias: d_p_bias, shift: d_p_shift } };
      });
      "
    `);
  });
  test("an embedding: gather and scatter-add", () => {
    expect(body(find("embedded_vjp"))).toMatchInlineSnapshot(`
      "type P = { table: Tensor<["V", 4]>; w: Tensor<[4, 3]> };

      /** \`embedded\` and its gradient with respect to \`p\`; \`d_out\` is its cotangent: 1 for the gradient itself. */
      export const embedded_vjp: Model<
        [p: P, words: Tensor<["B", "T"], "i32">, d_out: Tensor<[]>],
        { value: Tensor<[]>; grad: P }
      > = model((p, words, d_out) => {
        const V: DimValue<"V"> = dim(p.table, 0);

        // adjoint.test-source.ts:61
        const e: Tensor<["B", "T", 4]> = gather(p.table, words);

        // adjoint.test-source.ts:62
        const counts: Tensor<["V", 3]> = scatterAdd(zeros([V, 3]), words, matmul(e, p.w));

        // adjoint.test-source.ts:63
        const value: Tensor<[]> = sum(mul(counts, counts));

        // adjoint.test-source.ts:63
        const mul_1: Tensor<["V", 3]> = mul(d_out, counts);
        const d_counts: Tensor<["V", 3]> = add(mul_1, mul_1);

        // adjoint.test-source.ts:62
        const gather_1: Tensor<["B", "T", 3]> = gather(d_counts, words);
        const d_p_w: Tensor<[4, 3]> = dotGeneral(e, gather_1, { contract: [[0, 1], [0, 1]] });
        const d_e: Tensor<["B", "T", 4]> = matmul(gather_1, transpose(p.w));

        // adjoint.test-source.ts:61
        const d_p_table: Tensor<["V", 4]> = scatterAdd(zeros([V, 4]), words, d_e);

        return { value, grad: { table: d_p_table, w: d_p_w } };
      });
      "
    `);
  });
  test("names that mean something else in the module", () => {
    expect(body(find("named_vjp"))).toMatchInlineSnapshot(`
      "/** \`named\` and its gradient with respect to \`sum_1\`; \`d_out\` is its cotangent: 1 for the gradient itself. */
      export const named_vjp: Model<
        [sum_1: Tensor<[8]>, exp: Tensor<["B", 8]>, B: Tensor<[]>, d_out: Tensor<[]>],
        { value: Tensor<[]>; grad: Tensor<[8]> }
      > = model((sum_1, exp, B, d_out) => {
        const B_1: DimValue<"B"> = dim(exp, 0);

        // adjoint.test-source.ts:124
        const model_1: Tensor<["B", 8]> = mul(exp, sum_1);

        // adjoint.test-source.ts:125
        const add_1: Tensor<["B", 8]> = sub(model_1, B);

        // adjoint.test-source.ts:126
        const tanh_2: Tensor<["B", 8]> = tanh(add_1);
        const tanh_1: Tensor<["B", 8]> = tanh(tanh_2);

        // adjoint.test-source.ts:127
        const mul_1: Tensor<["B", 8]> = mul(tanh_1, tanh_1);
        const Model: Tensor<["B", 1]> = mean(mul_1, 1, { keepDims: true });

        // adjoint.test-source.ts:128
        const value: Tensor<[]> = mean(mul(Model, model_1));

        // adjoint.test-source.ts:128
        const mul_2: Tensor<[]> = mul(div(d_out, B_1), 0.125);
        const d_Model: Tensor<["B", 1]> = sum(mul(mul_2, model_1), 1, { keepDims: true });

        // adjoint.test-source.ts:127
        const mul_3: Tensor<["B", 8]> = mul(mul(d_Model, 0.125), tanh_1);
        const d_tanh_1: Tensor<["B", 8]> = add(mul_3, mul_3);

        // adjoint.test-source.ts:126
        const d_add_1: Tensor<["B", 8]> = mul(mul(d_tanh_1, sub(1, mul_1)), sub(1, mul(tanh_2, tanh_2)));

        // adjoint.test-source.ts:125
        const d_model: Tensor<["B", 8]> = add(mul(mul_2, broadcastTo(Model, [B_1, 8])), d_add_1);

        // adjoint.test-source.ts:124
        const d_sum: Tensor<[8]> = sum(mul(d_model, exp), 0);

        return { value, grad: d_sum };
      });
      "
    `);
  });
});
