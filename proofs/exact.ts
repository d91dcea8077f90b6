/** The laws of differentiation without a rounding error in sight: for rational functions, modulo a prime, they hold exactly or not at all. */
import { backward, forward } from "../dsl/differentiate.ts";
import { elementsOf } from "../dsl/tensor.ts";
import { parameter, type Value } from "../dsl/value.ts";
import { type Elements, evaluateIn } from "./evaluate.ts";
import { type Dual, duals, NotRational, residues } from "./field.ts";
import { type Directions, isFloat, type Law, type Tensors, type Trial } from "./laws.ts";

const inField = (v: Value): number[] => Array.from(elementsOf(v), residues.of);
/** Whole numbers, too: what is known is computed with, and a fifth of one would be rounded before the field could say otherwise. */
const unknownLike = (v: Value): Value => parameter(v.shape, v.dtype, "x");

/** ε part of f(x + t·ε) is the formal derivative; forward mode must be equal to it, reverse mode its transpose. */
export const isFormalDerivative: Law<Trial> = {
  name: "modulo a prime, J·t is the formal derivative and Jᵀ its transpose, exactly",
  holds: ({ f, x, directions: [t], cotangents: [ct] }) => {
    const point = x.map(unknownLike);
    const tangents = t.map((v) => v && unknownLike(v));
    const cotangents = ct.map((v) => v && unknownLike(v));
    const results = f(...point);
    const values = new Map<Value, Elements<number>>();
    const perturbed = new Map<Value, Elements<Dual>>();
    for (const [k, v] of x.entries()) {
      if (!isFloat(v)) {
        values.set(point[k] as Value, Array.from(elementsOf(v)));
        perturbed.set(point[k] as Value, Array.from(elementsOf(v)));
      }
      const along = t[k];
      if (!along) continue;
      const [value, tangent] = [inField(v), inField(along)];
      values.set(point[k] as Value, value).set(tangents[k] as Value, tangent);
      perturbed.set(
        point[k] as Value,
        value.map((e, i) => ({ value: e, tangent: tangent[i] as number })),
      );
    }
    for (const [k, v] of ct.entries()) if (v) values.set(cotangents[k] as Value, inField(v));

    const wrt = point.filter(isFloat);
    const outputs = results.filter(isFloat);
    const expected = (evaluateIn(duals, outputs, perturbed) as Dual[][]).map((y) => y.map((e) => e.tangent));

    const pushed = forward(outputs, wrt, present(tangents));
    const actual = evaluateOptional(pushed, values);
    for (const [k, tangent] of expected.entries()) expectEqual(actual[k] ?? tangent.map(() => 0), tangent, "J·t");

    const pulled = evaluateOptional(backward(outputs, present(cotangents), wrt), values);
    const left = present(ct).map((v, k) => dot(inField(v), expected[k] as number[]));
    const right = present(t).map((v, k) => dot(inField(v), pulled[k] ?? inField(v).map(() => 0)));
    expectEqual([total(right)], [total(left)], "⟨Jᵀ·ct, t⟩");
  },
};

/** Is f a rational function, as far as this point tells? */
export function isRational({ f, x }: Pick<Trial, "f" | "x">): boolean {
  const point = x.map(unknownLike);
  try {
    evaluateIn(
      residues,
      f(...point),
      new Map(point.map((v, k) => [v, isFloat(v) ? inField(x[k] as Value) : Array.from(elementsOf(x[k] as Value))] as const)),
    );
    return true;
  } catch (error) {
    if (error instanceof NotRational) return false;
    throw error;
  }
}

const present = (values: Directions): Tensors => values.filter((v) => v !== null);

function evaluateOptional(values: readonly (Value | undefined)[], given: ReadonlyMap<Value, Elements<number>>): (number[] | undefined)[] {
  const known = values.filter((v) => v !== undefined);
  const results = evaluateIn(residues, known, given) as number[][];
  return values.map((v) => v && results[known.indexOf(v)]);
}

const dot = (a: readonly number[], b: readonly number[]): number => total(a.map((x, i) => residues.mul(x, b[i] as number)));
const total = (terms: readonly number[]): number => terms.reduce(residues.add, 0);

function expectEqual(actual: readonly number[], expected: readonly number[], what: string): void {
  const at = expected.findIndex((e, i) => e !== actual[i]);
  if (at >= 0 || actual.length !== expected.length)
    throw new Error(`${what}: element ${at} is ${actual[at]}, not ${expected[at]} (modulo a prime)`);
}
