/** Sizes that are computed from sizes: differences, multiples, and what a call must not do to them. */
import { adam, add, dim, exp, mul, reshape, slice, softmax, sum, type Tensor, tensor, windows } from "cotangent";
import { describe, expect, test } from "vitest";
import { adamInit } from "../dsl/lib/optim.ts";
import { backends } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

const numbers = async (t: { data(): Promise<ArrayLike<number>> }): Promise<number[]> => Array.from(await t.data());
const ramp = (n: number) =>
  tensor(
    Array.from({ length: n }, (_, i) => i / 10),
    [n] as [number],
  );

describe.each(backends)("$name", ({ instantiate }) => {
  test("a size that shrinks as another grows has room in every call", async () => {
    const step = (s: Tensor<[]>, x: Tensor<["T"]>, w: Tensor<["K"]>) => {
      const tail = softmax(slice(x, [[dim(w, 0), dim(x, 0)]]));
      return [add(s, sum(tail)), { tail, e: exp(x), w2: mul(w, 2) }];
    };
    const { f } = await instantiate([traced("f", step, { s: spec([]), x: spec(["T"]), w: spec(["K"]) })]);
    const session = f.start(tensor(0, []));
    for (const [t, k] of [
      [10, 9],
      [10, 1],
      [12, 2],
      [3, 2],
    ] as const) {
      const { tail, e, w2 } = session.step(ramp(t), ramp(k));
      expect((await numbers(tail)).length).toBe(t - k);
      expect((await numbers(e)).at(-1)).toBeCloseTo(Math.exp((t - 1) / 10), 5);
      expect((await numbers(w2)).at(-1)).toBeCloseTo((k - 1) / 5, 6);
    }
    expect((await numbers(await session.carry()))[0]).toBeCloseTo(4, 5);
  });

  test("a session may start before a size is known that one is taken from", async () => {
    const next = (s: Tensor<[]>, x: Tensor<["T"]>) => {
      const rest = slice(x, [[1, dim(x, 0)]]);
      return [add(s, sum(rest)), [exp(rest), mul(rest, 2), mul(rest, rest)]];
    };
    const { f } = await instantiate([traced("f", next, { s: spec([]), x: spec(["T"]) })]);
    const session = f.start(tensor(7, []));
    session.step(ramp(4));
    expect((await numbers(await session.carry()))[0]).toBeCloseTo(7.6, 5);
    expect(() => session.step(ramp(0))).toThrow("f: slice: [1, T] is out of bounds for axis of size T");
  });

  test("a slice is checked against the sizes of each call, and reads nothing else", async () => {
    const head = (secret: Tensor<[4]>, x: Tensor<["B"]>) => ({ head: slice(x, [[0, 4]]), s: sum(secret) });
    const { f } = await instantiate([traced("f", head, { secret: spec([4]), x: spec(["B"]) })]);
    expect((await numbers(f(ramp(4), ramp(6)).head)).length).toBe(4);
    expect(() => f(ramp(4), ramp(2))).toThrow("f: slice: [0, 4] is out of bounds for axis of size B");
  });

  test("windows are checked against the sizes of each call", async () => {
    const moving = (x: Tensor<["T"]>) => sum(windows(x, [{ axis: 0, size: 3 }]), 1);
    const { f } = await instantiate([traced("f", moving, { x: spec(["T"]) })]);
    expect((await numbers(f(ramp(5)))).length).toBe(3);
    expect(() => f(ramp(2))).toThrow("f: windows: window is larger than axis 0 of [T] (3 vs T)");
  });

  test("a size is told by an axis that is a multiple of it and a number", async () => {
    const most = (x: Tensor<["B", "2*T+1"]>) => mul(x, 2);
    const { f } = await instantiate([traced("f", most, { x: spec(["B", "2*T+1"]) })]);
    expect(await numbers(f(tensor([1, 2, 3], [1, 3])))).toEqual([2, 4, 6]);
    expect(() => f(tensor([1, 2], [1, 2]))).toThrow("f: x: expected a tensor [B, 2*T+1], got [1, 2]");
  });

  test("a call that is refused leaves the next one as it was", async () => {
    const both = (x: Tensor<["B"]>, y: Tensor<["2*T"]>) => mul(x, sum(sum(reshape(y, [2, -1]), 0)));
    const { f } = await instantiate([traced("f", both, { x: spec(["B"]), y: spec(["2*T"]) })]);
    f(ramp(3), ramp(4));
    expect(() => f(ramp(2), ramp(5))).toThrow("f: y: expected a tensor [2*T], got [5]");
    expect((await numbers(f(ramp(2), ramp(4)))).length).toBe(2);
  });

  test("null beside an integer parameter stays null in the carry", async () => {
    const p = { w: tensor([1, 2], [2]), n: tensor(5, [], "i32") };
    const specs = {
      p: { w: spec([2]), n: spec([], "i32") },
      o: { step: spec([], "i32"), m: { w: spec([2]), n: null }, v: { w: spec([2]), n: null } },
    };
    const step = (s: { p: typeof p; o: never }) => {
      const [q, o] = adam(s.p, { w: s.p.w, n: null }, s.o, { lr: 0.1 });
      return [{ p: q, o }, sum(q.w)];
    };
    const { f } = await instantiate([traced("f", step, { s: specs })]);
    const session = f.start({ p, o: adamInit(p) });
    session.step();
    const { p: trained, o } = await session.carry();
    expect(await numbers(trained.n)).toEqual([5]);
    expect(o.m.n).toBe(null);
  });
});
