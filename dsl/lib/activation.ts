/** Activations: plain functions of ops, with no rules of their own. */

import type { Operand } from "../ops/operand.ts";
import { add, div, exp, greater, neg, where } from "../ops/scalar.ts";
import type { Value } from "../value.ts";

/** max(x, 0); the gradient at 0 is 0. */
export const relu = (x: Operand): Value => where(greater(x, 0), x, 0);

/** 1 / (1 + e^−x) */
export const sigmoid = (x: Operand): Value => div(1, add(1, exp(neg(x))));
