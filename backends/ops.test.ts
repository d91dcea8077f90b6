/** Every op, in functions that a user might write: fused equals unfused equals eager, in both float dtypes, at sizes that are awkward. */
import { describe, expect, test } from "vitest";
import { paramLeaves, resultLeaves } from "../codegen/graph.ts";
import { expectSame, interpret } from "../codegen/oracle.test-source.ts";
import { topological } from "../dsl/differentiate.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { ops } from "../dsl/ops/index.ts";
import { bufferOf } from "../dsl/storage.ts";
import type { FloatDType } from "../dsl/types.ts";
import { concrete, type Value } from "../dsl/value.ts";
import { backends, fetched, takes } from "./backends.test-source.ts";
import { cases, graphOf, identifier } from "./cases.test-source.ts";

const sizes = [
  { B: 3, T: 2 },
  { B: 0, T: 1 },
  { B: 1, T: 1 },
  { B: 8, T: 5 },
];

/** Numbers between −2 and 2, some alike; indices from −1 to 4; truth values. */
function fill(v: Value, at: Readonly<Record<string, number>>): Value {
  const shape = v.shape.map((d) => evaluateDim(d, at));
  const count = shape.reduce((a, b) => a * b, 1);
  const number = (k: number): number =>
    v.dtype === "bool" ? ((k * 5) % 3) & 1 : v.dtype === "i32" ? ((k * 7 + 3) % 6) - 1 : (((k * 37 + v.shape.length * 11) % 33) - 16) / 8;
  return concrete(
    bufferOf(
      Array.from({ length: count }, (_, k) => number(k)),
      shape,
      v.dtype,
    ),
    shape,
    v.dtype,
  );
}

describe.each(backends)("$name", (backend) => {
  const { instantiate, floats } = backend;
  describe.each<FloatDType>(floats)("%s", (dtype) => {
    describe.each([
      ["fused", {}],
      ["unfused", { fuse: false }],
    ] as const)("%s", (_, options) => {
      test.each(cases.filter((one) => takes(backend, graphOf(one, dtype))))("$name", async (one) => {
        const graph = graphOf(one, dtype);
        const built = await instantiate([graph], options);
        for (const at of sizes) {
          const inputs = paramLeaves(graph).map(({ value }) => fill(value, at));
          expectSame(await fetched(built[identifier(one.name)](...inputs)), interpret({ graph, sizes: at, inputs }));
        }
      });
    });
  });
});

test("no op is left out", () => {
  const used = new Set(
    cases.flatMap((one) => topological(resultLeaves(graphOf(one, "f32")).map((leaf) => leaf.value))).map((v) => v.op.name),
  );
  expect(ops.map((op) => op.name).filter((name) => !used.has(name))).toEqual([]);
});
