/**
 * One row for each op that is more than a function of elements: a layout (shapes that fit together, and how), its tensors, its attributes.
 * A layout is drawn at once, not one part after another, so that each part shrinks while the others stand still.
 */
import fc from "fast-check";
import type { Attrs } from "../dsl/op.ts";
import type { DType } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { count, dim, fromData, type Sizes, shape } from "./tensors.ts";

/** What tensors of a call are filled with. */
export interface Filling {
  readonly dtype: DType;
  /** Only where the op is smooth. */
  readonly smooth: boolean;
  tensor(sizes: Sizes): Value;
  /** No two elements alike, where it matters which is greatest. */
  distinct(sizes: Sizes): Value;
  /** Whole numbers ≥ 0, for indices and choices. */
  numbers(sizes: Sizes): readonly number[];
}
export interface Row<L = never> {
  readonly layout: fc.Arbitrary<unknown>;
  readonly call: (layout: L, fill: Filling) => { readonly args: readonly Value[]; readonly attrs?: Attrs };
}

const row = <L>(
  layout: fc.Arbitrary<L>,
  tensors: (layout: L, fill: Filling) => readonly Value[],
  attrs: (layout: L, fill: Filling) => Attrs = () => ({}),
): Row => ({ layout, call: (drawn: L, fill: Filling) => ({ args: tensors(drawn, fill), attrs: attrs(drawn, fill) }) });

// Parts of layouts, drawn for rank 4 and cut to the rank at hand.

/** One truth value an axis. */
const flags = (): fc.Arbitrary<boolean[]> => fc.tuple(fc.boolean(), fc.boolean(), fc.boolean(), fc.boolean());
const flagged = (sizes: Sizes, chosen: readonly boolean[]): number[] => axesOf(sizes).filter((axis) => chosen[axis]);
const order = (): fc.Arbitrary<number[]> => fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });
const ordered = (sizes: Sizes, all: readonly number[]): number[] => all.filter((axis) => axis < sizes.length);
const numbers = (max: number): fc.Arbitrary<number[]> => fc.tuple(fc.nat(max), fc.nat(max), fc.nat(max), fc.nat(max));
const axesOf = (sizes: Sizes): number[] => sizes.map((_, axis) => axis);
/** An axis of a shape of rank 1 to 3. */
const someAxis = (sizes: Sizes, k: number): number => k % sizes.length;

// Contents

const bools = (sizes: Sizes, fill: Filling): Value =>
  fromData(
    fill.numbers(sizes).map((k) => k % 2),
    sizes,
    "bool",
  );
/** Some out of range on either side. */
const indicesInto = (n: number, sizes: Sizes, fill: Filling): Value =>
  fromData(
    fill.numbers(sizes).map((k) => (k % (n + 2)) - 1),
    sizes,
    "i32",
  );
const number = (fill: Filling): number => fill.tensor([]).buffer?.[0] as number;

// Rows

const unary = row(shape(), (sizes, fill) => [fill.tensor(sizes)]);
const binary = row(shape(), (sizes, fill) => [fill.tensor(sizes), fill.tensor(sizes)]);

const broadcast = row(
  fc.record({ to: shape(), kept: flags(), ones: flags() }).map(({ to, kept, ones }) => ({ to, dims: flagged(to, kept), ones })),
  ({ to, dims, ones }, fill) => [fill.tensor(dims.map((axis) => (ones[axis] ? 1 : (to[axis] as number))))],
  ({ to, dims }) => ({ shape: to, dims }),
);

const sum = row(
  fc.record({ from: shape(), reduced: flags() }),
  ({ from }, fill) => [fill.tensor(from)],
  ({ from, reduced }) => ({ axes: flagged(from, reduced) }),
);
/** Of nothing, the greatest is −Infinity: no place for a finite difference. */
const max = row(
  fc.record({ from: shape(), reduced: flags() }),
  ({ from }, fill) => [fill.distinct(fill.smooth ? from.map((n) => n || 1) : from)],
  ({ from, reduced }) => ({ axes: flagged(from, reduced) }),
);

