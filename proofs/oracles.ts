/**
 * Every op once more, by hand: loops over indices, written from the op's docstring and not from its `element`. Interpreter and backends share
 * `element`, so nothing else would notice if it were wrong.
 */
import type { Op } from "../dsl/op.ts";
import { storage } from "../dsl/storage.ts";
import type { DType } from "../dsl/types.ts";
import { concrete, type Value } from "../dsl/value.ts";
import type { OpCall } from "./calls.ts";
import { scalarOracles } from "./scalar-oracles.ts";
import { count, fromData, type Sizes } from "./tensors.ts";
import { exact, type Tolerance } from "./tolerance.ts";

export interface Answer {
  readonly result: Value;
  readonly tolerance: Tolerance;
}
type Index = readonly number[];

/** An n-dimensional array to write to. Elements are rounded to the dtype as they are stored. */
class Grid {
  readonly sizes: Sizes;
  readonly value: Value;
  readonly #elements: { [i: number]: number };

  constructor(sizes: Sizes, dtype: DType, first = 0) {
    this.sizes = sizes;
    const elements = new storage[dtype](count(sizes)).fill(first);
    this.#elements = elements;
    this.value = concrete(elements, sizes, dtype);
  }
  set(index: Index, element: number): void {
    this.#elements[offset(this.sizes, index)] = element;
  }
  get(index: Index): number {
    return this.#elements[offset(this.sizes, index)] as number;
  }
}

const offset = (sizes: Sizes, index: Index): number => {
  let at = 0;
  for (const [axis, n] of sizes.entries()) at = at * n + (index[axis] as number);
  return at;
};

/** Every index, the last axis fastest. */
function* indices(sizes: Sizes): Generator<Index> {
  const index = sizes.map(() => 0);
  for (let left = count(sizes); left > 0; left--) {
    yield [...index];
    for (let axis = sizes.length - 1; axis >= 0; axis--) {
      if (++(index[axis] as number) < (sizes[axis] as number)) break;
      index[axis] = 0;
    }
  }
}

const sizesOf = (x: Value | undefined): Sizes => (x as Value).shape as Sizes;
const read = (x: Value | undefined, index: Index): number => x?.buffer?.[offset(sizesOf(x), index)] as number;
const pick = (from: Index, axes: Index): Index => axes.map((axis) => from[axis] as number);
const others = (rank: number, ...taken: readonly Index[]): number[] =>
  Array.from({ length: rank }, (_, k) => k).filter((k) => !taken.flat().includes(k));

type Oracle = (args: readonly Value[], attrs: never) => Value;
interface Axes {
  axes: Index;
}
interface Windows extends Axes {
  sizes: Index;
  strides: Index;
  dilations: Index;
}
/** Where in x the element of its windows with this index comes from. */
const sourceOf = (index: Index, { axes, strides, dilations }: Windows): Index => {
  const first = Math.max(-1, ...axes) + 1;
  const out = index.toSpliced(first, axes.length);
  for (const [k, axis] of axes.entries())
    out[axis] = (index[axis] as number) * (strides[k] as number) + (index[first + k] as number) * (dilations[k] as number);
  return out;
};

