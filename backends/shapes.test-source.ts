/**
 * Programs whose sizes decide how they are computed: contractions, reductions and movements around a vector (4), a tile (6 × 8), unrolled
 * sums (16) and a block of k (256), as run-time sizes and as known ones. Elements are eighths, so that sums of them are exact.
 */
import fc from "fast-check";
import { type Graph, paramLeaves } from "../codegen/graph.ts";
import { inputsFor } from "../codegen/random-graph.test-source.ts";
import { specialize } from "../codegen/specialize.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { logSumExp, softmax } from "../dsl/lib/softmax.ts";
import { broadcastTo, max, mean, sum } from "../dsl/ops/broadcast.ts";
import { dotGeneral } from "../dsl/ops/dot.ts";
import { gather } from "../dsl/ops/gather.ts";
import { transpose as permute, reshape, reverse } from "../dsl/ops/reshape.ts";
import * as s from "../dsl/ops/scalar.ts";
import { concat, pad, slice } from "../dsl/ops/slice.ts";
import type { Dim, DType } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { spec, traced } from "./traced.test-source.ts";

export interface Shaped {
  readonly graph: Graph;
  readonly sizes: Readonly<Record<string, number>>;
  readonly inputs: readonly Value[];
  toString(): string;
}

const transpose = (x: Value): Value => (x.shape.length < 2 ? x : permute(x));

/** Sizes are names, or numbers where their bit in `known` is 1. */
function shaped(
  f: (...args: Value[]) => unknown,
  specs: Readonly<Record<string, Value>>,
  sizes: Shaped["sizes"],
  known: number,
  seed: number,
): Shaped {
  const whole = traced("f", f as never, specs);
  const fixed = Object.fromEntries(Object.entries(sizes).filter((_, k) => (known >> k) & 1));
  const graph = specialize(whole, fixed);
  const free = Object.fromEntries(Object.entries(sizes).filter(([name]) => !(name in fixed)));
  const inputs = inputsFor(graph, free, seed);
  const shapes = (): string =>
    paramLeaves(whole)
      .map(({ path, value }) => `${path} ${value.dtype} [${value.shape.join(", ")}]`)
      .join(", ");
  return { graph, sizes: free, inputs, toString: () => `${shapes()}; ${JSON.stringify(sizes)}, known ${Object.keys(fixed)}` };
}

const around = fc.constantFrom(5, 3, 1, 4, 7, 8, 9, 2, 6, 12, 13, 15, 16, 17, 23, 24, 25, 31, 32, 33, 37, 53, 0);
const long = fc.constantFrom(16, 1, 3, 4, 5, 8, 15, 17, 29, 53, 64, 255, 256, 257, 1000, 1024, 1025, 0);
const few = fc.constantFrom(2, 1, 3, 5);
const known = fc.constantFrom(0, 0xffff, 0b0101, 0b1010, 0b0011);
const seed = fc.nat(1_000_000);
/** The same elements in another order, as numbers from a seed say. */
const shuffled = <T>(xs: readonly T[], n: number): T[] =>
  xs
    .map((x, k) => ({ x, by: Math.imul(n + k + 1, 0x9e3779b1) >>> 0 }))
    .sort((a, b) => a.by - b.by)
    .map(({ x }) => x);

/** What may become of a product before it is stored. */
const ends: readonly ((out: Value, other: Value) => unknown)[] = [
  (out) => out,
  (out, other) => s.maximum(s.add(out, other), 0),
  (out, other) => [s.add(out, s.mul(other, 0.5)), s.tanh(s.mul(out, 0.125))],
  (out) => (out.shape.length > 0 ? softmax(s.mul(out, 0.125)) : out),
  (out) => [out, out.shape.length > 0 ? sum(out, -1) : sum(out)],
  (out) => [transpose(out), max(out, out.shape.length > 0 ? 0 : [])],
  (out) => s.div(s.cast(s.mul(out, 8), "i32"), 3),
  (out, other) => s.cast(s.mul(s.cast(s.add(out, other), "f64"), 1 / 3), out.dtype),
  (out, other) => s.where(s.less(out, other), out, s.neg(other)),
  (out) =>
    pad(
      out,
      out.shape.map(() => [1, 2] as const),
      0.5,
    ),
];

