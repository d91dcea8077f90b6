/** A program at a point: sizes for its names, elements for its parameters, directions and cotangents. */
import fc from "fast-check";
import { evaluateDim } from "../../dsl/dim.ts";
import type { Value } from "../../dsl/value.ts";
import { centralDifference, type Directions, type Fn, isFloat, type Law, type Tensors, type Trial, tangentsOf } from "../laws.ts";
import { expectClose } from "../close.ts";
import { eighths, fromData, type Pool, pool, type Sizes } from "../tensors.ts";
import { finiteDifference } from "../tolerance.ts";
import { type ProgramOptions, programs, type Written } from "./arbitrary.ts";
import { type Meaning, meaningOf, type Parameter, type Program, type Tree } from "./language.ts";

export interface ProgramTrial extends Trial {
  readonly written: Written;
  readonly meaning: Meaning;
  readonly sizes: Readonly<Record<string, number>>;
  /** The arguments as the program takes them: the weights in an object. */
  readonly args: readonly [Tree, ...Value[]];
}

export function programTrials(options: ProgramOptions = {}): fc.Arbitrary<ProgramTrial> {
  const size = fc.constantFrom(2, 3, 1);
  return fc
    .record({
      written: programs(options),
      B: size,
      T: size,
      elements: pool(eighths(-2, 2)),
      whole: pool(fc.integer({ min: -1, max: 3 })),
      along: pool(eighths(-1, 1)),
      against: pool(eighths(-1, 1)),
    })
    .map(({ written, B, T, elements, whole, along, against }) => {
      const { program } = written;
      const sizes = { B: Math.max(B, program.leastSize), T: Math.max(T, program.leastSize) };
      const make = ({ shape, dtype }: Parameter): Value => {
        const numbers = shape.map((d) => evaluateDim(d, sizes));
        // Off the grid: no ties, no kinks met exactly.
        const data = dtype === "i32" ? whole.take(numbers) : elements.take(numbers).map((e, i) => e + ((i * 0.618) % 1) / 16);
        return fromData(data, numbers, dtype);
      };
      const [weights, inputs] = [program.weights.map(make), program.inputs.map(make)];
      const meaning = meaningOf(program);
      const f = flat(program, meaning);
      const x = [...weights, ...inputs];
      const like = (list: Tensors, from: Pool): Directions =>
        list.map((v) => (isFloat(v) ? fromData(from.take(v.shape as Sizes), v.shape as Sizes, v.dtype) : null));
      const y = f(...x);
      const directions = [like(x, along), like(x, along)] as const;
      const cotangents = [like(y, against), like(y, against)] as const;
      const toString = (): string => `${written}B = ${sizes.B}, T = ${sizes.T}\n${x.join("\n")}`;
      return { written, meaning, sizes, args: [treeOf(program, weights), ...inputs], f, x, directions, cotangents, toString };
    });
}

const treeOf = (program: Program, weights: Tensors): Tree => Object.fromEntries(program.weights.map(({ name }, k) => [name, weights[k] as Value]));

/** The program's function of its parameters one by one. */
const flat =
  (program: Program, { f }: Meaning): Fn =>
  (...x) =>
    Object.values(f(treeOf(program, x.slice(0, program.weights.length)), ...x.slice(program.weights.length)));

/** No law about a point whose values say nothing. */
export function isTame({ f, x }: Trial): boolean {
  return f(...x).every((y) => Array.from(y.buffer ?? []).every((e) => Number.isFinite(e) && Math.abs(e) < 1e6));
}

/** No law about a point where a rounding decides: a change in the last places that moves the results by far more. */
export function isStable({ f, x }: Trial): boolean {
  const nudged = x.map((v) => {
    const eps = v.dtype === "f32" ? 2 ** -20 : 2 ** -40;
    return isFloat(v) ? fromData(Array.from(v.buffer ?? [], (e, i) => e * (1 + (i % 3) * eps) + eps), v.shape as Sizes, v.dtype) : v;
  });
  const [before, after] = [f(...x), f(...nudged)];
  return before.every((y, k) => {
    const scale = Math.max(1, ...Array.from(y.buffer ?? [], Math.abs));
    return Array.from(y.buffer ?? []).every((e, i) => Math.abs(e - ((after[k] as Value).buffer?.[i] as number)) <= scale * (y.dtype === "f32" ? 1e-3 : 1e-8));
  });
}

/**
 * J·t agrees with central differences, where these agree with themselves: a step that crosses a kink gives another difference at half its
 * size, and there the law says nothing.
 */
export const jvpAgreesWhereSmooth: Law<ProgramTrial> = {
  name: "J·t agrees with central differences",
  holds: (trial) => {
    const { f, x, directions } = trial;
    const [t] = directions;
    const [whole, half] = [centralDifference(f, x, t), centralDifference(f, x, t, finiteDifference.step / 2)];
    const scale = Math.max(1, ...f(...x).flatMap((y) => Array.from(y.buffer ?? [], Math.abs)));
    const { relative, absolute } = finiteDifference.f64;
    const agrees = whole.every((d, k) => d === null || d.every((e, i) => Math.abs(e - at(half[k], i)) <= (absolute * scale + relative * Math.abs(e)) / 4));
    fc.pre(agrees);
    for (const [k, tangent] of tangentsOf(f, x, t).entries())
      if (tangent) expectClose(tangent.buffer ?? [], half[k] ?? [], { tolerance: { relative, absolute: absolute * scale } });
  },
};
const at = (d: Float64Array | null | undefined, i: number): number => d?.[i] ?? Number.NaN;
