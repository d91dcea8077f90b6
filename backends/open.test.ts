/** Sizes whose type is `number`: any size will do, unless the model needs it to be equal to another; that is checked at entry. */
import { join } from "node:path";
import { add, tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import * as models from "../codegen/source/open.test-source.ts";
import { read, readText } from "../codegen/source/reading.test-source.ts";
import { backends } from "./backends.test-source.ts";

const functions = read(join(import.meta.dirname, "../codegen/source/open.test-source.ts")).functions;
// biome-ignore lint/suspicious/noExplicitAny: a module that did not exist when this was checked
type Loaded = Record<string, any>;
const eagerly: Loaded = { ...models };
const said = (f: () => unknown): string => {
  try {
    f();
    return "nothing";
  } catch (error) {
    return (error as Error).message;
  }
};

/** Numbers that differ from each other. */
function t(...shape: number[]) {
  const count = shape.reduce((n, d) => n * d, 1);
  return tensor(
    Array.from({ length: count }, (_, i) => Math.sin(i + count)),
    shape,
  );
}
const indices = (...x: number[]) => tensor(x, [x.length], "i32");
const numbers = async (tree: object): Promise<number[]> =>
  "data" in tree
    ? Array.from(await (tree as { data(): Promise<ArrayLike<number>> }).data())
    : (await Promise.all(Object.values(tree).map(numbers))).flat();

describe.each(backends)("$name", ({ instantiate }) => {
  let built: Loaded;
  beforeAll(async () => {
    built = await instantiate(functions);
  });
  const load = (text: string): Promise<Loaded> => instantiate(readText(text).functions);

  describe("what is built computes what runs eagerly, at every size", () => {
    const layers = (a: number, b: number) => ({
      layers: [
        { w: t(8, a), b: t(a) },
        { w: t(a, b), b: t(b) },
      ],
    });
    test.each([
      ["network", layers(4, 3), t(2, 8), indices(0, 2)],
      ["network", layers(5, 6), t(3, 8), indices(0, 5, 2)],
      ["parts", { middle: t(2), first: t(4), last: t(3) }, t(9)],
      ["parts", { middle: t(0), first: t(1), last: t(3) }, t(4)],
      ["pairs", t(4, 1, 3), t(3, 6)],
      ["pairs", t(2, 5, 3), t(1, 6)],
      ["inner", t(3, 5), t(5)],
      ["inner", t(1, 2), t(2)],
      ["step", { w: t(2, 3), b: t(3) }, t(4, 2), 0.1],
    ] as const)("%s", async (name, ...args) => {
      const eager = await numbers(eagerly[name]?.(...args));
      const actual = await numbers(built[name](...args));
      expect(actual.length).toBe(eager.length);
      for (const [i, x] of eager.entries()) expect(actual[i]).toBeCloseTo(x, 4);
    });

    test("a session", async () => {
      const p = { w: t(2, 3), b: t(3) };
      const session = built.step.start(p);
      session.step(t(4, 2), 0.1);
      session.step(t(7, 2), 0.1);
      const call = eagerly.step as (...args: unknown[]) => [typeof p, unknown];
      const [expected] = call(call(p, t(4, 2), 0.1)[0], t(7, 2), 0.1);
      const [a, b] = [await numbers(await session.carry()), await numbers(expected)];
      for (const [i, x] of b.entries()) expect(a[i]).toBeCloseTo(x, 4);
      expect(said(() => session.step(t(4, 3), 0.1))).toMatchInlineSnapshot(
        `"step: x: expected [4, 2], got [4, 3]: axis 1 has to be as long as axis 0 of p.w"`,
      );
      expect(said(() => built.step.start({ w: t(2, 3), b: t(2) }))).toMatchInlineSnapshot(
        `"step: p.b: expected [3], got [2]: axis 0 has to be as long as axis 1 of p.w"`,
      );
    });
  });

  describe("at entry", () => {
    test("the argument, its axis, what it has to be and why", async () => {
      const p = {
        layers: [
          { w: t(8, 4), b: t(4) },
          { w: t(4, 3), b: t(3) },
        ] as const,
      };
      const layers = (...changed: object[]) => ({ layers: p.layers.map((layer, i) => ({ ...layer, ...changed[i] })) });
      const f = await load(`
      export const sum = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<[number]>) => ct.add(x, y));
      export const named = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<["B"]>) => ct.add(x, y));
      export const shorter = ct.model((x: ct.Tensor<["T"]>, y: ct.Tensor<[number]>) => ct.mul(ct.slice(x, [[1, ct.dim(x, 0)]]), y));
      export const quarter = ct.model((x: ct.Tensor<[number]>) => ct.sum(ct.reshape(x, [-1, 4]), 1));
      export const head = ct.model((x: ct.Tensor<[number]>) => ct.slice(x, [[0, 4]]));
    `);
      expect({
        "each other": said(() => f.sum(t(2), t(3))),
        "a name": said(() => f.named(t(2), t(3))),
        "an expression": said(() => f.shorter(t(4), t(4))),
        "no size at all": said(() => f.shorter(t(0), t(0))),
        "a multiple": said(() => f.quarter(t(6))),
        "a part": said(() => f.head(t(3))),
        "a leaf": said(() => built.network(layers({ b: t(5) }), t(2, 8), indices(0, 1))),
        "a leaf and a number": said(() => built.network(layers({ w: t(7, 4) }), t(2, 8), indices(0, 1))),
        "a leaf and a name": said(() => built.network(p, t(2, 8), indices(0, 1, 2))),
        "a sum": said(() => built.parts({ middle: t(2), first: t(4), last: t(3) }, t(8))),
        rank: said(() => f.sum(t(2), t(2, 1))),
      }).toMatchInlineSnapshot(`
      {
        "a leaf": "network: p.layers[0].b: expected [4], got [5]: axis 0 has to be as long as axis 1 of p.layers[0].w",
        "a leaf and a name": "network: y: expected [2], got [3]: axis 0 has to be B",
        "a leaf and a number": "network: p.layers[0].w: expected [8, 4], got [7, 4]: axis 0 has to be 8",
        "a multiple": "quarter: x: expected a tensor [number], got [6]: axis 0 has to be a multiple of 4",
        "a name": "named: x: expected [3], got [2]: axis 0 has to be B",
        "a part": "head: slice: [0, 4] is out of bounds for axis of size x.0",
        "a sum": "parts: w: expected [9], got [8]: axis 0 has to be B+p_first.0+3",
        "an expression": "shorter: y: expected [3], got [4]: axis 0 has to be T-1",
        "each other": "sum: y: expected [2], got [3]: axis 0 has to be as long as axis 0 of x",
        "no size at all": "shorter: slice: [1, T] is out of bounds for axis of size T",
        "rank": "sum: y: expected a tensor [number], got [2, 1]; reshape it to rank 1",
      }
    `);
      expect(await numbers(f.sum(t(2), t(2)))).toEqual(await numbers(add(t(2), t(2))));
      expect((await numbers(f.quarter(t(8)))).length).toBe(2);
    });

    test("a size of 1 is not repeated, as it is eagerly", async () => {
      const f = await load("export const sum = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<[number]>) => ct.add(x, y));");
      expect(add(t(1), t(3)).shape).toEqual([3]);
      expect(said(() => f.sum(t(1), t(3)))).toMatchInlineSnapshot(
        `"sum: y: expected [1], got [3]: axis 0 has to be as long as axis 0 of x"`,
      );
      expect(said(() => f.sum(t(3), t(1)))).toMatchInlineSnapshot(
        `"sum: y: expected [3], got [1]: axis 0 has to be as long as axis 0 of x"`,
      );
      expect((await numbers(f.sum(t(1), t(1)))).length).toBe(1);
      const g = await load("export const f = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<[3]>) => ct.mul(x, y));");
      expect(said(() => g.f(t(1), t(3)))).toMatchInlineSnapshot(`"f: x: expected [3], got [1]: axis 0 has to be 3"`);
    });

    test("what its types would let start, and is no step", async () => {
      const f = await load("export const f = ct.model((x: ct.Tensor<[number]>, y: ct.Tensor<[number]>) => [ct.exp(y), ct.sum(x)]);");
      expect((await numbers(f.f(t(2), t(3)))).length).toBe(4);
      expect(said(() => f.f.start(t(2)))).toMatchInlineSnapshot(`"f: not a step: x is [x.0], and comes back as [y.0]"`);
    });
  });
});
