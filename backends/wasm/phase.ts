/** A kernel's share of a module: functions `(from, to)` that run one after the other, each over parts that may be done side by side. */
import type { Dim } from "../../dsl/types.ts";

/** The global that says which thread this is. */
export const THREAD = ":thread";

export interface Phase {
  readonly name: string;
  /** How many parts there are: ⌈dim / per⌉; a thread takes a multiple of `grain` of them. */
  readonly units: { readonly dim: Dim; readonly per: number; readonly grain: number };
}

/** Bytes that a kernel uses while it runs: for all threads together, and for each. */
export interface Room {
  readonly shared: Dim;
  readonly own: Dim;
}
