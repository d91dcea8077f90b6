/** The law between targets: every kernel of a program computes on one what it computes on another. Kernel by kernel, the first that differs is named. */
import { alone } from "../codegen/alone.ts";
import type { Kernel } from "../codegen/kernel.ts";
import type { Program } from "../codegen/program.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { bufferOf } from "../dsl/storage.ts";
import { elementsOf } from "../dsl/tensor.ts";
import type { AnyTensor } from "../dsl/types.ts";
import { concrete, type Value } from "../dsl/value.ts";
import { tolerance } from "./tolerance.ts";

type Sizes = Readonly<Record<string, number>>;

/** A target, as it is checked: programs go in, functions by their names come out. */
export interface Runner {
  /** Values begin at multiples of so many elements. */
  readonly align: number;
  run(programs: readonly Program[]): Promise<Readonly<Record<string, (...args: readonly unknown[]) => unknown>>>;
}

/** An element that is not what it should be. */
export interface Difference {
  readonly kernel: Kernel;
  readonly value: Value;
  readonly index: readonly number[];
  readonly expected: number;
  readonly actual: number;
  readonly allowed: number;
}

/** Runs all kernels, each on what the reference made so far; `next` gives a number from 0 to 1 at each call, of which the inputs are made. */
export async function firstDifference(
  program: Program,
  reference: Runner,
  target: Runner,
  sizes: Sizes,
  next: () => number,
): Promise<Difference | undefined> {
  const { kernels, inputs, constants } = program;
  const of = ({ align }: Runner) => kernels.map((kernel) => alone(program, kernel, align));
  const load = (runner: Runner) => runner.run(of(runner).map((one) => one.program));
  const [expected, actual] = await Promise.all([load(reference), load(target)]);
  const known = new Map<Value, Value>(constants.map((v) => [v, v]));
  for (const { value } of inputs) known.set(value, sample(value, sizes, next));
  for (const [k, { program: one, reads, sizes: names, writes }] of of(reference).entries()) {
    const args = [
      ...reads.map((v) => known.get(v) as Value),
      ...names.map((name) => concrete(new Int32Array(sizes[name] as number), [sizes[name] as number], "i32")),
    ];
    const [right, got] = await Promise.all([expected, actual].map((module) => resultOf(module[one.name]?.(...args))));
    for (const [w, value] of writes.entries()) {
      const made = concrete(right?.[w] as Float32Array, shapeOf(value, sizes), value.dtype);
      const difference = compare(value, made, got?.[w] as Float32Array, args);
      if (difference) return { kernel: kernels[k] as Kernel, value, ...difference };
      known.set(value, made);
    }
  }
  return undefined;
}

const resultOf = (tensors: unknown): Promise<ArrayLike<number>[]> =>
  Promise.all((tensors as readonly { data(): Promise<ArrayLike<number>> }[]).map((tensor) => tensor.data()));
const shapeOf = (v: Value, sizes: Sizes): number[] => v.shape.map((dim) => evaluateDim(dim, sizes));

/** Floats from −1 to 1, integers 0 and 1: indices of anything. */
function sample(v: Value, sizes: Sizes, next: () => number): Value {
  const shape = shapeOf(v, sizes);
  const isFloat = v.dtype === "f32" || v.dtype === "f64";
  const data = Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => (isFloat ? 2 * next() - 1 : Math.round(next())));
  return concrete(bufferOf(data, shape, v.dtype), shape, v.dtype);
}

/** A rounding error is as large as what was rounded: the greatest number that went in or came out, and as often as one multiplies by it. */
function compare(
  value: Value,
  expected: Value,
  actual: ArrayLike<number>,
  args: readonly AnyTensor[],
): Pick<Difference, "index" | "expected" | "actual" | "allowed"> | undefined {
  const right = elementsOf(expected);
  const greatest = [...args.map((arg) => elementsOf(arg as Value)), right].reduce((top, list) => Math.max(top, greatestIn(list)), 1);
  const { relative } = tolerance[value.dtype];
  for (let i = 0; i < right.length; i++) {
    const [x, y] = [actual[i] as number, right[i] as number];
    const allowed = relative * greatest ** 2;
    if (Object.is(x, y) || x === y || Math.abs(x - y) <= allowed) continue;
    return { index: indexOf(i, expected.shape as readonly number[]), expected: y, actual: x, allowed };
  }
  return undefined;
}
function greatestIn(list: ArrayLike<number>): number {
  let top = 0;
  for (let i = 0; i < list.length; i++) if (Number.isFinite(list[i])) top = Math.max(top, Math.abs(list[i] as number));
  return top;
}
function indexOf(at: number, shape: readonly number[]): number[] {
  let left = at;
  return shape
    .toReversed()
    .map((n) => {
      const i = left % n;
      left = (left - i) / n;
      return i;
    })
    .reverse();
}
