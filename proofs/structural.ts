/** One row for each op that is more than a function of elements: shapes that fit together, and the attributes that say how. */
import fc from "fast-check";
import type { Filling, Operands } from "./calls.ts";
import { count, dim, fromData, positiveDim, type Sizes, shape, tensor } from "./tensors.ts";
import type { DType } from "../dsl/types.ts";

type Generator = (fill: Filling) => fc.Arbitrary<Operands>;

const axesOf = (sizes: Sizes): number[] => sizes.map((_, axis) => axis);
const permutationOf = (n: number): fc.Arbitrary<number[]> => {
  const all = Array.from({ length: n }, (_, k) => k);
  return fc.shuffledSubarray(all, { minLength: n, maxLength: n });
};
const bools = (sizes: Sizes): ReturnType<Filling["tensor"]> => tensor(sizes, "bool", fc.constantFrom(0, 1));
/** Some out of range on either side. */
const indicesInto = (n: number, sizes: Sizes): ReturnType<Filling["tensor"]> => tensor(sizes, "i32", fc.integer({ min: -1, max: n }));

const broadcast: Generator = (fill) =>
  shape().chain((to) =>
    fc.record({ dims: fc.subarray(axesOf(to)), ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }) }).chain(({ dims, ones }) =>
      fill
        .tensor(dims.map((axis, d) => (ones[d] ? 1 : (to[axis] as number))))
        .map((x) => ({ args: [x], attrs: { shape: to, dims } })),
    ),
  );

const reduction =
  (sizes: fc.Arbitrary<Sizes>, contents: "tensor" | "distinct"): Generator =>
  (fill) =>
    sizes.chain((from) =>
      fc.record({ x: fill[contents](from), axes: fc.subarray(axesOf(from)) }).map(({ x, axes }) => ({ args: [x], attrs: { axes } })),
    );

/** Two groupings of one list of factors. */
const reshape: Generator = (fill) =>
  shape(5).chain((factors) => {
    const cuts = fc.array(fc.nat(factors.length), { maxLength: 3 });
    const group = (at: readonly number[]): Sizes => {
      const ends = [...at].sort((a, b) => a - b);
      return [...ends, factors.length].map((end, k) => count(factors.slice(ends[k - 1] ?? 0, end)));
    };
    const grouping = fc.oneof(cuts.map(group), fc.constant(count(factors) === 1 ? [] : [count(factors)]));
    return fc.tuple(grouping, grouping).chain(([from, to]) => fill.tensor(from).map((x) => ({ args: [x], attrs: { shape: to } })));
  });

const transpose: Generator = (fill) =>
  shape().chain((from) =>
    fc.record({ x: fill.tensor(from), permutation: permutationOf(from.length) }).map(({ x, permutation }) => ({ args: [x], attrs: { permutation } })),
  );

const slice: Generator = (fill) =>
  shape().chain((from) => {
    const range = (d: number): fc.Arbitrary<number[]> => fc.tuple(fc.nat(d), fc.nat(d)).map((ends) => ends.sort((a, b) => a - b));
    return fc.record({ x: fill.tensor(from), ranges: fc.tuple(...from.map(range)) }).map(({ x, ranges }) => ({
      args: [x],
      attrs: { start: ranges.map((r) => r[0] as number), limit: ranges.map((r) => r[1] as number) },
    }));
  });

const pad: Generator = (fill) =>
  shape(3).chain((from) => {
    const widths = fc.tuple(...from.map(() => fc.nat(2)));
    return fc
      .record({ x: fill.tensor(from), low: widths, high: widths, value: fill.number() })
      .map(({ x, low, high, value }) => ({ args: [x], attrs: { low, high, value } }));
  });

const concat: Generator = (fill) =>
  fc
    .record({ like: shape(3, 1), widths: fc.array(dim(), { minLength: 1, maxLength: 3 }), axis: fc.nat(2) })
    .chain(({ like, widths, axis: k }) => {
      const axis = k % like.length;
      return fc.tuple(...widths.map((n) => fill.tensor(like.with(axis, n)))).map((args) => ({ args, attrs: { axis } }));
    });

