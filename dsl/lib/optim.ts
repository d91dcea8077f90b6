/** Optimizers over parameter trees: (parameters, gradient, …) → what the parameters become. */

import { scalar } from "../ops/generate.ts";
import type { Operand } from "../ops/operand.ts";
import { add, cast, div, mul, pow, sqrt, sub, zerosLike } from "../ops/scalar.ts";
import { mapTree } from "../tree.ts";
import { isTensor, type Value, valueOf } from "../value.ts";

/** p − lr · g */
export const sgd = (p: unknown, g: unknown, { lr }: { lr: Operand }): unknown =>
  updateTree((x, [dx]) => [sub(x, mul(dx as Value, lr))], p, g)[0];

export interface AdamOptions {
  readonly lr: Operand;
  readonly beta1?: number;
  readonly beta2?: number;
  readonly epsilon?: number;
}
export interface AdamTree {
  readonly step: Value;
  readonly m: unknown;
  readonly v: unknown;
}

/** Step 0, moments 0. */
export function adamInit(p: unknown): AdamTree {
  const zeros = (): unknown => mapTree((leaf) => (isFloatTensor(leaf) ? zerosLike(valueOf(leaf as Value)) : null), p);
  return { step: scalar(0, "i32"), m: zeros(), v: zeros() };
}

/**
 * Kingma & Ba 2015, algorithm 1; ε is added outside of the root. p − lr · m̂ / (√v̂ + ε), where m̂ = m / (1 − β₁ᵗ), v̂ = v / (1 − β₂ᵗ), computed
 * as PyTorch does: both corrections are one number a step, so that an element takes one division.
 */
export function adam(
  p: unknown,
  g: unknown,
  state: AdamTree,
  { lr, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 }: AdamOptions,
): [unknown, AdamTree] {
  const step = add(state.step, 1);
  const t = cast(step, "f32");
  const rate = div(lr, sub(1, pow(beta1, t)));
  const perRoot = div(1, sqrt(sub(1, pow(beta2, t))));
  const update = (x: Value, [dx, m0, v0]: readonly unknown[]): Value[] => {
    const d = dx as Value;
    const m = add(mul(m0 as Value, beta1), mul(d, 1 - beta1));
    const v = add(mul(v0 as Value, beta2), mul(mul(d, d), 1 - beta2));
    return [sub(x, div(mul(m, rate), add(mul(sqrt(v), perRoot), epsilon))), m, v];
  };
  const [parameters, m, v] = updateTree(update, p, g, state.m, state.v);
  return [parameters, { step, m, v }];
}

/** Applies `f` to every float leaf and its companions; as many trees come back as `f` gives values. A leaf that is not float stays, with null beside it. */
function updateTree(f: (x: Value, rest: readonly unknown[]) => readonly Value[], p: unknown, ...rest: readonly unknown[]): unknown[] {
  const width = Math.max(1, rest.length);
  const results = mapTree((leaf, ...more) => new Results(isFloatTensor(leaf) ? f(valueOf(leaf as Value), more) : [leaf]), p, ...rest);
  return Array.from({ length: width }, (_, k) => mapTree((r) => (r as Results).values[k] ?? null, results));
}
/** Opaque to tree walks. */
class Results {
  readonly values: readonly unknown[];
  constructor(values: readonly unknown[]) {
    this.values = values;
  }
}
const isFloatTensor = (x: unknown): boolean => isTensor(x) && (x.dtype === "f32" || x.dtype === "f64");
