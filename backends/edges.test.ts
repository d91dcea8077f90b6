/** Where a backend went wrong once: guards at the end of memory, dtypes that are met on the way only, sizes that shrink as others grow. */
import { describe, test } from "vitest";
import { expectSame, interpret } from "../codegen/oracle.test-source.ts";
import { inputsFor } from "../codegen/random-graph.test-source.ts";
import { normal } from "../dsl/lib/init.ts";
import { broadcastTo, max, sum } from "../dsl/ops/broadcast.ts";
import { matmul } from "../dsl/ops/dot.ts";
import { gather } from "../dsl/ops/gather.ts";
import { transpose } from "../dsl/ops/reshape.ts";
import * as s from "../dsl/ops/scalar.ts";
import { concat, pad, slice } from "../dsl/ops/slice.ts";
import type { Value as V } from "../dsl/value.ts";
import { backends, fetched, takes } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

type Case = readonly [name: string, f: (...args: V[]) => unknown, specs: readonly V[]];

/** A page of memory has 16384 words: so far behind the last value nothing is there, and so far before the first. */
const FAR = 40_000;
const guarded: readonly Case[] = [
  ["behind the first part of a concat", (x, y) => concat([x, y], 0), [spec([5]), spec([FAR])]],
  ["behind what is padded", (x) => pad(x, [[0, FAR]], 1), [spec([5])]],
  ["before what is padded", (x) => pad(x, [[FAR, 0]], 1), [spec([5])]],
  [
    "what is the same in a row, where only some of the row is wanted",
    (x) =>
      pad(
        broadcastTo(x, [6, 5]),
        [
          [FAR, FAR],
          [1, 2],
        ],
        1,
      ),
    [spec([6, 1])],
  ],
  ["an index that is read under a guard", (x, at) => pad(gather(x, at), [[FAR, FAR]], 1), [spec([5]), spec([7], "i32")]],
  [
    "a test that is read under a guard",
    (x, at) => s.where(pad(s.less(x, 1), [[FAR, FAR]], 0), pad(gather(x, at), [[FAR, FAR]], 1), 2),
    [spec([7]), spec([7], "i32")],
  ],
  [
    "an index that is far out of range",
    (x, at) => [gather(x, s.mul(at, 1e8)), gather(x, s.mul(at, 1e8), 1)],
    [spec([5, 9]), spec([7], "i32")],
  ],
];

const f64 = (x: V): V => s.cast(x, "f64");
const f32 = (x: V): V => s.cast(x, "f32");
const dtypes: readonly Case[] = [
  ["f64 between f32 and f32", (x) => f32(s.mul(f64(x), 1 / 3)), [spec([9])]],
  ["f64 between f32 and i32", (x) => s.cast(s.mul(f64(x), 3), "i32"), [spec([9])]],
  ["f64 in a test", (x) => s.where(s.less(f64(x), 0.1), x, 0), [spec([9])]],
  ["f64 after a contraction", (x, y) => f32(s.mul(f64(matmul(x, y)), 1 / 3)), [spec([9, 8]), spec([8, 9])]],
  ["f64 beside a contraction", (x, y, b) => s.add(matmul(x, y), f32(b)), [spec([9, 8]), spec([8, 9]), spec([9], "f64")]],
  ["f64 that is the same in all rows", (x, b) => s.mul(x, f32(s.mul(b, 1 / 3))), [spec([9, 9]), spec([], "f64")]],
  ["f64 in a sum", (x) => [sum(f64(x), 1), f32(sum(f64(x), 0))], [spec([9, 9])]],
  ["i32 in sums and maxima", (x) => [max(x, 1), max(x, 0), sum(x, 0), sum(x, 1)], [spec([9, 9], "i32")]],
  // Without sharing, what is the same in all rows of random bits would be written out 2²⁰ times.
  [
    "random bits in rows of one",
    (x, key) => [s.log(s.add(s.abs(f64(normal(key, [9, 1]))), 1)), s.sin(f64(x))],
    [spec([9, 1]), spec([2], "i32")],
  ],
  ["a row of few columns in a row of few", (x) => [s.neg(s.sin(x)), s.sin(x)], [spec([3, 3, 3])]],
  [
    "a row local in a loop that is written out",
    (x, at) => [s.neg(gather(x, at, 1)), gather(x, at, 1)],
    [spec([3, 3, 3]), spec([3], "i32")],
  ],
  ["bool in rows and columns", (p) => [s.logicalNot(transpose(p)), sum(s.cast(p, "i32"), 0)], [spec([9, 9], "bool")]],
];

describe.each(backends)("$name", (backend) => {
  const { instantiate } = backend;
  const graphOf = ([, f, specs]: Case) => traced("f", f as never, Object.fromEntries(specs.map((x, k) => [`x${k}`, x])));
  const taken = (cases: readonly Case[]) => cases.filter((one) => takes(backend, graphOf(one)));
  const holds = async (one: Case): Promise<void> => {
    const graph = graphOf(one);
    const inputs = inputsFor(graph, {}, 3);
    const expected = interpret({ graph, sizes: {}, inputs });
    for (const options of [{}, { fuse: false }]) expectSame(await fetched((await instantiate([graph], options)).f(...inputs)), expected);
  };
  describe("reads nothing", () => {
    test.each(taken(guarded))("%s", async (...one) => holds(one));
  });
  describe("computes", () => {
    test.each(taken(dtypes))("%s", async (...one) => holds(one));
  });

  test("takes few rows and columns, known when it runs", async () => {
    const graph = traced("f", matmul as never, { x: spec(["M", "K"]), y: spec(["K", "N"]) });
    const built = await instantiate([graph]);
    for (const M of [1, 2, 3, 5, 0, 6, 7, 8]) {
      const sizes = { M, K: 5, N: 9 - M };
      const inputs = inputsFor(graph, sizes, 3);
      expectSame(await fetched(built.f(...inputs)), interpret({ graph, sizes, inputs }));
    }
  });

  test("has room for what a size leaves of another", async () => {
    const f = (x: V, w: V, y: V): V => matmul(y, transpose(slice(x, [[w.shape[0], x.shape[0]] as never])));
    const graph = traced("f", f as never, { x: spec(["T", 40]), w: spec(["K"]), y: spec([3, 40]) });
    const built = await instantiate([graph]);
    for (const sizes of [
      { T: 400, K: 400 },
      { T: 400, K: 1 },
    ]) {
      const inputs = inputsFor(graph, sizes, 3);
      expectSame(await fetched(built.f(...inputs)), interpret({ graph, sizes, inputs }));
    }
  });
});
