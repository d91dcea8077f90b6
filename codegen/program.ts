/** A compiled graph: what a backend emits. */
import { linearIn, namesOfDim, showShape } from "../dsl/dim.ts";
import type { Dim } from "../dsl/types.ts";
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
  /** What must not be negative at run time. */
  readonly requirements: readonly { readonly dim: Dim; readonly otherwise: string }[];
  readonly kernels: readonly Kernel[];
  readonly memory: Memory;
}

/** A run-time dim by the size of an input's axis, which is divisor · dim + offset. */
export interface DimSource {
  readonly name: string;
  readonly input: number;
  readonly axis: number;
  readonly divisor: number;
  readonly offset: number;
}

/** Each run-time name from the first input axis that tells it; from the carry if it is there, since that is given first. */
export function dimSources(model: string, inputs: readonly GraphLeaf[], carry = 0): DimSource[] {
  const found = new Map<string, DimSource>();
  const wanted = new Map<string, string>();
  for (const [input, { path, value }] of inputs.entries())
    for (const [axis, d] of value.shape.entries()) {
      for (const name of namesOfDim(d)) if (!wanted.has(name)) wanted.set(name, `${path} ${showShape(value.shape)}`);
      const linear = linearIn(d);
      if (!linear) continue;
      const { name, coefficient, constant } = linear;
      const known = found.get(name);
      const plain = coefficient === 1 && constant === 0;
      const better = known && plain && (known.divisor !== 1 || known.offset !== 0) && known.input < carry === input < carry;
      if (!known || better) found.set(name, { name, input, axis, divisor: coefficient, offset: constant });
    }
  for (const [name, place] of wanted)
    if (!found.has(name)) throw new Error(`${model}: ${place} does not tell how large ${name} is; pass a tensor with an axis "${name}"`);
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
