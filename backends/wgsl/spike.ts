/**
 * A spike, kept as a seed: a Program as WGSL, spelled naively: one invocation per outer index, sizes built in, all of memory one buffer of words.
 */

import type { Kernel, Stage } from "../../codegen/kernel.ts";
import type { Program } from "../../codegen/program.ts";
import { placeOf, sharedNodes } from "../../codegen/spelling.ts";
import { evaluateDim } from "../../dsl/dim.ts";
import { call, combiner, type Expr, identityOf, type Loop, load, local } from "../../dsl/expr.ts";
import type { Value } from "../../dsl/value.ts";
import { calls, fromWord, literal, prelude, toWord, typeOf } from "./spell.ts";

type Sizes = Readonly<Record<string, number>>;

/** A compute shader whose invocations are the kernel's outer indices. */
export function kernelText({ outer, stages }: Kernel, offset: (v: Value) => number, sizes: Sizes): string {
  const lines: string[] = [];
  let depth = 0;
  const line = (text: string): void => void lines.push("  ".repeat(depth) + text);
  const block = (head: string, body: () => void): void => {
    line(`${head} {`);
    depth++;
    body();
    depth--;
    line("}");
  };
  const nest = ([loop, ...rest]: readonly Loop[], body: () => void): void => {
    if (loop) {
      const i = loop.index;
      block(`for (var ${i} = 0i; ${i} < ${evaluateDim(loop.extent, sizes)}; ${i}++)`, () => nest(rest, body));
    } else body();
  };
  /** A stage's name is a wish: `max` is a function here. */
  const locals = new Map<string, string>();
  const nameOf = (wish: string): string => {
    const name = locals.get(wish) ?? `${wish.replace(/^_+|\W/g, "v")}_${locals.size}`;
    locals.set(wish, name);
    return name;
  };
  let temporaries = 0;
  const temporary = (): string => `t${temporaries++}`;
  const word = (v: Value, place: string): string => `arena[${offset(v)} + ${place}]`;

  const spell = (root: Expr): string => {
    const shared = sharedNodes(root);
    const go = (x: Expr, known: Map<Expr, string>): string => {
      const before = known.get(x);
      if (before !== undefined) return before;
      const text = compute(x, known);
      if (!shared.has(x) || x.kind === "select") return text;
      const t = temporary();
      line(`let ${t} = ${text};`);
      known.set(x, t);
      return t;
    };
    const compute = (x: Expr, known: Map<Expr, string>): string => {
      if (x.kind === "const") return literal(x.value, x.dtype);
      if (x.kind === "size") return literal(evaluateDim(x.dim, sizes), "i32");
      if (x.kind === "index") return x.name;
      if (x.kind === "local") return nameOf(x.name);
      if (x.kind === "load") return fromWord(x.dtype, word(x.source, go(placeOf(x.source, x.index), known)));
      if (x.kind === "select") return branch(x, known);
      if (x.kind === "reduce") throw new Error("internal: a reduction inside of an expression");
      const [a, b] = x.args.map((arg) => go(arg, known)) as [string, string];
      return calls[x.fn](a, b, (x.args[0] as Expr).dtype);
    };
    /** WGSL's own `select` takes both sides. */
    const branch = (x: Expr & { readonly kind: "select" }, known: Map<Expr, string>): string => {
      const test = go(x.test, known);
      const t = temporary();
      line(`var ${t}: ${typeOf(x.dtype)};`);
      block(`if (${test})`, () => line(`${t} = ${go(x.then, new Map(known))};`));
      block("else", () => line(`${t} = ${go(x.else, new Map(known))};`));
      known.set(x, t);
      return t;
    };
    return go(root, new Map());
  };

  const emit = (stage: Stage): void => {
    if (stage.kind === "let") line(`let ${nameOf(stage.name)} = ${spell(stage.value)};`);
    else if (stage.kind === "reduce") {
      const { over, accumulators } = stage;
      for (const a of accumulators) line(`var ${nameOf(a.name)} = ${literal(identityOf(a.combine, a.dtype), a.dtype)};`);
      const fold = ({ name, dtype, combine, value }: (typeof accumulators)[number]): void =>
        line(`${nameOf(name)} = ${spell(call(combiner(combine, dtype), [local(name, dtype), value], dtype))};`);
      nest(over, () => accumulators.forEach(fold));
    } else store(stage);
  };
  const store = ({ target, index, value: added, mode, where, loops }: Stage & { readonly kind: "store" }): void => {
    const { dtype } = target;
    const value = mode === "set" ? added : call(combiner("add", dtype), [load(target, index), added], dtype);
    const write = (): void => line(`${word(target, spell(placeOf(target, index)))} = ${toWord(dtype, spell(value))};`);
    nest(loops, () => (where ? block(`if (${spell(where)})`, write) : write()));
  };

  const extents = outer.map((loop) => evaluateDim(loop.extent, sizes));
  block(`@compute @workgroup_size(${lane}) fn main(@builtin(global_invocation_id) at: vec3<u32>)`, () => {
    line(`var n = i32(at.x + at.y * ${mostGroups * lane});`);
    line(`if (n >= ${product(extents)}) { return; }`);
    for (const [axis, loop] of [...outer.entries()].reverse()) {
      line(`let ${loop.index} = n % ${extents[axis]}; n /= ${extents[axis]};`);
    }
    stages.forEach(emit);
  });
  return `${lines.join("\n")}\n`;
}
const lane = 64;
const mostGroups = 65535;
const product = (ns: readonly number[]): number => ns.reduce((a, b) => a * b, 1);

/** The kernels in order, over a buffer of their own. */
export async function prepare(device: GPUDevice, { kernels, memory }: Pick<Program, "kernels" | "memory">, sizes: Sizes) {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const arena = device.createBuffer({ size: evaluateDim(memory.bytes, sizes), usage: STORAGE | COPY_SRC | COPY_DST });
  const entry = { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "storage" } } as const;
  const group = device.createBindGroupLayout({ entries: [entry] });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [group] });
  const offset = (v: Value): number => evaluateDim(memory.slots.get(v)?.offset ?? Number.NaN, sizes);
  const shaders = await Promise.all(
    kernels.map(async (kernel) => {
      const module = device.createShaderModule({ code: prelude + kernelText(kernel, offset, sizes) });
      const groups = Math.ceil(product(kernel.outer.map((loop) => evaluateDim(loop.extent, sizes))) / lane);
      return { groups, pipeline: await device.createComputePipelineAsync({ layout, compute: { module } }) };
    }),
  );
  const bindings = device.createBindGroup({ layout: group, entries: [{ binding: 0, resource: { buffer: arena } }] });
  const run = (): void => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setBindGroup(0, bindings);
    for (const { groups, pipeline } of shaders) {
      pass.setPipeline(pipeline);
      pass.dispatchWorkgroups(Math.min(groups, mostGroups), Math.ceil(groups / mostGroups));
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
  return { arena, run };
}