/** Batch, contracted and free sizes, and the order in which each operand has its axes. */
const dot: Generator = (fill) =>
  fc
    .record({ batch: shape(1), contract: shape(2), left: shape(2), right: shape(2) })
    .filter(({ batch, contract, left, right }) => batch.length + contract.length + Math.max(left.length, right.length) <= 4)
    .chain(({ batch, contract, left, right }) => {
      const operand = (free: Sizes): fc.Arbitrary<{ sizes: Sizes; batch: number[]; contract: number[] }> => {
        const roles = [...batch, ...contract, ...free];
        return permutationOf(roles.length).map((at) => ({
          sizes: roles.map((_, axis) => roles[at.indexOf(axis)] as number),
          batch: at.slice(0, batch.length),
          contract: at.slice(batch.length, batch.length + contract.length),
        }));
      };
      return fc.tuple(operand(left), operand(right)).chain(([a, b]) =>
        fc.tuple(fill.tensor(a.sizes), fill.tensor(b.sizes)).map((args) => ({
          args,
          attrs: { contract: [a.contract, b.contract], batch: [a.batch, b.batch] },
        })),
      );
    });

const gather: Generator = (fill) =>
  fc.record({ from: shape(3, 1), at: shape(2), k: fc.nat(2) }).chain(({ from, at, k }) => {
    const axis = k % from.length;
    return fc.tuple(fill.tensor(from), indicesInto(from[axis] as number, at)).map((args) => ({ args, attrs: { axis } }));
  });

const scatter: Generator = (fill) =>
  fc.record({ before: shape(1), at: shape(2), after: shape(1), size: dim() }).chain(({ before, at, after, size }) =>
    fc.tuple(indicesInto(size, at), fill.tensor([...before, ...at, ...after])).map((args) => ({
      args,
      attrs: { axis: before.length, size },
    })),
  );

const select: Generator = (fill) => shape().chain((sizes) => fc.tuple(bools(sizes), fill.tensor(sizes), fill.tensor(sizes)).map((args) => ({ args, attrs: {} })));

const cast: Generator = (fill) => {
  const to: fc.Arbitrary<DType> = fill.dtype === "f64" ? fc.constantFrom("f64", "f32", "i32", "bool") : fc.constantFrom("f32", "f64", "i32", "bool");
  return fc.record({ x: shape().chain(fill.tensor), dtype: to }).map(({ x, dtype }) => ({ args: [x], attrs: { dtype } }));
};

const unchanged: Generator = (fill) => shape().chain(fill.tensor).map((x) => ({ args: [x], attrs: {} }));

/** By 0 to 31 bits. */
const shift: Generator = () =>
  shape().chain((sizes) =>
    fc.tuple(tensor(sizes, "i32", fc.integer()), tensor(sizes, "i32", fc.nat(31))).map((args) => ({ args, attrs: {} })),
  );

const constant: Generator = (fill) => fill.number().map((value) => ({ args: [], attrs: { value, dtype: fill.dtype } }));
const dimensionSize: Generator = () =>
  fc.record({ dim: fc.nat(9), dtype: fc.constantFrom<DType>("i32", "f32", "f64") }).map((attrs) => ({ args: [], attrs }));
const iota: Generator = () =>
  fc.record({ shape: shape(3, 1), k: fc.nat(2) }).map(({ shape: s, k }) => ({ args: [], attrs: { shape: s, axis: k % s.length } }));
const randomBits: Generator = () =>
  fc.record({ key: fc.tuple(fc.integer(), fc.integer()), shape: shape(3) }).map(({ key, shape: s }) => ({
    args: [fromData(key, [2], "i32")],
    attrs: { shape: s },
  }));

export const structural: Readonly<Record<string, Generator | undefined>> = {
  broadcast_in_dim: broadcast,
  reduce_sum: reduction(shape(), "tensor"),
  // Of nothing, the greatest is -Infinity: no place for a finite difference.
  reduce_max: (fill) => reduction(fill.smooth ? shape(4, 0, positiveDim()) : shape(), "distinct")(fill),
  reshape,
  transpose,
  slice,
  pad,
  concatenate: concat,
  dot_general: dot,
  gather,
  scatter,
  select,
  convert: cast,
  stop_gradient: unchanged,
  alias: unchanged,
  shift_right_logical: shift,
  constant,
  get_dimension_size: dimensionSize,
  iota,
  rng_bit_generator: randomBits,
};