const structural: Readonly<Record<string, Oracle>> = {
  broadcast_in_dim([x], { shape, dims }: { shape: Sizes; dims: Index }) {
    const out = new Grid(shape, (x as Value).dtype);
    for (const i of indices(shape))
      out.set(
        i,
        read(
          x,
          dims.map((to, d) => (sizesOf(x)[d] === 1 ? 0 : (i[to] as number))),
        ),
      );
    return out.value;
  },
  reduce_sum([x], { axes }: Axes) {
    const kept = others(sizesOf(x).length, axes);
    const totals = new Map<string, number>();
    for (const i of indices(sizesOf(x))) totals.set(`${pick(i, kept)}`, (totals.get(`${pick(i, kept)}`) ?? 0) + read(x, i));
    const out = new Grid(pick(sizesOf(x), kept), (x as Value).dtype);
    for (const i of indices(out.sizes)) out.set(i, totals.get(`${i}`) ?? 0);
    return out.value;
  },
  reduce_max([x], { axes }: Axes) {
    const kept = others(sizesOf(x).length, axes);
    const { dtype } = x as Value;
    const out = new Grid(pick(sizesOf(x), kept), dtype, dtype === "i32" ? -(2 ** 31) : Number.NEGATIVE_INFINITY);
    for (const i of indices(sizesOf(x))) {
      const [so, next] = [out.get(pick(i, kept)), read(x, i)];
      if (next > so || Number.isNaN(next)) out.set(pick(i, kept), next);
    }
    return out.value;
  },
  reshape: ([x], { shape }: { shape: Sizes }) =>
    fromData(
      [...indices(sizesOf(x))].map((i) => read(x, i)),
      shape,
      (x as Value).dtype,
    ),
  transpose([x], { permutation }: { permutation: Index }) {
    const out = new Grid(pick(sizesOf(x), permutation), (x as Value).dtype);
    for (const i of indices(sizesOf(x))) out.set(pick(i, permutation), read(x, i));
    return out.value;
  },
  reverse([x], { axes }: Axes) {
    const out = new Grid(sizesOf(x), (x as Value).dtype);
    const mirrored = (i: Index): number[] => i.map((k, axis) => (axes.includes(axis) ? (out.sizes[axis] as number) - 1 - k : k));
    for (const i of indices(out.sizes)) out.set(mirrored(i), read(x, i));
    return out.value;
  },
  slice([x], { start, limit }: { start: Index; limit: Index }) {
    const elements = [...indices(sizesOf(x))].filter((i) =>
      i.every((k, axis) => k >= (start[axis] as number) && k < (limit[axis] as number)),
    );
    return fromData(
      elements.map((i) => read(x, i)),
      limit.map((to, axis) => to - (start[axis] as number)),
      (x as Value).dtype,
    );
  },
  pad([x], { low, high, value }: { low: Index; high: Index; value: number }) {
    const sizes = sizesOf(x).map((n, axis) => (low[axis] as number) + n + (high[axis] as number));
    const out = new Grid(sizes, (x as Value).dtype, value);
    for (const i of indices(sizesOf(x)))
      out.set(
        i.map((k, axis) => k + (low[axis] as number)),
        read(x, i),
      );
    return out.value;
  },
  concatenate(args, { axis }: { axis: number }) {
    const width = args.reduce((n, x) => n + (sizesOf(x)[axis] as number), 0);
    const out = new Grid(sizesOf(args[0]).with(axis, width), (args[0] as Value).dtype);
    let before = 0;
    for (const x of args) {
      for (const i of indices(sizesOf(x))) out.set(i.with(axis, before + (i[axis] as number)), read(x, i));
      before += sizesOf(x)[axis] as number;
    }
    return out.value;
  },
  windows([x], attrs: Windows) {
    const first = Math.max(-1, ...attrs.axes) + 1;
    const counts = sizesOf(x).map((n, axis) => {
      const k = attrs.axes.indexOf(axis);
      const starts = Array.from({ length: n }, (_, i) => i).filter((i) => i % (attrs.strides[k] ?? 1) === 0);
      return k < 0 ? n : starts.filter((i) => i + ((attrs.sizes[k] as number) - 1) * (attrs.dilations[k] as number) < n).length;
    });
    const out = new Grid(counts.toSpliced(first, 0, ...attrs.sizes), (x as Value).dtype);
    for (const i of indices(out.sizes)) out.set(i, read(x, sourceOf(i, attrs)));
    return out.value;
  },
  fold([y], { shape, ...attrs }: Windows & { shape: Sizes }) {
    const first = Math.max(-1, ...attrs.axes) + 1;
    const out = new Grid(shape, (y as Value).dtype);
    const totals = new Map<string, number>();
    for (const place of indices(attrs.sizes))
      for (const window of indices(sizesOf(y).toSpliced(first, attrs.axes.length))) {
        const from = window.toSpliced(first, 0, ...place);
        const to = `${sourceOf(from, attrs)}`;
        totals.set(to, (totals.get(to) ?? 0) + read(y, from));
      }
    for (const i of indices(shape)) out.set(i, totals.get(`${i}`) ?? 0);
    return out.value;
  },
  dot_general([a, b], { contract, batch }: { contract: [Index, Index]; batch: [Index, Index] }) {
    const [left, right] = [sizesOf(a), sizesOf(b)];
    const free = [others(left.length, contract[0], batch[0]), others(right.length, contract[1], batch[1])] as const;
    const [shared, rows, columns, along] = [pick(left, batch[0]), pick(left, free[0]), pick(right, free[1]), pick(left, contract[0])];
    const out = new Grid([...shared, ...rows, ...columns], (a as Value).dtype);
    for (const s of indices(shared))
      for (const i of indices(rows))
        for (const j of indices(columns)) {
          let total = 0;
          for (const p of indices(along)) {
            const placed = (rank: number, ...roles: readonly (readonly [Index, Index])[]): number[] => {
              const at = Array<number>(rank).fill(0);
              for (const [axes, where] of roles) for (const [k, axis] of axes.entries()) at[axis] = where[k] as number;
              return at;
            };
            const x = read(a, placed(left.length, [batch[0], s], [free[0], i], [contract[0], p]));
            const y = read(b, placed(right.length, [batch[1], s], [free[1], j], [contract[1], p]));
            total += x * y;
          }
          out.set([...s, ...i, ...j], total);
        }
    return out.value;
  },
  gather([x, at], { axis }: { axis: number }) {
    const [before, after] = [sizesOf(x).slice(0, axis), sizesOf(x).slice(axis + 1)];
    const out = new Grid([...before, ...sizesOf(at), ...after], (x as Value).dtype);
    for (const i of indices(before))
      for (const j of indices(sizesOf(at)))
        for (const k of indices(after)) {
          const place = read(at, j);
          if (place >= 0 && place < (sizesOf(x)[axis] as number)) out.set([...i, ...j, ...k], read(x, [...i, place, ...k]));
        }
    return out.value;
  },
  scatter([at, updates], { axis, size }: { axis: number; size: number }) {
    const [before, after] = [sizesOf(updates).slice(0, axis), sizesOf(updates).slice(axis + sizesOf(at).length)];
    const out = new Grid([...before, size, ...after], (updates as Value).dtype);
    for (const i of indices(before))
      for (const j of indices(sizesOf(at)))
        for (const k of indices(after)) {
          const place = [...i, read(at, j), ...k];
          if (read(at, j) >= 0 && read(at, j) < size) out.set(place, out.get(place) + read(updates, [...i, ...j, ...k]));
        }
    return out.value;
  },
  select([test, a, b]) {
    const out = new Grid(sizesOf(a), (a as Value).dtype);
    for (const i of indices(sizesOf(a))) out.set(i, read(test, i) === 1 ? read(a, i) : read(b, i));
    return out.value;
  },
  convert([x], { dtype }: { dtype: DType }) {
    const out = new Grid(sizesOf(x), dtype);
    const whole = (e: number): number => (Number.isNaN(e) ? 0 : Math.min(Math.max(Math.trunc(e), -(2 ** 31)), 2 ** 31 - 1));
    for (const i of indices(sizesOf(x)))
      out.set(i, dtype === "bool" ? Number(read(x, i) !== 0) : dtype === "i32" ? whole(read(x, i)) : read(x, i));
    return out.value;
  },
  stop_gradient: ([x]) => x as Value,
  alias: ([x]) => x as Value,
  constant: (_, { value, dtype }: { value: number; dtype: DType }) => fromData([value], [], dtype),
  get_dimension_size: (_, { dim, dtype }: { dim: number; dtype: DType }) => fromData([dim], [], dtype),
  iota: (_, { shape, axis }: { shape: Sizes; axis: number }) =>
    fromData(
      [...indices(shape)].map((i) => i[axis] as number),
      shape,
      "i32",
    ),
  rng_bit_generator([key], { shape }: { shape: Sizes }) {
    const words = [read(key, [0]), read(key, [1])] as const;
    const bits = (n: number): number => {
      const [a, b] = threefry2x32(words, [0, n]);
      return (a ^ b) | 0;
    };
    return fromData(
      Array.from({ length: count(shape) }, (_, n) => bits(n)),
      shape,
      "i32",
    );
  },
};

