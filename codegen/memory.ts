/**
 * Liveness → offsets in one arena. A value's slot is free again after the last kernel that reads it; the carry is updated in place.
 * Sizes with the same run-time dims are packed against each other; offsets are dim expressions of the maxima given to `start`.
 */
import { addDims, mulDims, sizeOf, upperBound } from "../dsl/dim.ts";
import type { Dim, DType } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { loadsOf } from "./inline.ts";
import { expressionsOf, type Kernel, writesOf } from "./kernel.ts";

export interface Slot {
  /** In elements of the dtype's own view of the arena. */
  readonly offset: Dim;
  readonly size: Dim;
}
export interface Memory {
  readonly slots: ReadonlyMap<Value, Slot>;
  /** The arena, in bytes. */
  readonly bytes: Dim;
  /** Bytes alive at once, kernel by kernel: no plan can do with less than the greatest of these. */
  readonly alive: readonly Dim[];
}

/** Bytes of an element in the arena; a bool takes a whole word there. */
export const bytesOf = (dtype: DType): 4 | 8 => (dtype === "f64" ? 8 : 4);

/** The stored values that a kernel reads. */
export const readsOfKernel = (kernel: Kernel): Value[] => [
  ...new Set(
    kernel.stages
      .flatMap(expressionsOf)
      .flatMap(loadsOf)
      .map((x) => x.source),
  ),
];

/** Elements that a value can have at most: of `T-K` no more than `T`, so that offsets at the maxima leave room for every call. */
const roomFor = (v: Value): Dim => upperBound(sizeOf(v.shape));

interface Interval {
  readonly value: Value;
  /** Everything that lives in this slot: the carry's old and new value are one. */
  readonly members: readonly Value[];
  readonly from: number;
  readonly to: number;
}

export interface Lifetimes {
  /** There before the first kernel and after the last: inputs, constants, the carry. */
  readonly resident: readonly Value[];
  /** Read after the last kernel. */
  readonly results: readonly Value[];
  /** New value of a carry leaf → the old one, whose place it takes. */
  readonly inPlace: ReadonlyMap<Value, Value>;
  /** Without reuse: every value has its own place. What the plan is measured against. */
  readonly reuse?: boolean;
  /** Values of known size begin at multiples of so many elements. */
  readonly align?: number;
}

export function planMemory(kernels: readonly Kernel[], lifetimes: Lifetimes): Memory {
  const intervals = intervalsOf(kernels, lifetimes);
  const slots = new Map<Value, Slot>();
  let total: Dim = 0;
  for (const width of [8, 4] as const) {
    const end = packClass(
      intervals.filter((x) => bytesOf(x.value.dtype) === width),
      mulDims(total, 8 / width),
      slots,
      lifetimes,
    );
    total = width === 8 ? end : addDims(mulDims(end, 4), 0);
  }
  const alive = kernels.map((_, at) =>
    intervals
      .filter((x) => x.from <= at && at <= x.to)
      .reduce<Dim>((sum, x) => addDims(sum, mulDims(roomFor(x.value), bytesOf(x.value.dtype))), 0),
  );
  return { slots, bytes: total, alive };
}

function intervalsOf(kernels: readonly Kernel[], { resident, results, inPlace }: Lifetimes): Interval[] {
  const last = kernels.length;
  const spans = new Map<Value, { from: number; to: number }>();
  for (const v of resident) spans.set(v, { from: -1, to: last });
  for (const [at, kernel] of kernels.entries()) {
    for (const v of writesOf(kernel)) if (!spans.has(v)) spans.set(v, { from: at, to: at });
    for (const v of readsOfKernel(kernel)) {
      const span = spans.get(v);
      if (!span) throw new Error(`internal: a kernel reads a value that nothing has written: ${v.op.name}`);
      span.to = Math.max(span.to, at);
    }
  }
  for (const v of results) spans.set(v, { from: spans.get(v)?.from ?? -1, to: last });
  const guests = new Map([...inPlace].map(([to, from]) => [from, to]));
  return [...spans]
    .filter(([value]) => !inPlace.has(value))
    .map(([value, span]) => ({ value, members: [value, ...(guests.has(value) ? [guests.get(value) as Value] : [])], ...span }));
}

/** Lays out one class of widths from `base` on: fixed sizes first, then a region for each product of run-time dims. Returns its end. */
function packClass(intervals: readonly Interval[], base: Dim, slots: Map<Value, Slot>, { reuse = true, align = 1 }: Lifetimes): Dim {
  const regions = new Map<string, { unit: Dim; items: { interval: Interval; count: number }[] }>();
  for (const interval of intervals) {
    const { unit, count } = splitSize(roomFor(interval.value));
    const region = regions.get(String(unit)) ?? { unit, items: [] };
    regions.set(String(unit), region);
    region.items.push({ interval, count: unit === 1 ? Math.ceil(count / align) * align : count });
  }
  let end = base;
  for (const { unit, items } of [...regions.values()].sort((a, b) => (a.unit === 1 ? -1 : b.unit === 1 ? 1 : 0))) {
    const { places, height } = pack(
      items.map(({ interval, count }) => ({ ...interval, count })),
      reuse,
    );
    for (const [i, { interval }] of items.entries()) {
      const slot = { offset: addDims(end, mulDims(places[i] as number, unit)), size: roomFor(interval.value) };
      for (const member of interval.members) slots.set(member, slot);
    }
    end = addDims(end, mulDims(height, unit));
  }
  return end;
}

/** `12*B*T` is 12 of `B*T`; a sum is 1 of itself. */
function splitSize(size: Dim): { unit: Dim; count: number } {
  if (typeof size === "number") return { unit: 1, count: size };
  const match = /^(\d+)\*([^+-]+)$/.exec(size);
  return match ? { unit: match[2] as string, count: Number(match[1]) } : { unit: size, count: 1 };
}

/** First fit by decreasing size: each item at the lowest place that is free during its life. */
function pack(items: readonly { from: number; to: number; count: number }[], reuse: boolean): { places: number[]; height: number } {
  const places: number[] = [];
  let height = 0;
  for (const i of items.map((_, i) => i).sort((a, b) => (items[b]?.count ?? 0) - (items[a]?.count ?? 0) || a - b)) {
    const item = items[i] as (typeof items)[number];
    const others = items
      .map((other, j) => ({ ...other, place: places[j] }))
      .filter((other) => other.place !== undefined && (!reuse || (other.from <= item.to && item.from <= other.to)))
      .sort((a, b) => (a.place as number) - (b.place as number));
    let place = 0;
    for (const other of others) {
      if (place + item.count <= (other.place as number)) break;
      place = Math.max(place, (other.place as number) + other.count);
    }
    places[i] = place;
    height = Math.max(height, place + item.count);
  }
  return { places, height };
}
