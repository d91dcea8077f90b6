/** Arbitrary dims, shapes and tensors. They shrink towards few, small, whole numbers, so that a counterexample can be read. */
import fc from "fast-check";
import { bufferOf } from "../dsl/tensor.ts";
import type { DType } from "../dsl/types.ts";
import { concrete, type Value } from "../dsl/value.ts";

export type Sizes = readonly number[];

/** 1 to 3, and now and then 0. */
export const dim = (): fc.Arbitrary<number> => fc.constantFrom(1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 0);

/** Like `dim`, never 0. */
export const positiveDim = (): fc.Arbitrary<number> => fc.constantFrom(1, 1, 2, 2, 2, 3, 3, 3);

export const shape = (maxRank = 4, minRank = 0, d: fc.Arbitrary<number> = dim()): fc.Arbitrary<Sizes> =>
  fc.array(d, { minLength: minRank, maxLength: maxRank });

export const count = (sizes: Sizes): number => sizes.reduce((a, b) => a * b, 1);

/** Multiples of 1/8 in [low, high]: exact in every float dtype, and short in print. */
export const eighths = (low: number, high: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(low * 8), max: Math.floor(high * 8) }).map((k) => k / 8);

/** A concrete tensor whose elements come from `element`. */
export const tensor = (sizes: Sizes, dtype: DType, element: fc.Arbitrary<number>): fc.Arbitrary<Value> =>
  fc.array(element, { minLength: count(sizes), maxLength: count(sizes), size: "max" }).map((data) => fromData(data, sizes, dtype));

/** All elements differ by at least 1/4: no two tie, also after a finite difference. */
export const distinct = (sizes: Sizes, dtype: DType): fc.Arbitrary<Value> => {
  const n = count(sizes);
  const places = Array.from({ length: n }, (_, k) => k);
  return fc.shuffledSubarray(places, { minLength: n, maxLength: n }).map((order) =>
    fromData(
      order.map((k) => (k - Math.floor(n / 2)) / 4),
      sizes,
      dtype,
    ),
  );
};

export const fromData = (data: readonly number[], sizes: Sizes, dtype: DType): Value => concrete(bufferOf(data, sizes, dtype), sizes, dtype);

/** Any element of a dtype: small numbers mostly, and all the awkward ones. */
export const anyNumber = (dtype: DType): fc.Arbitrary<number> => {
  switch (dtype) {
    case "bool":
      return fc.constantFrom(0, 1);
    case "i32":
      return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -4, max: 4 }) }, { weight: 1, arbitrary: fc.integer() });
    case "f32":
      return fc.oneof({ weight: 4, arbitrary: eighths(-3, 3) }, { weight: 1, arbitrary: fc.float() });
    case "f64":
      return fc.oneof({ weight: 4, arbitrary: eighths(-3, 3) }, { weight: 1, arbitrary: fc.double() });
  }
};