/** Σ left · right: any axes contracted and batched, in any order; operands as they lie, reversed, or a part of what lies there. */
export const contractions = (): fc.Arbitrary<Shaped> =>
  fc
    .record({
      row: around,
      column: around,
      k: fc.oneof({ weight: 1, arbitrary: around }, { weight: 1, arbitrary: long }),
      rows: fc.array(few, { maxLength: 1 }),
      columns: fc.array(few, { maxLength: 1 }),
      ks: fc.array(few, { maxLength: 1 }),
      batch: fc.array(few, { maxLength: 2 }),
      vector: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3),
      orders: fc.tuple(fc.nat(999), fc.nat(999)),
      view: fc.nat(11),
      end: fc.nat(ends.length - 1),
      dtype: fc.constantFrom<DType>("f32", "f32", "f32", "f32", "f32", "f32", "f32", "f64"),
      known,
      seed,
    })
    .map((r) => {
      const sizes: Record<string, number> = {};
      const axes = (wish: string, all: readonly number[]): string[] =>
        all.map((n, k) => {
          sizes[`${wish}${k}`] = n;
          return `${wish}${k}`;
        });
      const rows = r.vector & 1 ? [] : axes("M", [r.row, ...r.rows]);
      const columns = r.vector & 2 ? [] : axes("N", [r.column, ...r.columns]);
      const contracted = axes("K", [...r.ks, r.k]);
      const batch = axes("B", r.batch);
      // Not more than some hundred thousand products.
      for (const name of ["K0", "K1", "M0", "N0"]) {
        const work = (): number => Object.values(sizes).reduce((a, b) => a * Math.max(1, b), 1);
        if (name in sizes && work() > 200_000) sizes[name] = Math.max(1, Math.floor(((sizes[name] as number) * 200_000) / work()));
      }
      const left = shuffled([...batch, ...rows, ...contracted], r.orders[0]);
      const right = shuffled([...batch, ...columns, ...contracted], r.orders[1]);
      const at = (all: readonly string[], some: readonly string[]): number[] => some.map((name) => all.indexOf(name));
      const view = (x: Value, n: number): Value => (n === 0 ? reverse(x, r.seed % x.shape.length) : n === 1 ? inner(x) : x);
      const shape = [
        ...batch,
        ...at(left, rows)
          .sort()
          .map((k) => left[k] as string),
        ...at(right, columns)
          .sort()
          .map((k) => right[k] as string),
      ];
      const other = r.orders[0] % 2 === 0 || shape.length === 0 ? shape : shape.slice(-1);
      const f = (x: Value, y: Value, z: Value): unknown =>
        (ends[r.end] as (typeof ends)[number])(
          dotGeneral(view(x, r.view), view(y, r.view - 4), {
            contract: [at(left, contracted), at(right, contracted)],
            batch: [at(left, batch), at(right, batch)],
          }),
          z,
        );
      const grown = (names: readonly string[], n: number): Dim[] => names.map((name) => (n === 1 ? `${name}+3` : name));
      const specs = { x: spec(grown(left, r.view), r.dtype), y: spec(grown(right, r.view - 4), r.dtype), z: spec(other, r.dtype) };
      return shaped(f, { ...specs, ...told(sizes) }, sizes, r.known, r.seed);
    });
/** All but the first element and the last two of every axis. */
const inner = (x: Value): Value =>
  slice(
    x,
    x.shape.map(() => [1, -2] as const),
  );
