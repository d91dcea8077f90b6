/** Sizes that have to be equal. Where only the run can tell, whoever builds a model may take them to be, and then sees to it that they are. */
import { divDims } from "./dim.ts";
import type { Dim, Shape } from "./types.ts";

interface Assumptions {
  /** Are they equal? */
  agree(a: Dim, b: Dim): boolean;
  /** `a / b`, if it is whole. */
  divide(a: Dim, b: Dim): Dim | undefined;
}
let assumed: Assumptions | undefined;

/** Every rule that wants two sizes to be the same asks here, and refuses where they are not. */
export const agree = (a: Dim, b: Dim): boolean => a === b || (assumed?.agree(a, b) ?? false);
export const agreeAll = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((d, axis) => agree(d, b[axis] as Dim));
/** The exact quotient `a / b`, or none. */
export const quotient = (a: Dim, b: Dim): Dim | undefined => divDims(a, b) ?? assumed?.divide(a, b);

/** While `f` runs, what sizes do not show is asked of `make(outer)`; `outer` is who was asked before. */
export function assuming<T>(make: (outer: Assumptions | undefined) => Assumptions, f: () => T): T {
  const outer = assumed;
  assumed = make(outer);
  try {
    return f();
  } finally {
    assumed = outer;
  }
}
