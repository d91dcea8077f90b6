import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { showTable } from "../table.ts";
import { relativeError, wayError } from "./check.ts";
import { race, summarize } from "./race.ts";
import { randomUniform } from "./random.ts";

test("the error of each array is relative to that array's largest element", () => {
  const expected = [Float64Array.of(100, 1), Float64Array.of(0.5)];
  expect(relativeError([[100, 2], [0.5]], expected)).toBe(0.01);
  expect(relativeError([[100, 1], [0.25]], expected)).toBe(0.5);
  expect(relativeError([[0]], [[0]])).toBe(0);
});

test("NaN is an error, not a number", () => {
  expect(relativeError([[1, Number.NaN, 3]], [[1, 2, 3]])).toBeNaN();
  expect(relativeError([[1], [Number.NaN]], [[1], [0]])).toBeNaN();
});

test("results of another size are refused", () => {
  expect(() => relativeError([[1, 2]], [[1]])).toThrow("relativeError: 2 elements found, 1 expected");
  expect(() => relativeError([], [[1]])).toThrow("relativeError: 0 arrays found, 1 expected");
});

test("an error in a gradient shows, whatever the size of the weights", () => {
  const start = [[1000, 1000]];
  expect(wayError(start, [[1000.5, 1002]], [[1001, 1002]])).toBe(0.25);
  expect(wayError(start, start, [[1001, 1002]])).toBe(1);
});

test("best and median", () => {
  expect(summarize([3, 1, 2, 5, 4])).toEqual({ best: 1, median: 3 });
});

test("contenders take turns, each on its own backend, and the slower one is slower", async () => {
  let current = "";
  const entered: string[] = [];
  const contender = (name: string, milliseconds: number) => ({
    enter: async () => {
      current = name;
      if (entered.at(-1) !== name) entered.push(name);
    },
    run: () => {
      expect(current).toBe(name);
      const end = performance.now() + milliseconds;
      while (performance.now() < end);
    },
    result: async () => [],
  });
  const times = await race(
    { fast: contender("fast", 0.5), slow: contender("slow", 2) },
    { rounds: 5, secondsARound: 0.01, secondsOfWarming: 0.02 },
  );
  expect(entered.length).toBe(12);
  expect(times.slow.best / times.fast.best).toBeGreaterThan(2);
  expect(times.slow.median).toBeGreaterThanOrEqual(times.slow.best);
});

test("a contender in another process is timed by its own clock", async () => {
  const asked: number[] = [];
  const time = async (runs: number) => {
    asked.push(runs);
    return runs * 0.01;
  };
  const { distant } = await race(
    { distant: { run: () => time(1), time, result: async () => [] } },
    { rounds: 3, secondsARound: 0.1, secondsOfWarming: 0 },
  );
  expect(asked).toEqual([1, 10, 10, 10]);
  expect(distant).toEqual({ best: 0.01, median: 0.01 });
});

test("a ratio says how many times better ours is, whichever way the unit counts", () => {
  const common = { id: "loops/x/y", atLeast: 2 };
  expect(rowOf({ ...common, ours: 10, theirs: 5, unit: "steps/s", better: "more" })).toMatchObject({ ratio: 2, ok: true, checked: null });
  expect(rowOf({ ...common, ours: 10, theirs: 5, unit: "s", better: "less" })).toMatchObject({ ratio: 0.5, ok: false });
});

test("a wrong result is not ok, however fast", () => {
  const fast = { id: "loops/x/y", ours: 100, theirs: 1, unit: "steps/s", better: "more", atLeast: 2 } as const;
  expect(rowOf({ ...fast, checked: { error: 1e-7, tolerance: 1e-5 } })).toMatchObject({ ok: true, checked: 1e-7 });
  expect(rowOf({ ...fast, checked: { error: 1e-3, tolerance: 1e-5 } }).ok).toBe(false);
  expect(rowOf({ ...fast, checked: { error: Number.NaN, tolerance: 1e-5 } }).ok).toBe(false);
});

test("the table", () => {
  const row = rowOf({
    id: "loops/matmul-64/tfjs-cpu",
    ours: 3.7,
    theirs: 1.02,
    unit: "GFLOP/s",
    better: "more",
    atLeast: 2,
    checked: { error: 1.2e-7, tolerance: 1e-5 },
  });
  expect(
    showTable([
      { id: row.id, row, note: "3.5x between medians" },
      { id: "loops/x/jax-js", note: "skipped: jax-js is not installed" },
    ]),
  ).toMatchInlineSnapshot(`
    "ok  loops/matmul-64/tfjs-cpu                       3.70 vs 1.02     GFLOP/s    3.63x (at least 2.00x)  error 1.2e-7  3.5x between medians
        loops/x/jax-js                             skipped: jax-js is not installed"
  `);
});

test("random numbers are the seed's, within the limit, on both sides of zero", () => {
  const [a, b] = [randomUniform(1)(1000, 0.5), randomUniform(1)(1000, 0.5)];
  expect(a).toEqual(b);
  expect(randomUniform(2)(1000, 0.5)).not.toEqual(a);
  expect(Math.min(...a)).toBeLessThan(-0.45);
  expect(Math.max(...a)).toBeGreaterThan(0.45);
});