/** Something of each size, so that a call tells them all. */
const told = (sizes: Shaped["sizes"]): Record<string, Value> =>
  Object.fromEntries(Object.keys(sizes).map((name) => [`size_${name}`, spec([name], "i32")]));

/** What folds an axis, or several. */
const folds: readonly ((x: Value, axes: readonly number[], y: Value) => unknown)[] = [
  (x, axes) => sum(x, axes),
  (x, axes) => max(x, axes),
  (x, axes) => [mean(x, axes), sum(x, axes, { keepDims: true })],
  (x, axes, y) => sum(s.mul(x, y), axes),
  (x, axes) => softmax(x, axes[0] as number),
  (x, axes) => logSumExp(x, axes[0] as number),
  (x, axes) => s.sub(x, max(x, axes, { keepDims: true })),
  (x, axes, y) => [sum(s.where(s.less(x, y), x, s.mul(y, 2)), axes), max(s.neg(x), axes)],
  (x, axes) => sum(s.cast(s.mul(s.abs(x), 3), "i32"), axes),
  (x, axes) => [sum(s.cast(s.less(x, 0.5), x.dtype), axes), max(s.cast(s.mul(x, 8), "i32"), axes)],
  (x, axes) => s.cast(sum(s.cast(x, "f64"), axes), "f32"),
];

/** Sums and maxima over rows, columns and more, of numbers some of which are not finite. */
export const reductions = (): fc.Arbitrary<Shaped> =>
  fc
    .record({
      n: long,
      others: fc.array(fc.constantFrom<number>(3, 1, 2, 4, 5, 8, 9, 17, 0), { maxLength: 2 }),
      at: fc.nat(2),
      more: fc.boolean(),
      fold: fc.nat(folds.length - 1),
      dtype: fc.constantFrom<DType>("f32", "f32", "f32", "f64"),
      turned: fc.boolean(),
      odd: fc.array(fc.tuple(fc.nat(100_000), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0)), {
        maxLength: 3,
      }),
      known,
      seed,
    })
    .map((r) => {
      const all = r.others.toSpliced(Math.min(r.at, r.others.length), 0, r.n);
      const names = all.map((_, k) => `N${k}`);
      const sizes = Object.fromEntries(names.map((name, k) => [name, all[k] as number]));
      const axis = Math.min(r.at, r.others.length);
      const axes = r.more && all.length > 1 ? [axis, (axis + 1) % all.length].sort() : [axis];
      const last = all.length - 1;
      const f = (x: Value, y: Value): unknown =>
        r.turned
          ? (folds[r.fold] as (typeof folds)[number])(transpose(x), axes.map((k) => last - k).sort(), transpose(y))
          : (folds[r.fold] as (typeof folds)[number])(x, axes, y);
      const out = shaped(f, { x: spec(names, r.dtype), y: spec(names, r.dtype) }, sizes, r.known, r.seed);
      const [x] = out.inputs as [Value];
      const data = x.buffer as Float32Array;
      for (const [place, value] of r.odd) if (data.length > 0) data[place % data.length] = value;
      return { ...out, toString: () => `${out}; fold ${r.fold} over ${axes}, ${JSON.stringify(r.odd.map(String))}` };
    });

/** Moves, one after the other: each sees what the one before made. */
type Move = (v: Value, n: number, given: { readonly at: Value; readonly row: Value }) => Value | undefined;
const alongAxis =
  (f: (v: Value, axis: number, n: number) => Value | undefined): Move =>
  (v, n) =>
    v.shape.length === 0 ? undefined : f(v, n % v.shape.length, n >> 1);
