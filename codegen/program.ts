/** A graph, compiled: kernels in order, where everything lies in memory, and how run-time sizes are found. What a backend emits. */
import { divDims, namesOfDim } from "../dsl/dim.ts";
import { type Expr, indexVar, type Loop, load } from "../dsl/expr.ts";
import { alias, nameOf, nameValue, type Value } from "../dsl/value.ts";
import { leavesOf, mapTree } from "../dsl/tree.ts";
import { simplify } from "../dsl/simplify.ts";
import { fuse } from "./fuse.ts";
import { type Graph, type GraphLeaf, isStep, type Param, paramLeaves, resultLeaves } from "./graph.ts";
import { isInlineConstant, keyOf, loadsOf } from "./inline.ts";
import { expressionsOf, type Kernel, writesOf } from "./kernel.ts";
import { type Memory, planMemory, readsOfKernel } from "./memory.ts";

export interface Program {
  readonly name: string;
  readonly params: readonly Param[];
  readonly result: unknown;
  /** The first parameter and the first half of the result are the same memory. */
  readonly step: boolean;
  readonly inputs: readonly GraphLeaf[];
  readonly outputs: readonly GraphLeaf[];
  /** Arrays that are there from the start. */
  readonly constants: readonly Value[];
  readonly dims: readonly DimSource[];
  readonly kernels: readonly Kernel[];
  readonly memory: Memory;
}

/** A run-time dim is the size of an input's axis, divided by what multiplies it there. */
export interface DimSource {
  readonly name: string;
  readonly input: number;
  readonly axis: number;
  readonly divisor: number;
}

export interface CompileOptions {
  /** Off: one kernel a value. */
  readonly fuse?: boolean;
  /** Off: no two values share memory. */
  readonly reuse?: boolean;
}

export function compile(graph: Graph, options: CompileOptions = {}): Program {
  const step = isStep(graph);
  const simple = simplify(resultLeaves(graph).map((leaf) => leaf.value));
  const carry = step && graph.params[0] ? (leavesOf(graph.params[0].tree).map((leaf) => leaf.value) as Value[]) : [];
  const outputs = distinct(simple, carry);
  let next = 0;
  const result = mapTree(() => outputs[next++], graph.result);
  const compiled: Graph = { ...graph, result };
  const computed = outputs.filter((v) => v.op.kind !== "leaf");
  for (const { path, value } of resultLeaves(compiled)) if (value.op.kind !== "leaf") nameValue(value, step ? nameOfOutput(path) : identifier(path));
  const unordered = fuse(computed, options);
  const { kernels, inPlace } = order(unordered, new Map(carry.flatMap((from, k) => (outputs[k] === from ? [] : [[outputs[k] as Value, from] as const]))));
  const inputs = paramLeaves(graph);
  const constants = [...new Set(kernels.flatMap(readsOfKernel))].filter((v) => v.op.kind === "leaf" && v.concrete && !isInlineConstant(v));
  const resident = [...inputs.map((leaf) => leaf.value), ...constants];
  const results = outputs.filter((v) => !inPlace.has(v) && v.op.kind !== "leaf");
  const memory = planMemory(kernels, { resident, results, inPlace, reuse: options.reuse !== false });
  return { name: graph.name, params: graph.params, result, step, inputs, outputs: resultLeaves(compiled), constants, dims: dimSources(graph.name, inputs), kernels, memory };
}

const identifier = (path: string): string => path.replace(/[^\w$]+/g, "_").replace(/^_|_$/g, "") || "output";
/** Of a step: `[0].p.w` is the carry's `p_w`, `[1]` the output. */
const nameOfOutput = (path: string): string => identifier(path.replace(/^\[0\]/, "")).replace(/^1$/, "output");

/** Every output a value of its own: one that is an input, a constant or another output as well is copied. A carry leaf may stay as it is. */
function distinct(outputs: readonly Value[], carry: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  return outputs.map((v, k) => {
    if (v === carry[k]) return v;
    const out = seen.has(v) || v.op.kind === "leaf" ? alias(v) : v;
    seen.add(out);
    return out;
  });
}

/**
 * Kernels such that what updates a carry leaf in place comes after everything that reads the old value. Where that cannot be (two leaves that
 * want each other's old values, or a kernel that reads old values at other places than it writes), the new value is computed aside and copied.
 */
