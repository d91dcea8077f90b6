/** Arbitrary programs. A recipe is numbers; it shrinks to fewer steps, and what is left is still a program. */
import fc from "fast-check";
import type { Dim, FloatDType } from "../../dsl/types.ts";
import { Builder, type Picker, picker, type Step, type Vocabulary } from "./builder.ts";
import { call, type Node, name, type Parameter, type Program, type Statement } from "./language.ts";
import { printProgram } from "./print.ts";
import { everything, kinds, rational } from "./steps.ts";

export interface ProgramOptions {
  readonly dtype?: FloatDType;
  /** Nothing that a finite difference cannot follow: no stopGradient. */
  readonly smooth?: boolean;
  /** Field operations alone. */
  readonly rational?: boolean;
}

/** Shapes of parameters: every rank, sizes of 1, sizes with a name. */
const shapes: readonly (readonly Dim[])[] = [
  ["B", 3],
  [3, 2],
  ["B", "T"],
  [3],
  ["B", 1, 3],
  [],
  ["T", 3],
  ["B", 2, "T", 2],
  [2, 2],
  ["B"],
  [1, 3],
  ["B", "T", 3],
  [2, "T"],
];

interface Recipe {
  readonly dtype: FloatDType;
  readonly weights: readonly number[];
  readonly inputs: readonly number[];
  readonly steps: readonly { readonly kind: number; readonly form: number; readonly picks: readonly number[] }[];
}

/** A program, with its text. */
export interface Written {
  readonly program: Program;
  readonly text: string;
  toString(): string;
}

export function programs({ dtype, smooth = false, rational: exact = false }: ProgramOptions = {}): fc.Arbitrary<Written> {
  const step = fc.record({
    kind: fc.nat(999),
    form: fc.nat(99),
    picks: fc.array(fc.nat(999), { minLength: 12, maxLength: 12 }),
  });
  const recipe: fc.Arbitrary<Recipe> = fc.record({
    dtype: dtype ? fc.constant(dtype) : fc.constantFrom<FloatDType>("f32", "f64"),
    weights: fc.array(fc.nat(shapes.length - 1), { minLength: 1, maxLength: 3 }),
    inputs: fc.array(fc.nat(shapes.length - 1), { minLength: 1, maxLength: 2 }),
    steps: fc.array(step, { minLength: 1, maxLength: 24, size: "max" }),
  });
  const usual = kinds.filter((kind) => (!smooth || !kind.unsmooth) && (!exact || kind.rational));
  const steps = usual.flatMap((kind) => Array<Step>(kind.weight).fill(kind.step));
  return recipe.map((r) => follow(r, steps, exact ? rational : everything)).map(writtenOf);
}

const writtenOf = (program: Program): Written => {
  const text = printProgram(program);
  return { program, text, toString: () => `\n${text}` };
};

function follow({ dtype, weights, inputs, steps }: Recipe, usual: readonly Step[], words: Vocabulary): Program {
  const parameter =
    (prefix: string) =>
    (choice: number, k: number): Parameter => ({ name: `${prefix}${k}`, shape: shapes[choice] ?? [], dtype });
  const b = new Builder(dtype, words, weights.map(parameter("w")), [
    ...inputs.map(parameter("x")),
    { name: "at", shape: ["B"], dtype: "i32" },
    { name: "pair", shape: [2, 2], dtype: "i32" },
    { name: "key", shape: [2], dtype: "i32" },
  ]);
  for (const { kind, form, picks } of steps) {
    const pick = picker(picks);
    const make = (): Node | undefined => usual[kind % usual.length]?.(b, pick);
    const statement = forms[form % forms.length]?.(b, pick, make);
    if (statement) b.add(statement);
  }
  const program = b.finish();
  if (program) return program;
  // Nothing that was drawn fitted: the least program there is.
  b.add({ kind: "const", name: b.fresh(), value: call("mul", name("w0"), 0.5) });
  return b.finish() as Program;
}

type Form = (b: Builder, pick: Picker, make: () => Node | undefined) => Statement | undefined;

const plain: Form = (b, _, make) => {
  const value = make();
  return value && { kind: "const", name: b.fresh(), value };
};
const destructured: Form = (b, pick, make) => {
  const [first, second] = [make(), pick.of(b.floats())];
  if (!first || !second) return undefined;
  const k = b.fresh();
  return { kind: "pair", names: [`${k}a`, `${k}b`], values: [first, pick.of(b.words.unary)(name(second.name))] };
};
const looped: Form = (b, pick, make) => {
  const start = make();
  const like = start && b.valueOf(start);
  if (!start || !like || like.dtype !== b.dtype) return undefined;
  const h = b.fresh();
  const others = b.floats((v) => v.shape.length <= like.shape.length).slice(0, 6);
  const turn = pick.of(b.words.unary);
  const candidates = [
    ...others.map((v) => call("div", call("mul", turn(name(h)), name(v.name)), 4)),
    call("add", turn(name(h)), name("i")),
  ];
  const keeps = (body: Node): boolean => {
    const value = b.valueOf(body, [
      [h, like],
      ["i", 1],
    ]);
    return value !== undefined && value.dtype === like.dtype && JSON.stringify(value.shape) === JSON.stringify(like.shape);
  };
  const body = candidates.slice(pick.below(candidates.length)).find(keeps);
  return body && { kind: "loop", name: h, start, times: 2 + pick.below(2), body };
};
const helped: Form = (b, pick, make) => {
  const inner = make();
  const x = pick.of(b.floats());
  if (!inner || !x) return undefined;
  const helper = `helper${b.helpers.length}`;
  const param: Parameter = { name: "x", shape: x.value.shape, dtype: x.value.dtype };
  const [f, g, join] = [pick.of(b.words.unary), pick.of(b.words.unary), pick.of(b.words.binary)];
  b.addHelper({ name: helper, params: [param], body: join(f(name("x")), g(name("x"))) });
  return { kind: "const", name: b.fresh(), value: call(helper, name(x.name)) };
};
const forms: readonly Form[] = [plain, plain, plain, plain, plain, plain, destructured, looped, helped];
