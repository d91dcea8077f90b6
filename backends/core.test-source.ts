/** Every core function as a kernel written by hand, against what `dsl/core.ts` says it means. */
import type { Stage } from "../codegen/kernel.ts";
import { planMemory } from "../codegen/memory.ts";
import { type CoreFn, core } from "../dsl/core.ts";
import { call, indexVar, load } from "../dsl/expr.ts";
import type { DType } from "../dsl/types.ts";
import { parameter } from "../dsl/value.ts";
import { open, type Start } from "./machine.test-source.ts";

interface Case {
  readonly fns: readonly CoreFn[];
  readonly from: DType;
  readonly to: DType;
  readonly a: readonly number[];
  readonly b?: readonly number[];
}
const numbers = [-20, -3, -2.5, -1, -0.75, -0.1, 0, 0.25, 1, 1.5, 2, 20];
const positive = [1e-6, 0.01, 0.5, 0.9, 0.999, 1, 1.1, 2, 3, 10, 100, 1e6];
const integers = [-2147483648, -2147483647, -37, -2, -1, 0, 1, 2, 5, 31, 1000003, 2147483647];
const bools = [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1];
/** Another order of the same numbers. */
const mixed = (xs: readonly number[]): number[] => xs.map((_, i) => xs[(i * 5 + 3) % xs.length] as number);

/** Where all backends agree: no NaN, no overflow, no division by 0 of floats. */
const cases: readonly Case[] = [
  { fns: ["add", "sub", "mul", "max", "min"], from: "f32", to: "f32", a: numbers, b: mixed(numbers) },
  { fns: ["div", "pow"], from: "f32", to: "f32", a: positive, b: [-2, 3, 0.5, 2, 1, -7, 10, 1.5, 3, -1, 2, 0.25] },
  { fns: ["pow"], from: "f32", to: "f32", a: numbers, b: [2, 3, -2, 5, 1, -1, 0, 4, 0, 2, 0.5, 3] },
  { fns: ["neg", "abs", "exp", "sin", "cos", "tanh", "erf"], from: "f32", to: "f32", a: numbers },
  { fns: ["log", "sqrt"], from: "f32", to: "f32", a: positive },
  { fns: ["equal", "less", "lessEqual"], from: "f32", to: "bool", a: numbers, b: [...numbers.slice(0, 6), ...mixed(numbers).slice(6)] },
  { fns: ["equal", "less", "lessEqual"], from: "i32", to: "bool", a: integers, b: [...integers.slice(0, 6), ...mixed(integers).slice(6)] },
  { fns: ["equal", "less", "lessEqual", "and", "or"], from: "bool", to: "bool", a: bools, b: [0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1] },
  { fns: ["not"], from: "bool", to: "bool", a: bools },
  { fns: ["addInt", "subInt", "mulInt", "divInt", "remInt", "xor", "max", "min"], from: "i32", to: "i32", a: integers, b: mixed(integers) },
  { fns: ["divInt", "remInt"], from: "i32", to: "i32", a: integers, b: [-1, -1, 5, 0, -1, 0, 0, 7, 2, -2, 1000, -3] },
  { fns: ["shiftLeft", "shiftRight"], from: "i32", to: "i32", a: integers, b: [0, 1, 31, 8, 13, 5, 31, 30, 29, 24, 16, 17] },
  { fns: ["negInt", "absInt"], from: "i32", to: "i32", a: integers },
  { fns: ["toInt"], from: "f32", to: "i32", a: [-3e9, -2147483648, -2.5, -0.9, 0, 0.9, 1.5, 7, 16777216, 2147483520, 3e9, 1e30] },
  { fns: ["toFloat"], from: "i32", to: "f32", a: integers },
  { fns: ["toFloat"], from: "bool", to: "f32", a: bools },
  { fns: ["toBool"], from: "f32", to: "bool", a: numbers },
  { fns: ["toBool"], from: "i32", to: "bool", a: integers },
];
const n = numbers.length;

/** The greatest |difference| ÷ max(1, |expected|) of each core function there is a case for; one kernel holds them all. */
export async function measureCore(start: Start): Promise<Partial<Record<CoreFn, number>>> {
  const index = [indexVar("i0")];
  const inputs = cases.map(({ from, a, b }, k) => [a, b ?? a].map((data) => ({ data, value: parameter([n], from, `input_${k}`) })));
  const outputs = cases.flatMap(({ fns, to, from, a, b }, k) =>
    fns.map((fn) => {
      const args = (inputs[k] ?? []).slice(0, b ? 2 : 1).map(({ value }) => load(value, index));
      const float = (x: number): number => (from === "f32" ? Math.fround(x) : x);
      const expected = a.map((x, i) => (core[fn] as (...xs: number[]) => number)(float(x), float(b?.[i] ?? 0)));
      return { fn, expected, value: parameter([n], to, fn), element: call(fn, args, to) };
    }),
  );
  const stages = outputs.map(
    ({ value, element }): Stage => ({ kind: "store", loops: [], target: value, index, value: element, mode: "set" }),
  );
  const kernels = [{ name: "core", outer: [{ index: "i0", extent: n }], stages, origins: [] }];
  const resident = inputs.flat().map(({ value }) => value);
  const memory = planMemory(kernels, { resident, results: outputs.map(({ value }) => value), inPlace: new Map() });
  const machine = await open(start, { kernels, memory }, {});
  for (const { value, data } of inputs.flat()) machine.write(value, data);
  machine.run();
  const read = await machine.reader();
  const apart: Partial<Record<CoreFn, number>> = {};
  for (const { fn, expected, value } of outputs)
    for (const [i, got] of Array.from(read(value)).entries()) {
      const want = expected[i] as number;
      apart[fn] = Math.max(apart[fn] ?? 0, Math.abs(got - want) / Math.max(1, Math.abs(want)));
    }
  return apart;
}