/** Of an integer its highest bits. */
const asFloat = (v: Value): Value => (v.dtype === "f32" ? v : s.cast(v.dtype === "i32" ? s.shiftRight(v, 27) : v, "f32"));
const moves: readonly Move[] = [
  alongAxis((v, axis, n) =>
    pad(
      v,
      v.shape.map((_, k) =>
        k === axis
          ? ((
              [
                [3, 0],
                [0, 300],
                [40, 1],
                [1, 17],
              ] as const
            )[n % 4] as readonly [number, number])
          : ([0, 0] as const),
      ),
      1,
    ),
  ),
  (v, n) =>
    pad(
      v,
      v.shape.map((_, k) => [(n >> k) % 3, (n >> (k + 1)) % 4] as const),
      1,
    ),
  alongAxis((v, axis, n) => concat(n % 2 ? [v, reverse(v, axis)] : [v, v, v], axis)),
  alongAxis((v, axis, n) =>
    concat(
      [
        v,
        pad(
          v,
          v.shape.map((_, k) => (k === axis ? ([n % 5, n % 9] as const) : ([0, 0] as const))),
          0,
        ),
      ],
      axis,
    ),
  ),
  alongAxis((v, axis) => reverse(v, axis)),
  (v) => transpose(v),
  (v, n, { at }) => (v.shape.length === 0 ? undefined : gather(v, n % 3 ? at : s.mul(at, 1_000_003), n % v.shape.length)),
  (v, n, { at }) => (v.shape.length === 0 ? undefined : gather(v, gather(at, pad(at, [[n % 50, 2]])), n % v.shape.length)),
  (v, n, { row }) => {
    const d = v.shape.at(-1);
    return d === undefined || row.shape[0] !== d ? undefined : s.add(asFloat(v), n % 2 ? row : pad(slice(row, [[1, -1]]), [[1, 1]], 2));
  },
  (v, n) => s.where(s.less(asFloat(v), (n % 5) / 4 - 0.5), s.neg(asFloat(v)), s.mul(asFloat(v), 0.5)),
  (v) => (v.dtype === "bool" ? s.logicalNot(v) : s.cast(v, "bool")),
  (v, n) => {
    const k = s.cast(s.mul(asFloat(v), 8), "i32");
    return [s.mul(k, 1_000_003), s.shiftRight(k, n % 31), s.div(k, 7), s.div(100, k), s.maximum(s.abs(k), s.sub(3, k))][n % 5];
  },
  alongAxis((v, axis) => s.add(sum(asFloat(v), axis, { keepDims: true }), asFloat(v))),
  (v) => (v.shape.length > 1 ? sum(asFloat(v), 0) : undefined),
  (v) => s.cast(s.div(s.cast(asFloat(v), "f64"), 4), "f32"),
  (v) => broadcastTo(v, [3, ...v.shape]),
];

/** Pads, concats, gathers and the like under each other's guards, with what surrounds them in rows and columns. */
export const movements = (): fc.Arbitrary<Shaped> =>
  fc
    .record({
      a: around,
      b: around,
      far: fc.constantFrom(undefined, undefined, undefined, undefined, [0, 20_000] as const, [20_000, 0] as const),
      steps: fc.array(fc.tuple(fc.nat(moves.length - 1), fc.nat(999)), { minLength: 1, maxLength: 6, size: "max" }),
      known,
      seed,
    })
    .map((r) => {
      const sizes = { A: Math.max(2, r.a), D: Math.max(2, r.b) };
      const f = (x: Value, row: Value, at: Value): unknown => {
        const moved = r.steps.reduce((v, [move, n]) => {
          const next = (moves[move] as Move)(v, n, { at, row });
          const count = next?.shape.reduce<number>((product, d) => product * evaluateDim(d, sizes), 1) ?? 0;
          return next && next.shape.length <= 4 && count <= 20_000 ? next : v;
        }, x);
        // Farther than a page of memory: what is read there is not there.
        return r.far ? pad(reshape(moved, [-1]), [r.far], 1) : moved;
      };
      const out = shaped(f, { x: spec(["A", "D"]), row: spec(["D"]), at: spec([7], "i32") }, sizes, r.known, r.seed);
      return { ...out, toString: () => `${out}; ${JSON.stringify(r.steps)} ${r.far}` };
    });
