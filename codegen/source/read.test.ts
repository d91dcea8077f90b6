import { describe, expect, test } from "vitest";
import { mapTree } from "../../dsl/tree.ts";
import type { Value } from "../../dsl/value.ts";
import { type Graph, makeParam, paramLeaves, tensorSpec, trace } from "../graph.ts";
import { graphDifference } from "../graph-equal.ts";
import { printDiagnostic } from "./diagnostic.ts";
import * as features from "./features.test-source.ts";
import { readModule, type SourceModule } from "./read.ts";

void makeParam;
const folder = import.meta.dirname;
function read(file: string): SourceModule {
  const result = readModule(file);
  if (!result.ok) throw new Error(result.diagnostics.map(printDiagnostic).join("\n\n"));
  return result.module;
}

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
  const { functions } = read(`${folder}/features.test-source.ts`);
  const models = Object.entries(features);
  test("every exported model is read, in order", () => {
    expect(functions.map(({ name }) => name).sort()).toEqual(models.map(([name]) => name).sort());
  });
  test.each(models)("%s", (name, model) => {
    const graph = functions.find((one) => one.name === name) as Graph;
    expect(graphDifference(graph, traced(graph, model))).toBeUndefined();
  });
});

test("x", () => {
  const { functions, derivatives } = read(`${folder}/features.test-source.ts`);
  console.log(functions.map(f => f.name), functions.map(f => `${f.name}(${paramLeaves(f).map(p => `${p.path}: ${p.value.dtype} [${p.value.shape}]`).join(", ")})`).join("\n"));
  console.log(derivatives.map(f => `${f.name} of ${f.of}(${paramLeaves(f.graph).map(p => `${p.path}: ${p.value?.dtype} [${p.value?.shape}]`).join(", ")})`).join("\n"));
});
