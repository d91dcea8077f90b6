/** A user's own function, held to the laws of differentiation. */
import fc from "fast-check";
import { elementsOf } from "../dsl/tensor.ts";
import { leavesOf, mapTree } from "../dsl/tree.ts";
import { concrete, isTensor, type Value, valueOf } from "../dsl/value.ts";
import { type Directions, isFloat, type Law, type Tensors, type Trial, transposes } from "./laws.ts";
import { isTame, jvpAgreesWhereSmooth } from "./points.ts";
import { eighths, fromData, type Pool, pool, type Sizes } from "./tensors.ts";

export interface ProveOptions {
  /** Points that are tried: 20. */
  readonly runs?: number;
  /** To meet a failure again: its message tells. */
  readonly seed?: number;
}

/**
 * `(model, example arguments) → void`: forward mode agrees with finite differences, reverse mode is its transpose, at random points near the
 * example, in float64. Integers, truth values and numbers stay as they are. Throws what it found: the law, the difference, the seed.
 *
 * @example
 * proveDerivatives(loss, [params, x, y]);
 */
export function proveDerivatives(
  model: (...args: never[]) => unknown,
  example: readonly unknown[],
  { runs = 20, seed }: ProveOptions = {},
): void {
  const trials = trialsNear(model as (...args: unknown[]) => unknown, example);
  const parameters = { numRuns: runs, ...(seed !== undefined && { seed }) };
  for (const law of [jvpAgreesWhereSmooth, transposes]) fc.assert(propertyOf(law, trials), parameters);
}

const propertyOf = (law: Law<Trial>, trials: fc.Arbitrary<Trial>): fc.IProperty<[Trial]> =>
  fc.property(trials, (trial) => {
    fc.pre(isTame(trial));
    try {
      law.holds(trial);
    } catch (error) {
      throw fc.PreconditionFailure.isFailure(error) ? error : new Error(`${law.name}: ${(error as Error).message}`, { cause: error });
    }
  });

/** Every float moved by up to 1/8, so that no two are tied and none stands at a kink. */
function trialsNear(model: (...args: unknown[]) => unknown, example: readonly unknown[]): fc.Arbitrary<Trial> {
  const places = leavesOf(example).flatMap(({ value }) => (isTensor(value) ? [valueOf(value)] : []));
  const f = (...x: Tensors): Tensors => {
    let next = 0;
    const args = mapTree((leaf) => (isTensor(leaf) ? x[next++] : leaf), example) as unknown[];
    return leavesOf(model(...args)).flatMap(({ value }) => (isTensor(value) ? [valueOf(value)] : []));
  };
  const small = (): fc.Arbitrary<Pool> => pool(eighths(-1, 1));
  return fc.record({ near: small(), along: small(), against: small() }).map(({ near, along, against }) => {
    const draw = (v: Value, from: Pool): Value => fromData(from.take(v.shape as Sizes), v.shape as Sizes, "f64");
    const like = (list: Tensors, from: Pool): Directions => list.map((v) => (isFloat(v) ? draw(v, from) : null));
    let made = 0;
    const x = places.map((v) => (isFloat(v) ? moved(v, near.take(v.shape as Sizes), () => (++made * 0.618034) % 1) : v));
    const y = f(...x);
    const toString = (): string => `x = ${x.join(", ")}`;
    return { f, x, directions: [like(x, along), like(x, along)], cotangents: [like(y, against), like(y, against)], toString };
  });
}

const moved = (v: Value, by: readonly number[], jitter: () => number): Value =>
  concrete(
    Float64Array.from(elementsOf(v), (e, i) => e + ((by[i] as number) + jitter() / 8) / 8),
    v.shape,
    "f64",
  );
