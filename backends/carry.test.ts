/** The carry is updated where it lies. Whatever reads an old value must still find it. */
import {
  add,
  gather,
  matmul,
  mean,
  mul,
  relu,
  scatterAdd,
  softmax,
  sub,
  sum,
  type Tensor,
  tensor,
  transpose,
  valueAndGrad,
} from "cotangent";
import { describe, expect, test } from "vitest";
import { compile } from "../codegen/pipeline.ts";
import { leavesOf } from "../dsl/tree.ts";
import type { AnyTensor } from "../dsl/types.ts";
import { backends } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

type V = Tensor<[4], "f64">;
type M = Tensor<[3, 3], "f64">;
type Step = (carry: never, ...inputs: never[]) => readonly [unknown, unknown];

const elements = async (tree: unknown): Promise<number[][]> =>
  Promise.all(leavesOf(tree).map(async ({ value }) => Array.from((await (value as AnyTensor).data()) as ArrayLike<number>)));

describe.each(backends)("$name", ({ instantiate, floats }) => {
  const dtype = floats.at(-1) as "f64";
  const vector = (first: number) => tensor([first, first + 1, first + 2, first + 3], [4], dtype);
  const matrix = (first: number) =>
    tensor(
      Array.from({ length: 9 }, (_, k) => first + k / 8),
      [3, 3],
      dtype,
    );
  /** In f64 a backend computes what eager mode computes, in f32 nearly: a GPU has its own `exp`. */
  const expectSame = (actual: readonly number[][], expected: readonly number[][]): void => {
    if (floats.includes("f64")) expect(actual).toEqual(expected);
    expect(actual.map((x) => x.length)).toEqual(expected.map((x) => x.length));
    for (const [k, x] of expected.entries()) for (const [i, y] of x.entries()) expect(actual[k]?.[i]).toBeCloseTo(y, 5);
  };

  /** Runs a step in a session and eagerly, `n` times, and says how many carry leaves had to be copied. */
  async function sameAsEager(step: Step, carry: unknown, inputs: readonly unknown[], n = 3): Promise<number> {
    const specs = (tree: unknown): unknown =>
      leavesOf(tree).length === 1 && leavesOf(tree)[0]?.path === ""
        ? spec((tree as AnyTensor).shape, (tree as AnyTensor).dtype)
        : Object.fromEntries(Object.entries(tree as object).map(([key, item]) => [key, specs(item)]));
    const graph = traced("step", step, { s: specs(carry), ...Object.fromEntries(inputs.map((x, k) => [`x${k}`, specs(x)])) });
    const session = (await instantiate([graph])).step.start(carry);
    let expected = carry;
    for (let k = 0; k < n; k++) {
      const [next, output] = (step as (...args: unknown[]) => readonly [unknown, unknown])(expected, ...inputs);
      const actual = await elements(session.step(...inputs));
      expectSame(actual, await elements(output));
      expectSame(await elements(await session.carry()), await elements(next));
      expected = next;
    }
    return compile(graph).kernels.filter((kernel) => kernel.name.startsWith("keep_")).length;
  }

  describe("in place", () => {
    test("momentum, with weight decay that reads the old value", async () => {
      const step = (s: { w: V; v: V }, g: V) => {
        const v = add(mul(s.v, 0.5), add(g, mul(s.w, 0.25)));
        return [{ w: sub(s.w, v), v }, sum(s.w)] as const;
      };
      expect(await sameAsEager(step, { w: vector(1), v: vector(0) }, [vector(8)])).toBe(0);
    });

    test("a row at a time: what a row of the new value reads of the old one is its own row", async () => {
      const step = (s: { m: M }) => {
        const m = softmax(s.m);
        return [{ m }, sum(m, 1)] as const;
      };
      expect(await sameAsEager(step, { m: matrix(0) }, [])).toBe(0);
    });

    test("a carry leaf that stays", async () => {
      const step = (s: { w: V; fixed: V }) => [{ w: add(s.w, s.fixed), fixed: s.fixed }, sum(s.fixed)] as const;
      expect(await sameAsEager(step, { w: vector(1), fixed: vector(5) }, [])).toBe(0);
    });

    test("the output is the carry's old value", async () => {
      const step = (s: { w: V }, g: V) => [{ w: sub(s.w, g) }, s.w] as const;
      expect(await sameAsEager(step, { w: vector(1) }, [vector(2)])).toBe(0);
    });

    test("the output is the carry's new value", async () => {
      const step = (s: { w: V }, g: V) => {
        const w = sub(s.w, g);
        return [{ w }, { w, again: w, double: mul(w, 2) }] as const;
      };
      expect(await sameAsEager(step, { w: vector(1) }, [vector(2)])).toBe(0);
    });

    test("a gradient step on a layer, the loss of the old parameters", async () => {
      const loss = (p: { w: M }, x: M) => mean(relu(matmul(x, p.w)));
      const step = (s: { w: M }, x: M) => {
        const { value, grad } = valueAndGrad(loss)(s, x);
        return [{ w: sub(s.w, mul(grad.w, 0.5)) }, value] as const;
      };
      expect(await sameAsEager(step, { w: matrix(-0.5) }, [matrix(0)])).toBe(0);
    });

    test("what is added at indices, and what is read at indices", async () => {
      const at = tensor([2, 0, 2], [3], "i32");
      const step = (s: { m: M; v: M }, i: Tensor<[3], "i32">) => [{ m: scatterAdd(s.m, i, s.v), v: gather(s.m, i) }, sum(s.m)] as const;
      expect(await sameAsEager(step, { m: matrix(0), v: matrix(1) }, [at])).toBe(0);
    });
  });

  describe("aside, and copied", () => {
    test("two leaves change places", async () => {
      const step = (s: { a: V; b: V }) => [{ a: s.b, b: s.a }, sum(s.a)] as const;
      expect(await sameAsEager(step, { a: vector(1), b: vector(9) }, [])).toBe(1);
    });

    test("three leaves move on by one", async () => {
      const step = (s: { a: V; b: V; c: V }) => [{ a: s.b, b: s.c, c: s.a }, add(s.a, add(s.b, s.c))] as const;
      expect(await sameAsEager(step, { a: vector(1), b: vector(9), c: vector(20) }, [], 4)).toBe(1);
    });

    test("each of two new values reads the other's old one", async () => {
      const step = (s: { a: V; b: V }) => [{ a: add(s.a, s.b), b: sub(s.a, s.b) }, sum(s.b)] as const;
      expect(await sameAsEager(step, { a: vector(1), b: vector(9) }, [])).toBe(1);
    });

    test("a leaf that only comes after such a circle is updated in place", async () => {
      const step = (s: { w: V; a: V; b: V }) => {
        const a = add(s.a, s.b);
        return [{ w: sub(s.w, a), a, b: sub(s.a, s.b) }, sum(s.w)] as const;
      };
      expect(await sameAsEager(step, { w: vector(4), a: vector(1), b: vector(9) }, [])).toBe(1);
    });

    test("a transposed old value is read at another place than is written", async () => {
      const step = (s: { m: M }) => [{ m: transpose(s.m) }, sum(s.m, 0)] as const;
      expect(await sameAsEager(step, { m: matrix(0) }, [])).toBe(1);
    });

    test("a product with the old value reads whole rows and columns of it", async () => {
      const step = (s: { m: M }) => [{ m: matmul(s.m, s.m) }, sum(s.m)] as const;
      expect(await sameAsEager(step, { m: matrix(0) }, [])).toBe(1);
    });

    test("the same new value for two leaves", async () => {
      const step = (s: { a: V; b: V }) => {
        const next = add(s.a, s.b);
        return [{ a: next, b: next }, next] as const;
      };
      expect(await sameAsEager(step, { a: vector(1), b: vector(2) }, [])).toBeLessThanOrEqual(1);
    });

    test("an input, and a constant, become the carry", async () => {
      const fixed = vector(3);
      const step = (s: { a: V; b: V }, x: V) => [{ a: x, b: fixed }, add(s.a, s.b)] as const;
      expect(await sameAsEager(step, { a: vector(1), b: vector(2) }, [vector(7)])).toBe(0);
    });
  });

  test("outputs that are inputs, constants, or one and the same", async () => {
    const fixed = vector(3);
    const f = (x: V) => {
      const y = add(x, 1);
      return [y, x, fixed, y, x, sum(fixed), mul(fixed, 2)] as const;
    };
    const built = await instantiate([traced("f", f as never, { x: spec([4], dtype) })]);
    expect(await elements(built.f(vector(1)))).toEqual(await elements(f(vector(1) as never)));
  });
});
