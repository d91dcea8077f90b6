/** A compiled graph: what a backend emits. */
import { linearIn, namesOfDim, showShape } from "../dsl/dim.ts";
import type { Dim } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import type { Equality, GraphLeaf, Param } from "./graph.ts";
import type { Kernel } from "./kernel.ts";
import type { Memory } from "./memory.ts";

export interface Program {
  readonly name: string;
  readonly params: readonly Param[];
  readonly result: unknown;
  /** The first parameter and the first half of the result are the same memory. */
  readonly step: boolean;
  /** Why it is none, though its types let it be one. */
  readonly noStep: string | undefined;
  readonly inputs: readonly GraphLeaf[];
  readonly outputs: readonly GraphLeaf[];
  /** Arrays that are there from the start. */
  readonly constants: readonly Value[];
  readonly dims: readonly DimSource[];
  /** What must not be negative at run time. */
  readonly requirements: readonly { readonly dim: Dim; readonly otherwise: string }[];
  /** Why an input's axis has to be as long as it has to be, where its type does not say. */
  readonly equalities: readonly Equality[];
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

/**
 * Each run-time name from the first input axis that tells it: from the carry if it is there, since that is given first; then from an axis whose
 * type says so, since what is said of the others is of what they have to equal; then from one that is the name itself.
 */
export function dimSources(model: string, inputs: readonly GraphLeaf[], carry = 0, equalities: readonly Equality[] = []): DimSource[] {
  const found = new Map<string, DimSource & { readonly rank: number }>();
  const wanted = new Map<string, string>();
  for (const [input, { path, value }] of inputs.entries())
    for (const [axis, d] of value.shape.entries()) {
      for (const name of namesOfDim(d)) if (!wanted.has(name)) wanted.set(name, `${path} ${showShape(value.shape)}`);
      const linear = linearIn(d);
      if (!linear) continue;
      const { name, coefficient, constant } = linear;
      const equal = equalities.some((one) => one.path === path && one.axis === axis);
      const rank = (input < carry ? 0 : 4) + (equal ? 2 : 0) + (coefficient === 1 && constant === 0 ? 0 : 1);
      if (rank < (found.get(name)?.rank ?? 8)) found.set(name, { name, input, axis, divisor: coefficient, offset: constant, rank });
    }
  for (const [name, place] of wanted)
    if (!found.has(name)) throw new Error(`${model}: ${place} does not tell how large ${name} is; pass a tensor with an axis "${name}"`);
  return [...found.values()].map(({ rank, ...source }) => source).sort((a, b) => (a.name < b.name ? -1 : 1));
}
