/** For tests: a written module, as it runs; and inputs for it. */
import ts from "typescript6";
import { evaluateDim, namesOfDim } from "../../dsl/dim.ts";
import * as cotangent from "../../dsl/index.ts";
import { bufferOf } from "../../dsl/storage.ts";
import { leavesOf, mapTree } from "../../dsl/tree.ts";
import { concrete, isTensor, isValue, type Value, valueOf } from "../../dsl/value.ts";
import { type Graph, isOpen, paramLeaves, tensorSpec } from "../graph.ts";
import type { DerivativeFunction } from "./derivatives.ts";
import { writeAdjoint } from "./write.ts";

const about = { source: "model.ts", hash: "5ca1ab1e", version: "0.1.0" };
export const write = (functions: readonly DerivativeFunction[]): string => writeAdjoint(functions, about);

export type Written = Readonly<Record<string, (...args: readonly unknown[]) => unknown>>;
/** What a written module exports. Its types are gone, its import is the package in this process. */
export function run(text: string): Written {
  const { outputText } = ts.transpileModule(text, { compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 } });
  const exports = {};
  new Function("exports", "require", outputText)(exports, () => cotangent);
  return exports;
}

export const tensorsOf = (tree: unknown): Value[] => leavesOf(tree).flatMap(({ value }) => (isTensor(value) ? valueOf(value) : []));

const sizes = { B: 3, T: 4, V: 5 };
/** Sizes without a name that a user wrote differ from each other and from those. */
const sizesFor = (graph: Graph): Readonly<Record<string, number>> => {
  const open = paramLeaves(graph).flatMap(({ value }) => value.shape.flatMap(namesOfDim).filter(isOpen));
  return { ...sizes, ...Object.fromEntries([...new Set(open)].map((name, k) => [name, 6 + k])) };
};
/** Tensors for the parameters of a graph: floats in ±1.5, indices some of which are out of range. */
export function inputsFor(graph: Graph, seed = 1): unknown[] {
  const env = sizesFor(graph);
  let state = seed;
  const random = (): number => (state = (state * 16807) % 2147483647) / 2147483647;
  const fill = (leaf: unknown): unknown => {
    if (!isValue(leaf)) return leaf;
    if (leaf.attrs.number === true) return 0.25;
    const shape = leaf.shape.map((d) => evaluateDim(d, env));
    const element = (): number => (leaf.dtype === "i32" ? Math.floor(random() * 7) - 1 : random() * 3 - 1.5);
    const count = shape.reduce((product, d) => product * d, 1);
    return concrete(bufferOf(Array.from({ length: count }, element), shape, leaf.dtype), shape, leaf.dtype);
  };
  return graph.params.map(({ tree }) => mapTree(fill, tree));
}

/** Of a parameter's tree, what `trace` makes one like it from. */
export const specOf = (leaf: unknown): unknown => {
  if (!isValue(leaf)) return leaf;
  return leaf.attrs.number === true ? "number" : tensorSpec(leaf.shape, leaf.dtype);
};

/** The elements of all tensors of a tree. */
export const elements = (tree: unknown): number[] => tensorsOf(tree).flatMap((v) => [...(v.buffer ?? [])]);
