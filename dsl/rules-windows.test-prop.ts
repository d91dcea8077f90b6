/** What is computed stays where a fold of a contraction becomes a contraction of windows, whatever the axes' order. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { expect, test as plain } from "vitest";
import { interpreter } from "../proofs/backend.ts";
import { expectClose } from "../proofs/close.ts";
import { runs } from "../proofs/runs.ts";
import { fromData, pool, type Sizes } from "../proofs/tensors.ts";
import { tolerance } from "../proofs/tolerance.ts";
import { topological } from "./differentiate.ts";
import { dotGeneral } from "./ops/dot.ts";
import { slice } from "./ops/slice.ts";
import { fold } from "./ops/windows.ts";
import { simplify } from "./simplify.ts";
import { parameter, type Value } from "./value.ts";

const extent = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
/** Axes of the left operand: batch, windows along one or two, contracted; of the right: elements of windows, free, contracted, batch. */
const layouts = fc.record({
  batch: fc.array(extent(2), { maxLength: 1 }),
  free: fc.tuple(fc.array(extent(2), { maxLength: 1 }), fc.array(extent(3), { maxLength: 1 })),
  contract: fc.array(extent(3), { maxLength: 2 }),
  along: fc.array(fc.record({ count: extent(4), size: extent(3), dilation: extent(2), cut: fc.tuple(fc.nat(3), fc.nat(3)) }), {
    minLength: 1,
    maxLength: 2,
  }),
  /** Where the contracted and the batch axes stand among the others. */
  places: fc.array(fc.nat(9), { minLength: 6, maxLength: 6 }),
  elements: pool(fc.integer({ min: -8, max: 8 }).map((n) => n / 8)),
});
type Layout = typeof layouts extends fc.Arbitrary<infer L> ? L : never;

/** The roles, some put in between the others. */
function mixed(fixed: readonly string[], others: readonly string[], places: readonly number[]): string[] {
  const out = [...fixed];
  for (const [k, role] of others.entries()) out.splice((places[k] as number) % (out.length + 1), 0, role);
  return out;
}

/** fold(a · b), and a part of it. */
function program({ batch, free, contract, along, places }: Layout): { a: Sizes; b: Sizes; f: (a: Value, b: Value) => Value[] } {
  const sizes: Record<string, number> = {};
  const role = (name: string, list: readonly number[]): string[] =>
    list.map((n, k) => {
      sizes[`${name}${k}`] = n;
      return `${name}${k}`;
    });
  const [counts, elements] = [
    role(
      "count",
      along.map((w) => w.count),
    ),
    role(
      "element",
      along.map((w) => w.size),
    ),
  ];
  const [shared, summed] = [role("batch", batch), role("contract", contract)];
  const [left, right] = [role("left", free[0]), role("right", free[1])];
  const x = mixed([...left, ...counts], [...shared, ...summed], places);
  const y = mixed([...elements, ...right], [...shared, ...summed], places.slice(3));
  const sizeOf = (roles: readonly string[]): number[] => roles.map((name) => sizes[name] as number);
  const f = (a: Value, b: Value): Value[] => {
    const find = (names: readonly string[]): [number[], number[]] => [names.map((n) => x.indexOf(n)), names.map((n) => y.indexOf(n))];
    const product = dotGeneral(a, b, { contract: find(summed), batch: find(shared) });
    const start = shared.length + left.length;
    const list = along.map(({ size, dilation }, k) => ({ axis: start + k, size, dilation }));
    const extents = along.map(({ count, size, dilation }) => count + (size - 1) * dilation);
    const folded = fold(product, [...product.shape.slice(0, start), ...extents, ...sizeOf(right)], list);
    const ranges = along.map(({ cut }, k): [number, number] => {
      const n = extents[k] as number;
      const from = cut[0] % n;
      return [from, n - (cut[1] % (n - from))];
    });
    return [folded, slice(folded, [...product.shape.slice(0, start).map(() => null), ...ranges])];
  };
  return { a: sizeOf(x), b: sizeOf(y), f };
}

test.prop([layouts], runs(300))("fold(a · b), simplified, is what it was", async (layout) => {
  const { a, b, f } = program(layout);
  const [x, y] = [a, b].map((sizes) => fromData(layout.elements.take(sizes), sizes, "f64")) as [Value, Value];
  const [p, q] = [parameter(a, "f64", "a"), parameter(b, "f64", "b")];
  const run = await interpreter.load({
    name: "f",
    params: [
      { name: "a", tree: p },
      { name: "b", tree: q },
    ],
    result: simplify(f(p, q)),
  });
  for (const [k, actual] of (run(x, y) as Value[]).entries()) expectClose(actual, f(x, y)[k] as Value, { tolerance: tolerance.f64 });
});

plain("most of them stay no fold", () => {
  const opsIn = (layout: Layout): string[] => {
    const { a, b, f } = program(layout);
    return topological(simplify(f(parameter(a, "f64", "a"), parameter(b, "f64", "b")))).map((v) => v.op.name);
  };
  const sample = fc.sample(layouts, { numRuns: 300, seed: 1 }).map(opsIn);
  const share = (holds: (ops: readonly string[]) => boolean): number => sample.filter(holds).length / sample.length;
  expect(share((ops) => ops.includes("reverse") && !ops.includes("fold"))).toBeGreaterThan(0.5);
  expect(share((ops) => ops.includes("fold"))).toBeGreaterThan(0.05);
  expect(share((ops) => ops.filter((name) => name === "dot_general").length > 1)).toBeGreaterThan(0.2); // the part is padded less
});