/** Threefry-2x32 with 20 rounds, word by word as in Salmon et al. 2011, figure 4 and table 2; words are taken and given as 32 bits. */
export function threefry2x32(key: readonly [number, number], counter: readonly [number, number]): [number, number] {
  const turns = [13, 15, 26, 6, 17, 29, 16, 24];
  const keys = [key[0] >>> 0, key[1] >>> 0, (key[0] ^ key[1] ^ 0x1bd11bda) >>> 0];
  const plus = (a: number, b: number): number => (a + b) % 2 ** 32;
  let a = plus(counter[0] >>> 0, keys[0] as number);
  let b = plus(counter[1] >>> 0, keys[1] as number);
  for (let round = 0; round < 20; round++) {
    const turn = turns[round % 8] as number;
    a = plus(a, b);
    b = (((b << turn) | (b >>> (32 - turn))) ^ a) >>> 0;
    if (round % 4 !== 3) continue;
    const injection = (round + 1) / 4;
    a = plus(a, keys[injection % 3] as number);
    b = plus(plus(b, keys[(injection + 1) % 3] as number), injection);
  }
  return [a, b];
}

/** The oracle of an op, by its name. An op without one is an error. */
export function oracleOf(op: Op): (call: OpCall) => Answer {
  const byHand = structural[op.name];
  if (byHand) return ({ args, attrs }) => ({ result: byHand(args, attrs as never), tolerance: exact });
  const scalar = scalarOracles[op.name];
  if (!scalar)
    throw new Error(`${op.name} has no oracle: write one in proofs/oracles.ts or, for a scalar function, proofs/scalar-oracles.ts`);
  return ({ args }) => {
    const { dtype } = args[0] as Value;
    const f = dtype === "i32" ? scalar.int : dtype === "bool" ? scalar.bool : scalar.float;
    if (!f) throw new Error(`${op.name} has no oracle on ${dtype}`);
    const elements = [...indices(sizesOf(args[0]))].map((i) => f(...args.map((x) => read(x, i))));
    return {
      result: fromData(elements, sizesOf(args[0]), scalar.test ? "bool" : dtype),
      tolerance: scalar.tolerance?.(dtype) ?? exact,
    };
  };
}
