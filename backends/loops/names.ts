/** Names that users gave to values and sizes, as identifiers of the generated code: kept, unless the code needs them for itself. */

import type { expressionsOf, Kernel, Stage } from "../../codegen/kernel.ts";
import { local, rewrite } from "../../dsl/expr.ts";

/** What JavaScript keeps for itself, and what a kernel calls its own. */
const inKernels: ReadonlySet<string> = new Set(
  "f32 i32 f64 erf divInt remInt toInt Math Number i j k l m p q r s arguments async await break case catch class const continue debugger default delete do else enum eval export extends false finally for function if implements import in Infinity instanceof interface let NaN new null of package private protected public return static super switch this throw true try typeof undefined var void while with yield".split(
    " ",
  ),
);
/** And what the rest of a generated module does. */
export const reserved: ReadonlySet<string> = new Set([...inKernels, ..."d _d max _max load define source Arena Leaf".split(" ")]);

/** Temporaries `t0`, indices `i5`, `k4`, offsets `at_x`, what is no identifier; and what another rule of naming could end with. */
const isTaken = (name: string, taken: ReadonlySet<string>, ending: RegExp): boolean =>
  taken.has(name) || /^(t|i|k)\d+$|^at_/.test(name) || !/^[A-Za-z_$][\w$]*$/.test(name) || ending.test(name);

/** The variable that holds a run-time size. Two sizes never get the same one. `x.0` is axis 0 of x, of which the type says `number`; `x.0.4`, a fourth of it. */
export const sizeName = (dim: string): string => {
  if (dim.includes(".")) return dim.replace(".", "_size").replaceAll(".", "_by");
  return isTaken(dim, reserved, /_(max|size\d*(_by\d+)*|[ijklmpqrs]+|\d+)$/) ? `${identifier(dim)}_size` : dim;
};
/** The nearest thing to `name` that can be one. */
export const identifier = (name: string): string => name.replace(/[^\w$]/g, "_").replace(/^(?=\d)/, "_");

/** The kernel with its row locals named so that they meet neither the sizes it reads nor anything else in its text. */
export function withSafeLocals(kernel: Kernel, sizes: readonly string[]): Kernel {
  const taken = new Set(sizes);
  const safe = new Map<string, string>();
  for (const name of kernel.stages.flatMap(namesOf)) {
    // A tile's copies are called `h_00`, `h_01`, …; what several rows share, `x_i`.
    const wish = isTaken(name, inKernels, /_(\d+|value)$/) || taken.has(name) ? `${identifier(name)}_value` : name;
    let free = wish;
    for (let n = 2; taken.has(free); n++) free = `${wish}${n}`;
    taken.add(free);
    safe.set(name, free);
  }
  if ([...safe].every(([name, free]) => name === free)) return kernel;
  return { ...kernel, stages: kernel.stages.map((stage) => renamed(stage, (name) => safe.get(name) as string)) };
}

const namesOf = (stage: Stage): string[] =>
  stage.kind === "let" ? [stage.name] : stage.kind === "reduce" ? stage.accumulators.map((a) => a.name) : [];

function renamed(stage: Stage, to: (name: string) => string): Stage {
  const memo = new Map();
  const put = (x: ReturnType<typeof expressionsOf>[number]) =>
    rewrite(x, (y) => (y.kind === "local" ? local(to(y.name), y.dtype) : y), memo);
  switch (stage.kind) {
    case "let":
      return { ...stage, name: to(stage.name), value: put(stage.value) };
    case "reduce":
      return { ...stage, accumulators: stage.accumulators.map((a) => ({ ...a, name: to(a.name), value: put(a.value) })) };
    case "store":
      return { ...stage, index: stage.index.map(put), value: put(stage.value), ...(stage.where && { where: put(stage.where) }) };
  }
}
