/**
 * Random graphs for the compiler's own laws: every op, sizes of 0 and 1, run-time sizes, sharing, gradients, names that generated code uses
 * itself. (Random *source* is in proofs.) A recipe is plain data, so that it shrinks; each step takes what fits from what is there.
 */
import fc from "fast-check";
import { grad } from "../dsl/derivatives.ts";
import { topological } from "../dsl/differentiate.ts";
import { addDims, evaluateDim, namesOfDim, sameShape } from "../dsl/dim.ts";
import { sum } from "../dsl/ops/broadcast.ts";
import { add, cast } from "../dsl/ops/scalar.ts";
import { bufferOf } from "../dsl/storage.ts";
import type { Dim, FloatDType } from "../dsl/types.ts";
import { concrete, nameValue, type Value, withOrigin } from "../dsl/value.ts";
import { type Graph, paramLeaves, resultLeaves, tensorSpec, trace } from "./graph.ts";
import { firstThatFits, pick, type Step } from "./random-ops.test-source.ts";

export interface Recipe {
  readonly dtype: FloatDType;
  readonly dims: readonly [name: string, size: number][];
  readonly params: readonly (readonly number[])[];
  readonly steps: readonly Step[];
  readonly outputs: readonly number[];
  readonly derivative: boolean;
  readonly seed: number;
}

/** What generated code says itself, and what JavaScript keeps for itself. */
const awkward = ["i", "j", "p", "t0", "f32", "i32", "d", "max", "load", "sum", "erf", "Math", "class", "at_x0", "h_00", "B", "source", "0"];

const step = (): fc.Arbitrary<Step> =>
  fc.record({
    op: fc.nat(999),
    a: fc.nat(99),
    b: fc.nat(99),
    n: fc.nat(99),
    name: fc.option(fc.constantFrom(...awkward), { nil: undefined, freq: 3 }),
  });

const dims = (): fc.Arbitrary<[string, number][]> =>
  fc
    .tuple(
      fc.constantFrom(["B", "T"], ["i", "j"], ["d", "max"], ["f32", "at_x0"], ["N", "N_max"], ["p", "t0"]),
      fc.constantFrom(3, 1, 2, 0, 4, 5),
      fc.constantFrom(2, 1, 3),
    )
    .map(([[m, n], x, y]) => [
      [m as string, x],
      [n as string, y],
    ]);

/** Mostly of rank 2 and 3. */
const axes = (): fc.Arbitrary<number[]> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.array(fc.nat(11), { minLength: 2, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.array(fc.nat(11), { maxLength: 1 }) },
  );

export const recipe = (options: { readonly maxSteps?: number; readonly derivative?: boolean } = {}): fc.Arbitrary<Recipe> =>
  fc.record({
    dtype: fc.constantFrom<FloatDType>("f32", "f64"),
    dims: dims(),
    params: fc.array(axes(), { minLength: 1, maxLength: 4 }),
    steps: fc.array(step(), { minLength: 6, maxLength: options.maxSteps ?? 20, size: "max" }),
    outputs: fc.array(fc.nat(99), { minLength: 1, maxLength: 3 }),
    derivative: options.derivative === undefined ? fc.boolean() : fc.constant(options.derivative),
    seed: fc.nat(1_000_000),
  });

/** A graph, and one set of inputs for it. */
export interface Sample {
  readonly graph: Graph;
  readonly sizes: Readonly<Record<string, number>>;
  /** One concrete tensor for each leaf of the parameters. */
  readonly inputs: readonly Value[];
  toString(): string;
}

/** A function of tensors; half of them return their gradient too. */
export const sample = (options?: Parameters<typeof recipe>[0]): fc.Arbitrary<Sample> => recipe(options).map(functionOf);
/** A step: some of its carry is updated, some stays, some leaves change places, and outputs may be old or new values of it. */
export const stepSample = (): fc.Arbitrary<Sample> => recipe({ derivative: false }).map(stepOf);

function functionOf(r: Recipe): Sample {
  const { floats, others } = specsOf(r);
  const program = (...args: readonly Value[]): Value[] => lastOf(r, run(r, args));
  const loss = (...args: readonly Value[]): Value =>
    program(...args)
      .map((v) => cast(sum(v.dtype === "bool" ? cast(v, r.dtype) : v), r.dtype))
      .reduce((x, y) => add(x, y));
  const f = (...args: readonly Value[]): unknown[] => [...program(...args), ...(r.derivative ? [grad(loss as never)(...args)] : [])];
  return sampleOf(r, trace("f", f as never, [...floats, ...others]));
}

