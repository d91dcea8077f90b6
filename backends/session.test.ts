/** Sessions: what a step promises, call by call. */
import { add, concat, matmul, mean, mul, sum, type Tensor, tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { backends, hosts } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

type Carry = { readonly w: Tensor<[3]>; readonly n: Tensor<[], "i32"> };
const track = (s: Carry, x: Tensor<["B", 3]>, rate: number) => {
  const w = add(s.w, mul(sum(x, 0), rate));
  return [
    { w, n: add(s.n, 1) },
    { total: sum(w), rows: mul(x, 2) },
  ] as const;
};
const scores = (w: Tensor<[3, 2]>, x: Tensor<["B", 3]>) => matmul(x, w);

describe.each(backends)("$name", ({ name, instantiate }) => {
  // biome-ignore lint/suspicious/noExplicitAny: a module that did not exist when this was checked
  let built: Record<string, any>;
  beforeAll(async () => {
    built = await instantiate([
      traced("track", track, { s: { w: spec([3]), n: spec([], "i32") }, x: spec(["B", 3]), rate: "number" }),
      traced("scores", scores, { w: spec([3, 2]), x: spec(["B", 3]) }),
    ]);
  });

  const carry = () => ({ w: tensor([0, 0, 0], [3]), n: tensor(0, [], "i32") });
  const rows = (n: number, value = 1) => tensor(new Float32Array(n * 3).fill(value), [n, 3] as [number, number]);
  const numbers = async (t: { data(): Promise<ArrayLike<number>> }): Promise<number[]> => Array.from(await t.data());

  describe("sizes that vary", () => {
    test("each step brings its own, without building anything again", async () => {
      const s = built.track.start(carry());
      const totals: number[] = [];
      for (const n of [32, 7, 32, 256, 1, 0]) {
        const { total, rows: doubled } = s.step(rows(n), 1);
        expect(doubled.shape).toEqual([n, 3]);
        expect(await numbers(doubled)).toEqual(new Array(n * 3).fill(2));
        totals.push(...(await numbers(total)));
      }
      expect(totals).toEqual([96, 117, 213, 981, 984, 984]);
    });

    test("beyond the greatest so far the arena grows, and the carry moves with it", async () => {
      const s = built.track.start(carry(), { max: { B: 4 } });
      s.step(rows(4), 1);
      s.step(rows(9), 1);
      expect(await numbers((await s.carry()).w)).toEqual([13, 13, 13]);
      s.step(rows(2), 1);
      expect(await numbers((await s.carry()).w)).toEqual([15, 15, 15]);
    });

    test.runIf(hosts.some((host) => host.name === name))("up to max there is one arena", () => {
      const made: unknown[] = [];
      const counted = <T extends new (...args: never[]) => object>(plain: T): T =>
        new Proxy(plain, {
          construct(target, args) {
            made.push(args[0]);
            return Reflect.construct(target, args);
          },
        });
      const [{ ArrayBuffer }, { Memory }] = [globalThis, WebAssembly];
      Object.assign(globalThis, { ArrayBuffer: counted(ArrayBuffer) });
      Object.assign(WebAssembly, { Memory: counted(Memory) });
      try {
        const s = built.track.start(carry(), { max: { B: 256 } });
        for (const n of [32, 7, 256, 32]) s.step(rows(n), 1);
      } finally {
        Object.assign(globalThis, { ArrayBuffer });
        Object.assign(WebAssembly, { Memory });
      }
      expect(made).toHaveLength(1);
    });

    test("a size that the carry has is bound when the session starts, also where it is a multiple of it", async () => {
      const blend = (s: Tensor<["2*B"]>, x: Tensor<["B"]>) => {
        const next = add(s, concat([x, x], 0));
        return [next, sum(next)] as const;
      };
      const { blend: started } = await instantiate([traced("blend", blend, { s: spec(["2*B"]), x: spec(["B"]) })]);
      const s = started.start(tensor([1, 2, 3, 4], [4]));
      expect(await numbers(s.step(tensor([10, 20], [2])))).toEqual([70]);
      expect(() => s.step(tensor([1, 2, 3], [3]))).toThrowErrorMatchingInlineSnapshot(`[Error: blend: x: expected [2], got [3]]`);
      expect(() => started.start(tensor([1, 2, 3], [3]))).toThrowErrorMatchingInlineSnapshot(
        `[Error: blend: s: expected a tensor [2*B], got [3]]`,
      );
    });

    test("sums, products and differences of sizes", async () => {
      const shifts = (x: Tensor<["B", "T"]>, y: Tensor<["T+1"]>, z: Tensor<["B*T"]>) => [mean(x), sum(y), mean(z)] as const;
      const built = await instantiate([traced("shifts", shifts, { x: spec(["B", "T"]), y: spec(["T+1"]), z: spec(["B*T"]) })]);
      const ones = (shape: readonly number[]) => tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape as never);
      const out = built.shifts(ones([2, 3]), ones([4]), ones([6])) as { data(): Promise<Float32Array> }[];
      expect((await Promise.all(out.map(numbers))).flat()).toEqual([1, 4, 1]);
      expect(() => built.shifts(ones([2, 3]), ones([3]), ones([6]))).toThrow("shifts: y: expected [4], got [3]");
      expect(() => built.shifts(ones([2, 3]), ones([4]), ones([5]))).toThrow("shifts: z: expected [6], got [5]");
    });
  });

  describe("outputs", () => {
    test("can be read until the next step, and then say why not", async () => {
      const s = built.track.start(carry());
      const { total } = s.step(rows(1), 1);
      expect(await numbers(total)).toEqual([3]);
      s.step(rows(1), 1);
      await expect(total.data()).rejects.toThrowErrorMatchingInlineSnapshot(`[Error: track: read this output before the next step]`);
    });

    test("survive a step that is refused, also one for which the arena would have grown", async () => {
      const s = built.track.start(carry());
      const { total } = s.step(rows(1), 1);
      expect(() => s.step(rows(5), "fast")).toThrow("track: rate: expected a number, got string");
      expect(await numbers(total)).toEqual([3]);
      expect(await numbers(s.step(rows(1), 1).total)).toEqual([6]);
    });

    test("can be arguments: of the next step, of another model, of an eager op", async () => {
      const s = built.track.start(carry());
      const first = s.step(rows(2), 1);
      expect(await numbers(s.step(first.rows, 1).total)).toEqual([6 + 12]);
      const { rows: doubled } = s.step(rows(1), 0);
      const w = tensor([1, 0, 0, 1, 0, 0], [3, 2]);
      expect(await numbers(built.scores(w, doubled))).toEqual([2, 2]);
      // Wherever it was, it is here by then.
      await doubled.data();
      expect(await numbers(add(doubled, 1))).toEqual([3, 3, 3]);
    });

    test("can be arguments of a step for which the arena grows, as they lie in the one before", async () => {
      const double = (n: Tensor<[]>, x: Tensor<["B"]>) => [add(n, 1), concat([x, x], 0)] as const;
      const { double: built } = await instantiate([traced("double", double, { n: spec([]), x: spec(["B"]) })]);
      const s = built.start(tensor(0, []));
      let x = s.step(tensor([1, 2, 3], [3]));
      for (let k = 0; k < 3; k++) x = s.step(x);
      expect(await numbers(x)).toEqual(Array.from({ length: 48 }, (_, i) => (i % 3) + 1));
    });

    test("run takes many steps, of any sizes, and gives what the last one puts out", async () => {
      const [one, many] = [built.track.start(carry()), built.track.start(carry())];
      const batches = [1, 2, 9, 3, 0].map((n) => [rows(n, n), 1 / (n + 1)] as const);
      for (const batch of batches.slice(0, -1)) one.step(...batch);
      const { total } = one.step(...(batches.at(-1) as (typeof batches)[number]));
      expect(await numbers(many.run(batches).total)).toEqual(await numbers(total));
      expect(await numbers((await many.carry()).w)).toEqual(await numbers((await one.carry()).w));
    });

    test("run takes the steps before one that is refused", async () => {
      const [one, many] = [built.track.start(carry()), built.track.start(carry())];
      const rates = [1, "fast", 1];
      expect(() => many.run(rates.map((rate) => [rows(1), rate]))).toThrow("track: rate: expected a number, got string");
      one.step(rows(1), 1);
      expect(await numbers((await many.carry()).w)).toEqual(await numbers((await one.carry()).w));
    });

    test("data() is a copy", async () => {
      const s = built.track.start(carry());
      const { total } = s.step(rows(1), 1);
      (await total.data())[0] = 99;
      expect(await numbers(total)).toEqual([3]);
    });
  });

  describe("the carry", () => {
    test("is copied in and copied out", async () => {
      const given = carry();
      const s = built.track.start(given);
      const before = await s.carry();
      s.step(rows(1), 1);
      expect(await numbers(given.w)).toEqual([0, 0, 0]);
      expect(await numbers(before.w)).toEqual([0, 0, 0]);
      const after = await s.carry();
      (await after.w.data()).fill(99);
      after.w.buffer.fill(77);
      expect(await numbers((await s.carry()).w)).toEqual([1, 1, 1]);
      expect(await numbers(after.n)).toEqual([1]);
    });

    test("of one session starts another: they do not meet", async () => {
      const a = built.track.start(carry());
      a.step(rows(1), 1);
      const b = built.track.start(await a.carry());
      const output = a.step(rows(2), 1);
      b.step(rows(1), 10);
      expect(await numbers(output.total)).toEqual([9]);
      expect(await numbers((await a.carry()).w)).toEqual([3, 3, 3]);
      expect(await numbers((await b.carry()).w)).toEqual([11, 11, 11]);
    });

    test("may hold what a session has put out", async () => {
      const a = built.track.start(carry());
      const { rows: one } = a.step(rows(1), 1);
      const b = built.scores(tensor([1, 1, 1, 1, 1, 1], [3, 2]), one);
      expect(await numbers(b)).toEqual([6, 6]);
    });
  });

  describe("plain calls", () => {
    test("give tensors of their own, every time", async () => {
      const w = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
      const first = built.scores(w, rows(1));
      const second = built.scores(w, rows(2, 2));
      expect(await numbers(first)).toEqual([9, 12]);
      expect(await numbers(second)).toEqual([18, 24, 18, 24]);
      expect(second.shape).toEqual([2, 2]);
      expect(first.dtype).toBe("f32");
    });

    test("a step can be called without a session", async () => {
      const given = carry();
      const [next, { total }] = built.track(given, rows(2), 0.5);
      const [after] = built.track(next, rows(2), 0.5);
      expect(await numbers(total)).toEqual([3]);
      expect(await numbers(next.w)).toEqual([1, 1, 1]);
      expect(await numbers(after.w)).toEqual([2, 2, 2]);
      expect(await numbers(after.n)).toEqual([2]);
      expect(await numbers(given.w)).toEqual([0, 0, 0]);
    });

    test("a model that is not a step has no start", () => {
      expect(built.scores.start).toBeUndefined();
    });
  });
});
