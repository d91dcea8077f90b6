/** A function of tensors as a graph: what the reader makes from source, and `trace` from a call. */

import { sameShape, showShape } from "../dsl/dim.ts";
import { leavesOf, mapTree } from "../dsl/tree.ts";
import type { Dim, DType, Shape } from "../dsl/types.ts";
import { isTensor, type Origin, parameter, type Value, valueOf } from "../dsl/value.ts";

export interface Graph {
  readonly name: string;
  readonly params: readonly Param[];
  /** A tree of Values. A step's is `[carry, output]`. */
  readonly result: unknown;
  /** What was found of sizes whose type is `number`. They have what they equal in the shapes of `params`; this says why. */
  readonly equalities?: readonly Equality[];
}
/** What an axis of a parameter's leaf has to be, because of a call in the source. */
export interface Equality {
  readonly path: string;
  readonly axis: number;
  /** In words: `10`, `T+1`, `as long as axis 0 of x`, `a multiple of 2`. */
  readonly to: string;
  readonly origin: Origin;
}
export interface Param {
  readonly name: string;
  /** A tree of parameter Values; a `number` is a rank-0 f32 one whose attribute `number` is true. */
  readonly tree: unknown;
}

interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}
/** A leaf of a spec tree. It is a parameter already, unnamed, so that trees of specs are trees of tensors. */
export const tensorSpec = (shape: Shape, dtype: DType): Value => parameter(shape, dtype);

/** A size before it has a name, in the shape of a spec: its type leaves it open, `number`. */
export const unnamed: Dim = ".";
/** It is a size that a type leaves open, or made of one: named `x.0` for axis 0 of `x`. A user's names have no dot. */
export const isOpen = (dim: Dim): boolean => typeof dim === "string" && dim.includes(".");

export interface GraphLeaf {
  /** `p.hidden.w` */
  readonly path: string;
  readonly value: Value;
}
export const paramLeaves = (graph: Graph): GraphLeaf[] =>
  graph.params.flatMap(({ name, tree }) => tensorLeaves(tree).map(({ path, value }) => ({ path: joinPath(name, path), value })));
export const resultLeaves = (graph: Graph): GraphLeaf[] =>
  tensorLeaves(graph.result).map(({ path, value }) => ({ path: path === "" ? "result" : path, value }));
/** Leaves that are tensors; null stands beside an integer parameter in a gradient. */
const tensorLeaves = (tree: unknown): GraphLeaf[] =>
  leavesOf(tree).flatMap(({ path, value }) => (isTensor(value) ? [{ path, value: valueOf(value) }] : []));

export const joinPath = (name: string, path: string): string =>
  path === "" ? name : path.startsWith("[") ? name + path : `${name}.${path}`;

/** `p.hidden.w` is `p_hidden_w`. */
export const leafName = (path: string): string => path.replace(/[^\w$]+/g, "_").replace(/_$/, "");

/** A parameter's Values from a tree whose leaves are `tensorSpec(shape, dtype)` or `"number"`; each is named after its path: `p_hidden_w`. */
export function makeParam(name: string, specs: unknown): Param {
  const paths = leavesOf(specs);
  let k = 0;
  const tree = mapTree((spec) => {
    const id = leafName(joinPath(name, paths[k++]?.path ?? ""));
    if (spec === null) return null;
    if (spec === "number") return parameter([], "f32", id, true);
    const { shape, dtype } = spec as TensorSpec;
    return parameter(shape, dtype, id);
  }, specs);
  return { name, tree };
}

/** The graph of `f`, made by calling it with symbolic Values. Tests hold the reader to it. */
export function trace(
  name: string,
  f: (...args: never[]) => unknown,
  params: readonly { readonly name: string; readonly specs: unknown }[],
): Graph {
  const made = params.map((p) => makeParam(p.name, p.specs));
  return { name, params: made, result: (f as (...args: unknown[]) => unknown)(...made.map((p) => p.tree)) };
}

/** A step: the result is a pair whose first half has the leaves of the first parameter, shape by shape. */
export const isStep = (graph: Graph): boolean => carryOf(graph)?.every(([before, after]) => sameShape(before.shape, after.shape)) ?? false;

/** Its types let it be a step, where they leave sizes open, and it is none: how the carry that comes back differs, in words. */
export function noStep(graph: Graph): string | undefined {
  const fits = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, i) => d === b[i] || isOpen(d) || isOpen(b[i] ?? 1));
  const carry = carryOf(graph);
  if (!carry?.every(([before, after]) => fits(before.shape, after.shape))) return undefined;
  const different = carry.find(([before, after]) => !sameShape(before.shape, after.shape));
  if (!different) return undefined;
  const path = paramLeaves(graph).find(({ value }) => value === different[0])?.path;
  return `${path} is ${showShape(different[0].shape)}, and comes back as ${showShape(different[1].shape)}`;
}

/** Each leaf of the first parameter and what comes back in its place; undefined where that is another tree, or of another dtype. */
function carryOf({ params, result }: Graph): (readonly [before: Value, after: Value])[] | undefined {
  if (!Array.isArray(result) || result.length !== 2 || !params[0]) return undefined;
  const [into, out] = [tensorLeaves(params[0].tree), tensorLeaves(result[0])];
  const alike = into.every(({ path, value }, i) => path === out[i]?.path && value.dtype === out[i].value.dtype);
  return into.length === out.length && alike ? into.map(({ value }, i) => [value, (out[i] as GraphLeaf).value]) : undefined;
}
