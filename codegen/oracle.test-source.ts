/** What a graph should compute, by the interpreter; and what counts as the same. */
import { topological } from "../dsl/differentiate.ts";
import { evaluateDim } from "../dsl/dim.ts";
import type { Attr } from "../dsl/op.ts";
import { elementsOf } from "../dsl/tensor.ts";
import { leavesOf } from "../dsl/tree.ts";
import type { AnyTensor } from "../dsl/types.ts";
import { isTensor, makeValue, type Value } from "../dsl/value.ts";
import { paramLeaves, resultLeaves } from "./graph.ts";
import type { Sample } from "./random-graph.test-source.ts";

/** Values, how far a correct result may be from them, and the greatest number met on the way. */
export interface Expected {
  readonly values: readonly Value[];
  readonly allowed: number;
  readonly greatest: number;
}

/** `outputs` (the graph's, or others of the same parameters) for the sample's sizes and inputs. */
export function interpret(
  { graph, sizes, inputs }: Pick<Sample, "graph" | "sizes" | "inputs">,
  outputs: readonly Value[] = resultLeaves(graph).map((leaf) => leaf.value),
): Expected {
  const known = new Map(paramLeaves(graph).map(({ value }, k) => [value, inputs[k] as Value]));
  const order = topological(outputs, known);
  for (const v of order) if (!known.has(v)) known.set(v, replay(v, known, sizes));
  // A rounding error is as large as what was rounded, and is multiplied by what that is multiplied with: the greatest number, twice.
  // What is made of nothing but numbers is exact until something is computed with it, such as the greatest f32, which `softmax` compares with.
  const isExact = (v: Value): boolean => v.generated || (v.op.kind === "leaf" && v.concrete);
  const floats = order.filter((v) => (v.dtype === "f32" || v.dtype === "f64") && !isExact(v));
  const greatest = floats.reduce((top, v) => Math.max(top, greatestIn(known.get(v) as Value)), 1);
  const ulps = floats.some((v) => v.dtype === "f32") ? 1e-5 : 1e-12;
  return { values: outputs.map((v) => known.get(v) as Value), allowed: ulps * greatest ** 2, greatest };
}

const greatestIn = (v: Value): number =>
  Array.from(elementsOf(v)).reduce((top, x) => (Number.isFinite(x) ? Math.max(top, Math.abs(x)) : top), 0);

function replay(v: Value, known: ReadonlyMap<Value, Value>, sizes: Sample["sizes"]): Value {
  if (v.op.kind === "leaf") return v;
  const put = (attr: Attr): Attr => (Array.isArray(attr) ? attr.map(put) : typeof attr === "string" ? evaluateDim(attr, sizes) : attr);
  const attrs = Object.fromEntries(Object.entries(v.attrs).map(([key, attr]) => [key, key === "dtype" ? attr : put(attr)]));
  return makeValue(
    v.op,
    v.args.map((arg) => known.get(arg) as Value),
    attrs,
  );
}

/** Throws unless the tensors of `actual`, a tree, are the expected ones. Integers are exact; NaN and infinities must be where they should. */
export function expectSame(actual: unknown, { values, allowed }: Expected): void {
  const tensors = leavesOf(actual).flatMap(({ value }) => (isTensor(value) ? [value] : []));
  if (tensors.length !== values.length) throw new Error(`${tensors.length} tensors, expected ${values.length}`);
  for (const [k, tensor] of tensors.entries()) expectSameTensor(`output ${k}`, tensor, values[k] as Value, allowed);
}

function expectSameTensor(what: string, actual: AnyTensor, expected: Value, allowed: number): void {
  const type = (x: AnyTensor): string => `${x.dtype} [${x.shape.join(", ")}]`;
  if (type(actual) !== type(expected)) throw new Error(`${what} is ${type(actual)}, expected ${type(expected)}`);
  const [x, y] = [elementsOf(actual), elementsOf(expected)];
  const isFloat = expected.dtype === "f32" || expected.dtype === "f64";
  for (let i = 0; i < y.length; i++) {
    const [a, b] = [x[i] as number, y[i] as number];
    if (Object.is(a, b) || a === b || (isFloat && Math.abs(a - b) <= allowed)) continue;
    throw new Error(`${what} (${type(expected)}), element ${i}: expected ${b}, got ${a}; they may differ by ${allowed}`);
  }
}

/** Beyond this a sample says nothing about rounding any more. */
export const isTame = ({ greatest }: Expected): boolean => greatest < 1e4;
