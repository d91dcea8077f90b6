/** Programs as a TypeScript module: one function per kernel, one that runs them in order, and the plan that the runtime needs. */

import { expressionsOf, type Kernel, writesOf } from "../../codegen/kernel.ts";
import { readsOfKernel, type Slot } from "../../codegen/memory.ts";
import type { Program } from "../../codegen/program.ts";
import { namesOfDim } from "../../dsl/dim.ts";
import { visitExpr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { nameOf, type Value } from "../../dsl/value.ts";
import { emitPlan, inMax, type ModuleInfo, spaced, viewName } from "../plan.ts";
import { kernelBody } from "./kernel.ts";
import { identifier, reserved, sizeName, withSafeLocals } from "./names.ts";
import { imported } from "./spell.ts";

/** Distinct identifiers, as close as possible to what is wished. */
class Identifiers {
  readonly #taken: Set<string>;
  constructor(taken: Iterable<string> = []) {
    this.#taken = new Set([...reserved, ...taken]);
  }
  fresh(wish: string): string {
    const base = /^[A-Za-z_$][\w$]*$/.test(wish) ? wish : `v_${wish.replace(/[^\w$]/g, "_")}`;
    let name = base;
    for (let n = 2; this.#taken.has(name); n++) name = `${base}_${n}`;
    this.#taken.add(name);
    return name;
  }
}

export function emitModule(programs: readonly Program[], info: ModuleInfo): string {
  const functions = new Identifiers();
  const helpers = new Set<string>();
  const bodies = programs.map((program) => emitProgram(program, functions, helpers, info));
  const lines = [
    info.header,
    `import { type Arena, define, type Leaf } from "cotangent/loops";`,
    ...(helpers.size > 0 ? [`import { ${[...helpers].sort().join(", ")} } from "cotangent/core";`] : []),
    `import type * as source from ${JSON.stringify(info.source)};`,
    "",
    ...bodies.flatMap(({ text }) => [...text, ""]),
    "const load: ReturnType<typeof define<typeof source>> = define<typeof source>({",
    ...programs.map(({ name }, k) => `  ${name}: ${bodies[k]?.plan},`),
    "});",
    "export default load;",
  ];
  return `${lines.join("\n")}\n`;
}

function emitProgram(program: Program, functions: Identifiers, helpers: Set<string>, info: ModuleInfo): { text: string[]; plan: string } {
  const { name, kernels, memory, dims } = program;
  const offsets = nameSlots(program);
  const offset = (v: Value): string => offsets.get(v) as string;
  const dimNames = dims.map((d) => d.name);
  const text: string[] = [];
  const calls: string[] = [];
  for (const kernel of kernels) {
    const fn = functions.fresh(`${name}_${kernel.name}`);
    const slots = [...new Set([...readsOfKernel(kernel), ...writesOf(kernel)].map(offset))];
    const views = viewsOf(kernel);
    const used = dimNames.filter((d) => kernelDims(kernel).has(d));
    const params = [
      ...views.map((v) => `${v}: ${viewType(v)}`),
      ...used.map((d) => `${sizeName(d)}: number`),
      ...slots.map((s) => `${s}: number`),
    ];
    const body = kernelBody(withSafeLocals(kernel, used.map(sizeName)), { offset });
    for (const helper of imported) if (body.some((line) => line.includes(`${helper}(`))) helpers.add(helper);
    const places = [...new Set(kernel.origins.map((o) => info.place?.(o)).filter((p) => p !== undefined))];
    if (places.length > 0) text.push(`// ${places.join(", ")}`);
    text.push(`function ${fn}(${params.join(", ")}): void {`, ...body.map((line) => `  ${line}`), "}", "");
    calls.push(`  ${fn}(${[...views, ...used.map(sizeName), ...slots].join(", ")});`);
  }
  const plan = functions.fresh(`${name}_plan`);
  const usedSlots = new Set(kernels.flatMap((kernel) => [...readsOfKernel(kernel), ...writesOf(kernel)]).map(offset));
  const placed = [...new Map([...offsets].map(([v, slot]) => [slot, memory.slots.get(v) as Slot])).entries()].filter(([slot]) =>
    usedSlots.has(slot),
  );
  const views = [...new Set(kernels.flatMap(viewsOf))].sort();
  const runDims = dimNames.filter((d) => kernels.some((kernel) => kernelDims(kernel).has(d)));
  const runMax = dimNames.filter((d) => placed.some(([, slot]) => namesOfDim(slot.offset).includes(d)));
  const run = functions.fresh(`${name}_run`);
  text.push(
    `function ${run}({ ${views.join(", ")} }: Arena, ${runDims.length > 0 ? "d" : "_d"}: readonly number[], ${runMax.length > 0 ? "max" : "_max"}: readonly number[]): void {`,
    ...runDims.map((d) => `  const ${sizeName(d)} = d[${dimNames.indexOf(d)}]!;`),
    ...runMax.map((d) => `  const ${sizeName(d)}_max = max[${dimNames.indexOf(d)}]!;`),
    ...placed.map(([slot, { offset }]) => `  const ${slot} = ${maximal(offset)};`),
    ...calls,
    "}",
    "",
  );
  const begin = (v: Value): Dim => memory.slots.get(v)?.offset ?? 0;
  text.push(...emitPlan(program, plan, info, { offset: begin, bytes: inMax(memory.bytes, dims), more: [`  run: ${run},`] }));
  return { text, plan };
}

/** One variable per slot, named after what lies there; a carry leaf and its new value share one. */
function nameSlots({ inputs, kernels, memory, constants }: Program): Map<Value, string> {
  const ids = new Identifiers();
  const names = new Map<Value, string>();
  const bySlot = new Map<Slot, string>();
  const add = (v: Value, wish: string): void => {
    if (names.has(v)) return;
    const slot = memory.slots.get(v) as Slot;
    const name = bySlot.get(slot) ?? ids.fresh(`at_${identifier(wish)}`);
    bySlot.set(slot, name);
    names.set(v, name);
  };
  for (const { value } of inputs) add(value, nameOf(value) ?? "input");
  for (const [k, v] of constants.entries()) add(v, nameOf(v) ?? `constant_${k}`);
  for (const kernel of kernels) for (const v of writesOf(kernel)) add(v, nameOf(v) ?? v.op.name.replace(/^reduce_/, ""));
  return names;
}

const viewType = (view: string): string => (view === "f32" ? "Float32Array" : view === "f64" ? "Float64Array" : "Int32Array");
const viewsOf = (kernel: Kernel): string[] =>
  [...new Set([...readsOfKernel(kernel), ...writesOf(kernel)].map((v) => viewName(v.dtype)))].sort();

/** Dims that the text of a kernel mentions: extents, sizes, strides. */
function kernelDims(kernel: Kernel): Set<string> {
  const names = new Set<string>();
  const add = (dim: Dim): void => {
    for (const name of namesOfDim(dim)) names.add(name);
  };
  for (const loop of kernel.outer) add(loop.extent);
  for (const stage of kernel.stages) {
    for (const loop of stage.kind === "reduce" ? stage.over : stage.kind === "store" ? stage.loops : []) add(loop.extent);
    for (const root of expressionsOf(stage)) visitExpr(root, (x) => x.kind === "size" && add(x.dim));
  }
  for (const v of [...readsOfKernel(kernel), ...writesOf(kernel)]) for (const d of v.shape.slice(1)) add(d);
  return names;
}

/** An offset in terms of the sizes that the arena was made for. */
const maximal = (dim: Dim): string => spaced(dim, (name) => `${sizeName(name)}_max`);