function order(kernels: readonly Kernel[], wanted: ReadonlyMap<Value, Value>): { kernels: Kernel[]; inPlace: Map<Value, Value> } {
  const inPlace = new Map(wanted);
  const copies: Kernel[] = [];
  const writer = new Map(kernels.flatMap((kernel) => writesOf(kernel).map((v) => [v, kernel] as const)));
  const setAside = (to: Value): void => {
    const from = inPlace.get(to) as Value;
    inPlace.delete(to);
    copies.push(copyKernel(to, from));
  };
  for (const [to, from] of wanted) if (!readsInPlace(writer.get(to) as Kernel, to, from)) setAside(to);
  for (;;) {
    const before = (kernel: Kernel): Kernel[] => {
      const sources = readsOfKernel(kernel).flatMap((v) => writer.get(v) ?? []);
      const overwritten = writesOf(kernel).flatMap((v) => inPlace.get(v) ?? []);
      const readers = kernels.filter((other) => readsOfKernel(other).some((v) => overwritten.includes(v)));
      return [...sources, ...readers].filter((other) => other !== kernel);
    };
    const { sorted, cycle } = sort(kernels, before);
    if (!cycle) return { kernels: [...sorted, ...copies], inPlace };
    const culprit = [...inPlace.keys()].find((to) => cycle.has(writer.get(to) as Kernel));
    if (!culprit) throw new Error("internal: kernels depend on each other in a circle");
    setAside(culprit);
  }
}

/** May `kernel` write the new value over `from`? Rows are read before they are written, and elements at their own place. */
function readsInPlace(kernel: Kernel, to: Value, from: Value): boolean {
  const at = kernel.stages.findIndex((stage) => stage.kind === "store" && stage.target === to);
  const store = kernel.stages[at];
  if (store?.kind !== "store" || store.mode === "add") return false;
  return kernel.stages.every((stage, s) =>
    expressionsOf(stage)
      .flatMap(loadsOf)
      .filter((x) => x.source === from)
      .every((x) => {
        if (s > at) return false;
        const own = s === at ? store.index : store.index.slice(0, kernel.outer.length);
        return own.every((i, axis) => keyOf(i) === keyOf(x.index[axis] as Expr));
      }),
  );
}

/** Where an output goes that could not be computed in place. */
function copyKernel(from: Value, to: Value): Kernel {
  const outer = to.shape.map((extent, axis): Loop => ({ index: `i${axis}`, extent }));
  const index = outer.map((loop) => indexVar(loop.index));
  return { name: `keep_${nameOf(to) ?? "carry"}`, outer, stages: [{ kind: "store", loops: [], target: to, index, value: load(from, index), mode: "set" }], origins: [] };
}

/** Kernels after what must come before them, otherwise in the order given; or the kernels of a circle. */
function sort(kernels: readonly Kernel[], before: (kernel: Kernel) => readonly Kernel[]): { sorted: Kernel[]; cycle?: Set<Kernel> } {
  const waiting = new Map(kernels.map((kernel) => [kernel, new Set(before(kernel))]));
  const sorted: Kernel[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].find(([, needs]) => needs.size === 0)?.[0];
    if (!ready) return { sorted, cycle: new Set(waiting.keys()) };
    waiting.delete(ready);
    sorted.push(ready);
    for (const needs of waiting.values()) needs.delete(ready);
  }
  return { sorted };
}

/** Each run-time name from the first input axis that is it, or a multiple of it. */
function dimSources(model: string, inputs: readonly GraphLeaf[]): DimSource[] {
  const found = new Map<string, DimSource>();
  const wanted = new Set<string>();
  for (const [input, { value }] of inputs.entries())
    for (const [axis, d] of value.shape.entries()) {
      const names = namesOfDim(d);
      for (const name of names) wanted.add(name);
      const [name, more] = names;
      const divisor = name === undefined || more !== undefined ? undefined : divDims(d, name);
      if (name !== undefined && typeof divisor === "number" && !(found.get(name)?.divisor === 1)) if (!found.has(name) || divisor === 1) found.set(name, { name, input, axis, divisor });
    }
  const lost = [...wanted].find((name) => !found.has(name));
  if (lost !== undefined) throw new Error(`${model}: no input has an axis of size ${lost} by itself, so ${lost} cannot be known at run time`);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
