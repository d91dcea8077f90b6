/** A compiled graph: what a backend emits. */
import { divDims, namesOfDim } from "../dsl/dim.ts";
import type { Value } from "../dsl/value.ts";
import type { GraphLeaf, Param } from "./graph.ts";
import type { Kernel } from "./kernel.ts";
import type { Memory } from "./memory.ts";

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

/** Each run-time name from the first input axis that is it, or a multiple of it; from the carry if it is there, since that is given first. */
export function dimSources(model: string, inputs: readonly GraphLeaf[], carry = 0): DimSource[] {
  const found = new Map<string, DimSource>();
  const wanted = new Set<string>();
  for (const [input, { value }] of inputs.entries())
    for (const [axis, d] of value.shape.entries()) {
      const names = namesOfDim(d);
      for (const name of names) wanted.add(name);
      const [name, more] = names;
      const divisor = name === undefined || more !== undefined ? undefined : divDims(d, name);
      if (name === undefined || typeof divisor !== "number") continue;
      const known = found.get(name);
      const better = known && divisor === 1 && known.divisor !== 1 && known.input < carry === input < carry;
      if (!known || better) found.set(name, { name, input, axis, divisor });
    }
  const lost = [...wanted].find((name) => !found.has(name));
  if (lost !== undefined)
    throw new Error(`${model}: no input has an axis of size ${lost} by itself, so ${lost} cannot be known at run time`);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
