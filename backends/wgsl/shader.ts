/** What a program is to the GPU: shaders that run one after the other, each a text with an entry point `main`. */
import type { Dim } from "../../dsl/types.ts";
import type { Origin } from "../../dsl/value.ts";

/**
 * A compute shader; its workgroups are independent of each other. They are numbered from 0, and come folded over x and y where there are more
 * than `MOST_GROUPS`; those too many return at once.
 */
export interface Shader {
  /** Of its own in the program, and an identifier. */
  readonly name: string;
  /** A module in WGSL. Binding 0 is the arena, binding 1 the sizes, if there are any. */
  readonly code: string;
  /** There are so many workgroups: the product. A 0 among them is nothing to do. */
  readonly groups: readonly Group[];
  /** If there: by the sizes of a call it runs, or another shader does it. */
  readonly only?: Only;
  /** Of workgroup memory. */
  readonly workgroupBytes: number;
  /** Bytes that it uses behind the program's memory, in terms of the largest sizes. Only shaders of one kernel find there what others left. */
  readonly scratch: Dim;
  /** Where in the user's source its values come from, first to last. */
  readonly origins: readonly Origin[];
  /** What runs in its place where the device has less workgroup memory. */
  readonly otherwise?: readonly Shader[];
}

/** ⌈dim / per⌉ workgroups, by the sizes of this call. */
export interface Group {
  readonly dim: Dim;
  readonly per: number;
}

/** Where `from` ≤ `dim` < `below`, by the sizes of this call. */
export interface Only {
  readonly dim: Dim;
  readonly from: number;
  readonly below: number;
}

/** How many workgroups there are, of how many invocations. */
export interface Grid {
  readonly groups: readonly Group[];
  readonly invocations: number;
}

/** Workgroups along one axis of a dispatch: what every device takes. */
export const MOST_GROUPS = 65535;

/** Sizes that there is room for are multiples of this. Then a value whose size is known, or has a run-time dim, begins at a multiple of it. */
export const UNIT = 4;
