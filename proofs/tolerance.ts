/** How far apart two results may be: said once, by dtype, with the reason. */
import type { DType } from "../dsl/types.ts";

/** `actual` is close to `expected` when |actual − expected| ≤ absolute + relative · |expected|. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Two ways of computing the same thing with the same arithmetic. */
export const tolerance: Readonly<Record<DType, Tolerance>> = {
  // Two orders of adding n numbers differ by at most 2n ulp of their magnitudes, an ulp being 2.2e-16. Programs here add some hundreds, and
  // what they add is up to 10⁴ times what is left of it.
  f64: { relative: 1e-9, absolute: 1e-9 },
  // Rounded to 2⁻²⁴ = 6e-8 wherever a value is stored: some tens of roundings, each of a number the size of the result.
  f32: { relative: 1e-5, absolute: 1e-5 },
  // Whole numbers are exact.
  i32: { relative: 0, absolute: 0 },
  bool: { relative: 0, absolute: 0 },
};

/** The same expression evaluated by the same rounding: not a bit of difference. */
export const exact: Tolerance = { relative: 0, absolute: 0 };

/**
 * The step of the five-point central difference, and what the difference is good for, in float64. Its error is h⁴·f⁽⁵⁾/30 + ε·|f|/h: with
 * h = 2⁻¹² and the fifth derivatives met in the ops' domains, below 1e-9 and below 1e-12·|f|. A wrong rule is wrong by far more than 1e-6.
 */
export const finiteDifference = { step: 2 ** -12, f64: { relative: 1e-6, absolute: 1e-7 } } as const;