/** The products of runs of one list of factors. */
const grouped = (factors: Sizes, cuts: readonly number[]): Sizes => {
  const ends = [...cuts.map((at) => at % (factors.length + 1)), factors.length].sort((a, b) => a - b);
  return factors.length === 0 ? cuts.map(() => 1) : ends.map((end, k) => count(factors.slice(ends[k - 1] ?? 0, end)));
};
const cuts = (): fc.Arbitrary<number[]> => fc.array(fc.nat(5), { maxLength: 3 });
const reshape = row(
  fc.record({ factors: shape(5), from: cuts(), to: cuts() }),
  ({ factors, from }, fill) => [fill.tensor(grouped(factors, from))],
  ({ factors, to }) => ({ shape: grouped(factors, to) }),
);

const transpose = row(
  fc.record({ from: shape(), to: order() }),
  ({ from }, fill) => [fill.tensor(from)],
  ({ from, to }) => ({ permutation: ordered(from, to) }),
);

const reverse = row(
  fc.record({ from: shape(), reversed: flags() }),
  ({ from }, fill) => [fill.tensor(from)],
  ({ from, reversed }) => ({ axes: flagged(from, reversed) }),
);

const slice = row(
  fc.record({ from: shape(), a: numbers(3), b: numbers(3) }).map(({ from, a, b }) => {
    const ends = from.map((n, axis) => [(a[axis] as number) % (n + 1), (b[axis] as number) % (n + 1)].sort() as [number, number]);
    return { from, start: ends.map(([start]) => start), limit: ends.map(([, limit]) => limit) };
  }),
  ({ from }, fill) => [fill.tensor(from)],
  ({ start, limit }) => ({ start, limit }),
);

const pad = row(
  fc.record({ from: shape(3), low: numbers(2), high: numbers(2) }),
  ({ from }, fill) => [fill.tensor(from)],
  ({ from, low, high }, fill) => ({ low: low.slice(0, from.length), high: high.slice(0, from.length), value: number(fill) }),
);

const concat = row(
  fc.record({ like: shape(3, 1), widths: fc.array(dim(), { minLength: 1, maxLength: 3 }), k: fc.nat(2) }),
  ({ like, widths, k }, fill) => widths.map((n) => fill.tensor(like.with(someAxis(like, k), n))),
  ({ like, k }) => ({ axis: someAxis(like, k) }),
);

/** Up to two windowed axes, each of the size that so many windows need, and some more; other axes around them. */
const windowed = fc
  .record({
    others: shape(2),
    along: fc.array(
      fc.record({
        count: fc.integer({ min: 1, max: 3 }),
        size: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 4 }),
        dilation: fc.integer({ min: 1, max: 4 }),
        over: fc.nat(3),
      }),
      { maxLength: 2 },
    ),
    at: order(),
  })
  .map(({ others, along, at }) => {
    const rank = others.length + along.length;
    const axes = at.filter((axis) => axis < rank).slice(0, along.length);
    const column = (name: "count" | "size" | "stride" | "dilation"): number[] => along.map((w) => w[name]);
    const place = (windowed: readonly number[]): number[] => {
      const out: number[] = [...others];
      for (const [n, axis] of axes.map((axis, k) => [windowed[k] as number, axis] as const).sort(([, a], [, b]) => a - b))
        out.splice(axis, 0, n);
      return out;
    };
    const sizes = along.map(
      ({ count, size, stride, dilation, over }) => (count - 1) * stride + (size - 1) * dilation + 1 + (over % stride),
    );
    const attrs = { axes, sizes: column("size"), strides: column("stride"), dilations: column("dilation") };
    return { x: place(sizes), y: place(column("count")).toSpliced(Math.max(-1, ...axes) + 1, 0, ...attrs.sizes), attrs };
  });
const windows = row(
  windowed,
  ({ x }, fill) => [fill.tensor(x)],
  ({ attrs }) => attrs,
);
const fold = row(
  windowed,
  ({ y }, fill) => [fill.tensor(y)],
  ({ x, attrs }) => ({ ...attrs, shape: x }),
);