function stepOf(r: Recipe): Sample {
  const { floats, others } = specsOf(r);
  const f = (carry: Readonly<Record<string, Value>>, ...rest: readonly Value[]): unknown[] => {
    const pool = run(r, [...Object.values(carry), ...rest]);
    const next = Object.entries(carry).map(([key, old], k) => {
      const fits = pool.filter((v) => v.dtype === old.dtype && sameShape(v.shape, old.shape));
      return [key, pick(fits, r.seed + 7 * k) as Value];
    });
    return [Object.fromEntries(next), lastOf(r, pool)];
  };
  const carry = Object.fromEntries(floats.map(({ name, specs }) => [name, specs]));
  return sampleOf(r, trace("f", f as never, [{ name: "s", specs: carry }, ...others]));
}

function sampleOf(r: Recipe, graph: Graph): Sample {
  const sizes = Object.fromEntries(r.dims);
  return { graph, sizes, inputs: inputsFor(graph, sizes, r.seed), toString: () => describe(graph, sizes) };
}

/** Other inputs for a graph, of other sizes. */
export function inputsFor(graph: Graph, sizes: Sample["sizes"], seed = 0): Value[] {
  const random = generator(seed);
  return paramLeaves(graph).map(({ value }) => fill(value, sizes, random));
}

interface Spec {
  readonly name: string;
  readonly specs: Value;
}
/** Float parameters, among them one of every size that is not the size of another by itself; indices, flags and a key. */
function specsOf(r: Recipe): { floats: Spec[]; others: Spec[] } {
  const [[m], [n]] = r.dims as [[string, number], [string, number]];
  const choices: readonly Dim[] = [3, 2, m, 1, n, 5, 4, 7, `2*${m}`, addDims(n, 1), 0, 1];
  const shapes = r.params.map((param) => param.map((k) => choices[k] as Dim));
  const alone = new Set(shapes.flat());
  const lost = [...new Set(shapes.flat().flatMap(namesOfDim))].filter((name) => !alone.has(name) && !alone.has(`2*${name}`));
  return {
    floats: [...shapes, ...lost.map((name) => [name])].map((shape, k) => ({ name: `x${k}`, specs: tensorSpec(shape, r.dtype) })),
    others: [
      { name: "at", specs: tensorSpec([3], "i32") },
      { name: "flag", specs: tensorSpec(shapes[0] ?? [], "bool") },
      { name: "key", specs: tensorSpec([2], "i32") },
    ],
  };
}

/** Everything that the recipe makes, its arguments first. */
function run(r: Recipe, args: readonly Value[]): Value[] {
  const pool = [...args];
  for (const [line, one] of r.steps.entries()) {
    const v = withOrigin({ file: "random.ts", line: line + 1, column: 1 }, () => firstThatFits(pool, one));
    if (!v) continue;
    if (one.name !== undefined && v.op.kind !== "leaf") nameValue(v, one.name);
    pool.push(v);
  }
  return pool;
}
/** The last value, and some of those before it; now and then an argument. */
const lastOf = (r: Recipe, pool: readonly Value[]): Value[] => [
  pool.at(-1) as Value,
  ...r.outputs.slice(1).map((k) => pick(k % 5 === 0 ? pool : pool.slice(-6), k) as Value),
];

/** Eighths in [−2, 2]; indices some of which are out of range. */
function fill(v: Value, sizes: Readonly<Record<string, number>>, random: () => number): Value {
  const shape = v.shape.map((d) => evaluateDim(d, sizes));
  const count = shape.reduce((a, b) => a * b, 1);
  const element = (): number =>
    v.dtype === "bool" ? +(random() < 0.5) : v.dtype === "i32" ? Math.floor(random() * 6) - 1 : (Math.floor(random() * 33) - 16) / 8;
  return concrete(bufferOf(Array.from({ length: count }, element), shape, v.dtype), shape, v.dtype);
}

/** mulberry32 */
function generator(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** What a graph computes, op by op: how a counterexample is read. */
function describe(graph: Graph, sizes: Readonly<Record<string, number>> = {}): string {
  const order = topological(resultLeaves(graph).map((leaf) => leaf.value));
  const id = new Map(order.map((v, k) => [v, `%${k}`]));
  const attrs = (v: Value): string => (Object.keys(v.attrs).length > 0 ? ` ${JSON.stringify(v.attrs)}` : "");
  return [
    JSON.stringify(sizes),
    ...order.map(
      (v) => `${id.get(v)} = ${v.op.name}(${v.args.map((arg) => id.get(arg)).join(", ")})${attrs(v)} [${v.shape.join(", ")}] ${v.dtype}`,
    ),
    `→ ${resultLeaves(graph)
      .map((leaf) => id.get(leaf.value))
      .join(", ")}`,
  ].join("\n");
}
