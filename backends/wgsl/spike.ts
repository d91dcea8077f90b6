/** A spike, kept as a seed: a Kernel as WGSL, spelled naively: one invocation per outer index, sizes built in, all of memory one buffer of words. */
import type { Kernel } from "../../codegen/kernel.ts";
import { type ExprOf, placeOf, type Spell } from "../../codegen/spelling.ts";
import { type StageSpeller, spellStages, statements } from "../../codegen/statements.ts";
import { evaluateDim } from "../../dsl/dim.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Value } from "../../dsl/value.ts";
import { calls, fromWord, literal, toWord, typeOf } from "./spell.ts";

type Sizes = Readonly<Record<string, number>>;
/** Invocations of a workgroup. */
export const lane = 64;
/** Workgroups along one axis of a dispatch. */
export const mostGroups = 65535;
export const invocations = ({ outer }: Kernel, sizes: Sizes): number => outer.reduce((n, loop) => n * evaluateDim(loop.extent, sizes), 1);

/** A compute shader whose invocations are the kernel's outer indices; a value begins at word `offset(v)`. */
export function kernelText(kernel: Kernel, offset: (v: Value) => number, sizes: Sizes): string {
  const { all: lines, push: line, inside } = statements<string>();
  const block = (head: string, body: () => void): void => line(`${head} {`, ...inside(body).map((text) => `  ${text}`), "}");

  let temporaries = 0;
  const temporary = (): string => `t${temporaries++}`;
  /** A local's name is a wish: `max` is a function here. */
  const names = new Map<string, string>();
  const nameOf = ({ name }: ExprOf<"local">): string => {
    const own = names.get(name) ?? `${name.replace(/^_+|\W/g, "v")}_${names.size}`;
    names.set(name, own);
    return own;
  };
  const word = (x: ExprOf<"load">, spell: Spell<string>): string => `arena[${offset(x.source)} + ${spell(placeOf(x))}]`;

  const speller: StageSpeller<string> = {
    const: (x) => literal(x.value, x.dtype),
    size: (x) => literal(evaluateDim(x.dim, sizes), "i32"),
    index: (x) => x.name,
    local: nameOf,
    load: (x, spell) => fromWord(x.dtype, word(x, spell)),
    call: (x, [a, b]) => calls[x.fn](a as string, b as string, (x.args[0] as Expr).dtype),
    /** WGSL's own `select` takes both sides. */
    select(x, test, then, otherwise) {
      const t = temporary();
      line(`var ${t}: ${typeOf(x.dtype)};`);
      block(`if (${test})`, () => line(`${t} = ${then()};`));
      block("else", () => line(`${t} = ${otherwise()};`));
      return t;
    },
    keep(x, code) {
      if (x.kind === "select") return () => code;
      const t = temporary();
      line(`let ${t} = ${code};`);
      return () => t;
    },
    let: (x, value) => line(`let ${nameOf(x)} = ${value};`),
    accumulator: (x, start) => line(`var ${nameOf(x)} = ${start};`),
    assign: (x, value) => line(`${nameOf(x)} = ${value};`),
    store: (x, value, spell) => line(`${word(x, spell)} = ${toWord(x.dtype, value)};`),
    loop: ({ index: i, extent }, body) => block(`for (var ${i} = 0i; ${i} < ${evaluateDim(extent, sizes)}; ${i}++)`, body),
    when: (test, body) => block(`if (${test})`, body),
  };

  block(`@compute @workgroup_size(${lane}) fn main(@builtin(global_invocation_id) at: vec3<u32>)`, () => {
    line(`var n = i32(at.x + at.y * ${mostGroups * lane});`);
    line(`if (n >= ${invocations(kernel, sizes)}) { return; }`);
    for (const { index: i, extent } of kernel.outer.toReversed())
      line(`let ${i} = n % ${evaluateDim(extent, sizes)}; n /= ${evaluateDim(extent, sizes)};`);
    spellStages(kernel.stages, speller);
  });
  return `${lines.join("\n")}\n`;
}