/** Batch, contracted and free sizes, and where each operand has them. */
const dot = row(
  fc
    .record({ batch: shape(1), contract: shape(2), free: fc.tuple(shape(2), shape(2)), at: fc.tuple(order(), order()) })
    .filter(({ batch, contract, free: [left, right] }) => batch.length + contract.length + Math.max(left.length, right.length) <= 4)
    .map(({ batch, contract, free, at }) => {
      const side = (k: 0 | 1): Side => {
        const roles = [...batch, ...contract, ...free[k]];
        const places = ordered(roles, at[k]);
        return {
          sizes: axesOf(roles).map((axis) => roles[places.indexOf(axis)] as number),
          batch: places.slice(0, batch.length),
          contract: places.slice(batch.length, batch.length + contract.length),
        };
      };
      return { left: side(0), right: side(1) };
    }),
  ({ left, right }, fill) => [fill.tensor(left.sizes), fill.tensor(right.sizes)],
  ({ left, right }) => ({ contract: [left.contract, right.contract], batch: [left.batch, right.batch] }),
);
interface Side {
  readonly sizes: Sizes;
  readonly batch: readonly number[];
  readonly contract: readonly number[];
}

const gather = row(
  fc.record({ from: shape(3, 1), at: shape(2), k: fc.nat(2) }),
  ({ from, at, k }, fill) => [fill.tensor(from), indicesInto(from[someAxis(from, k)] as number, at, fill)],
  ({ from, k }) => ({ axis: someAxis(from, k) }),
);

const scatter = row(
  fc.record({ before: shape(1), at: shape(2), after: shape(1), size: dim() }),
  ({ before, at, after, size }, fill) => [indicesInto(size, at, fill), fill.tensor([...before, ...at, ...after])],
  ({ before, size }) => ({ axis: before.length, size }),
);

const select = row(shape(), (sizes, fill) => [bools(sizes, fill), fill.tensor(sizes), fill.tensor(sizes)]);

const cast = row(
  fc.record({ sizes: shape(), dtype: fc.constantFrom<DType>("f64", "f32", "i32", "bool") }),
  ({ sizes }, fill) => [fill.tensor(sizes)],
  ({ dtype }) => ({ dtype }),
);

/** By 0 to 31 bits. */
const shift = row(shape(), (sizes, fill) => [
  fromData(
    fill.numbers(sizes).map((k) => (k * 69_069) | 0),
    sizes,
    "i32",
  ),
  fromData(
    fill.numbers(sizes).map((k) => k % 32),
    sizes,
    "i32",
  ),
]);

const constant = row(
  fc.constant(null),
  () => [],
  (_, fill) => ({ value: number(fill), dtype: fill.dtype }),
);

const dimensionSize = row(
  fc.record({ dim: fc.nat(9), dtype: fc.constantFrom<DType>("i32", "f32", "f64") }),
  () => [],
  (attrs) => attrs,
);

const iota = row(
  fc.record({ sizes: shape(3, 1), k: fc.nat(2) }),
  () => [],
  ({ sizes, k }) => ({ shape: sizes, axis: someAxis(sizes, k) }),
);

const randomBits = row(
  fc.record({ key: fc.tuple(fc.integer(), fc.integer()), sizes: shape(3) }),
  ({ key }) => [fromData(key, [2], "i32")],
  ({ sizes }) => ({ shape: sizes }),
);

export const structural: Readonly<Record<string, Row | undefined>> = {
  broadcast_in_dim: broadcast,
  reduce_sum: sum,
  reduce_max: max,
  reshape,
  transpose,
  reverse,
  slice,
  pad,
  concatenate: concat,
  windows,
  fold,
  dot_general: dot,
  gather,
  scatter,
  select,
  strong_multiply: binary,
  convert: cast,
  stop_gradient: unary,
  alias: unary,
  shift_right_logical: shift,
  constant,
  get_dimension_size: dimensionSize,
  iota,
  rng_bit_generator: randomBits,
};
