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
import { read } from "./reading.test-source.ts";
import { elements, inputsFor, run, specOf, tensorsOf, type Written, write } from "./written.test-source.ts";

const here = import.meta.dirname;
const mnist = read(`${here}/../../examples/mnist/mlp.ts`).derivatives;
const features = read(`${here}/adjoint.test-source.ts`).derivatives;
const functions = [...mnist, ...features];
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
  const sources: Readonly<Record<string, unknown>> = { ...models, loss: mlp.loss };
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
  test.each(features.map(({ name }) => name))("%s", (name) => {
    const { graph } = find(name);
    const second = valueAndGrad((...args) => squares((written[name]?.(...args) as { grad: unknown }).grad));
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
const body = (f: DerivativeFunction): string => write([f]).replace(/^[^]*from "cotangent";\n\n/, "");

describe("the whole text of", () => {
  test("the MNIST example", () => {
    expect(write(mnist)).toMatchInlineSnapshot();
  });
  test("layer normalisation, broadcast over rows and over columns", () => {
    expect(body(find("normalised_vjp"))).toMatchInlineSnapshot();
  });
  test("an embedding: gather and scatter-add", () => {
    expect(body(find("embedded_vjp"))).toMatchInlineSnapshot();
  });
  test("names that mean something else in the module", () => {
    expect(body(find("named_vjp"))).toMatchInlineSnapshot();
  });
});
