/** A program at a point: sizes for its names, elements for its parameters, directions and cotangents. */
import fc from "fast-check";
import { evaluateDim } from "../../dsl/dim.ts";
import type { Value } from "../../dsl/value.ts";
import { type Directions, type Fn, isFloat, type Tensors, type Trial } from "../laws.ts";
import { eighths, fromData, type Pool, pool, type Sizes } from "../tensors.ts";
import { type ProgramOptions, programs, type Written } from "./arbitrary.ts";
import { type Meaning, meaningOf, type Parameter, type Program, type Tree } from "./language.ts";

export interface ProgramTrial extends Trial {
  readonly written: Written;
  readonly meaning: Meaning;
  readonly sizes: Readonly<Record<string, number>>;
  /** The arguments as the program takes them: the weights in an object. */
  readonly args: readonly [Tree, ...Value[]];
}

/** `size`: what a name may stand for. */
export function programTrials(
  options: ProgramOptions = {},
  size: fc.Arbitrary<number> = fc.constantFrom(2, 3, 1),
): fc.Arbitrary<ProgramTrial> {
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
      let made = 0;
      const make = ({ shape, dtype }: Parameter): Value => {
        const numbers = shape.map((d) => evaluateDim(d, sizes));
        // Off the grid, each by its own amount: no ties, no kinks met exactly.
        const data = dtype === "i32" ? whole.take(numbers) : elements.take(numbers).map((e) => e + ((++made * 0.618034) % 1) / 16);
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

const treeOf = (program: Program, weights: Tensors): Tree =>
  Object.fromEntries(program.weights.map(({ name }, k) => [name, weights[k] as Value]));

/** The program's function of its parameters one by one. */
const flat =
  (program: Program, { f }: Meaning): Fn =>
  (...x) =>
    Object.values(f(treeOf(program, x.slice(0, program.weights.length)), ...x.slice(program.weights.length)));
