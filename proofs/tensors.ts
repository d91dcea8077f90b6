/** Arbitrary dims, shapes and tensors. They shrink towards few, small, whole numbers, so that a counterexample can be read. */
import fc from "fast-check";
import { bufferOf } from "../dsl/storage.ts";
import type { DType } from "../dsl/types.ts";
import { concrete, type Value } from "../dsl/value.ts";

export type Sizes = readonly number[];

/** 1 to 3, and now and then 0. */
export const dim = (): fc.Arbitrary<number> => fc.constantFrom(1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 0);

export const shape = (maxRank = 4, minRank = 0): fc.Arbitrary<Sizes> => fc.array(dim(), { minLength: minRank, maxLength: maxRank });

export const count = (sizes: Sizes): number => sizes.reduce((a, b) => a * b, 1);

/** Multiples of 1/8 in [low, high]: exact in every float dtype, and short in print. */
export const eighths = (low: number, high: number): fc.Arbitrary<number> =>
  fc.integer({ min: Math.ceil(low * 8), max: Math.floor(high * 8) }).map((k) => k / 8);

export const fromData = (data: readonly number[], sizes: Sizes, dtype: DType): Value =>
  concrete(bufferOf(data, sizes, dtype), sizes, dtype);

/**
 * Elements for tensors of shapes not known yet: drawn at once beside the shapes, so that shapes and elements shrink while the others stand
 * still. A prime number of them, used in turn: no axis of 2, 3 or 4 meets the same element at every step.
 */
export interface Pool {
  /** The k-th elements that are asked for, as many as the shape has. */
  take(sizes: Sizes): number[];
}
const POOL = 31;

export const pool = (element: fc.Arbitrary<number>): fc.Arbitrary<Pool> =>
  fc.array(element, { minLength: POOL, maxLength: POOL }).map((elements) => {
    let taken = 0;
    return {
      take: (sizes) => {
        const start = 11 * taken++;
        return Array.from({ length: count(sizes) }, (_, i) => elements[(start + i) % POOL] as number);
      },
    };
  });

/** n numbers at least 1/4 apart, in one of many orders: no two tie, also after a finite difference. For n up to 82. */
export interface Order {
  readonly factor: number;
  readonly first: number;
}
export const order = (): fc.Arbitrary<Order> => fc.record({ factor: fc.integer({ min: 1, max: 82 }), first: fc.nat(82) });
export const apart = (n: number, { factor, first }: Order): number[] =>
  Array.from({ length: n }, (_, i) => (((i * factor + first) % 83) - 41) / 4);

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
