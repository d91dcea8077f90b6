/** The order of kernels, and which outputs take the place of the carry's old values. */
import { type Expr, indexVar, type Loop, load } from "../dsl/expr.ts";
import { nameOf, type Value } from "../dsl/value.ts";
import { keyOf, loadsOf } from "./inline.ts";
import { expressionsOf, type Kernel, writesOf } from "./kernel.ts";
import { readsOfKernel } from "./memory.ts";

/**
 * Kernels such that what updates a carry leaf in place comes after everything that reads the old value. Where that cannot be (two leaves that
 * want each other's old values, or a kernel that reads old values at other places than it writes), the new value is computed aside and copied.
 */
export function schedule(kernels: readonly Kernel[], wanted: ReadonlyMap<Value, Value>): { kernels: Kernel[]; inPlace: Map<Value, Value> } {
  const inPlace = new Map(wanted);
  const copies: Kernel[] = [];
  const writer = new Map(kernels.flatMap((kernel) => writesOf(kernel).map((v) => [v, kernel] as const)));
  const setAside = (to: Value): void => {
    const from = inPlace.get(to) as Value;
    inPlace.delete(to);
    copies.push(copyKernel(to, from));
  };
  for (const [to, from] of wanted) if (!readsInPlace(writer.get(to) as Kernel, to, from)) setAside(to);
  const reads = new Map(kernels.map((kernel) => [kernel, readsOfKernel(kernel)]));
  const readers = new Map<Value, Kernel[]>();
  for (const [kernel, values] of reads) for (const v of values) readers.set(v, [...(readers.get(v) ?? []), kernel]);
  for (;;) {
    const before = (kernel: Kernel): Kernel[] => {
      const sources = (reads.get(kernel) as Value[]).flatMap((v) => writer.get(v) ?? []);
      const overwritten = writesOf(kernel).flatMap((v) => inPlace.get(v) ?? []);
      return [...sources, ...overwritten.flatMap((v) => readers.get(v) ?? [])].filter((other) => other !== kernel);
    };
    const { sorted, cycle } = sort(kernels, before);
    if (!cycle) return { kernels: [...sorted, ...copies], inPlace };
    const culprit = [...inPlace].find(([to, from]) => {
      const kernel = writer.get(to) as Kernel;
      return cycle.has(kernel) && [...cycle].some((other) => other !== kernel && reads.get(other)?.includes(from));
    })?.[0];
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
  return {
    name: `keep_${nameOf(to) ?? "carry"}`,
    outer,
    stages: [{ kind: "store", loops: [], target: to, index, value: load(from, index), mode: "set" }],
    origins: [],
  };
}

/** Kernels after what must come before them, otherwise in the order given; or the kernels of a circle. */
function sort(kernels: readonly Kernel[], before: (kernel: Kernel) => readonly Kernel[]): { sorted: Kernel[]; cycle?: Set<Kernel> } {
  const waiting = new Map(kernels.map((kernel) => [kernel, new Set(before(kernel))]));
  const sorted: Kernel[] = [];
  while (waiting.size > 0) {
    const ready = [...waiting].find(([, needs]) => needs.size === 0)?.[0];
    if (!ready) return { sorted, cycle: circleOf(waiting) };
    waiting.delete(ready);
    sorted.push(ready);
    for (const needs of waiting.values()) needs.delete(ready);
  }
  return { sorted };
}

/** Of kernels that all wait for each other, those that somebody in the circle waits for: what only comes after it is not to blame. */
function circleOf(waiting: ReadonlyMap<Kernel, ReadonlySet<Kernel>>): Set<Kernel> {
  const circle = new Set(waiting.keys());
  for (let before = 0; before !== circle.size; ) {
    before = circle.size;
    for (const kernel of circle) if (![...circle].some((other) => waiting.get(other)?.has(kernel))) circle.delete(kernel);
  }
  return circle;
}
