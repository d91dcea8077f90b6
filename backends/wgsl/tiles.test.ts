import { describe, expect, test } from "vitest";
import { collapse } from "../../codegen/collapse.ts";
import type { Kernel } from "../../codegen/kernel.ts";
import { compile } from "../../codegen/pipeline.ts";
import { matmul } from "../../dsl/ops/dot.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { spec, traced } from "../traced.test-source.ts";
import { Layout } from "./layout.ts";
import { type Product, productOf } from "./product.ts";
import { type Choice, choicesOf, invocationsOf, type Tile, tileBytes, tiles } from "./tiles.ts";

const nameOf = ({ rows, columns, steps }: Tile): string => `${rows} × ${columns} × ${steps}`;

describe.each(tiles.map((tile) => ({ name: nameOf(tile), tile })))("$name", ({ tile }) => {
  test("its invocations can fetch a turn, one block each", () => {
    expect((tile.steps / 4) * ((tile.rows + tile.columns) / 4)).toBeLessThanOrEqual(invocationsOf(tile));
  });
  test("every device can run it, or what takes its place", () => {
    expect(invocationsOf(tile)).toBeLessThanOrEqual(256);
    expect(tileBytes(tile.otherwise ?? tile)).toBeLessThanOrEqual(16384);
  });
});

function choices(m: Dim, k: Dim, n: Dim): string[] {
  const f = (x: Value, y: Value): Value => matmul(x, y);
  const { kernels, memory } = compile(traced("f", f as never, { x: spec([m, k]), y: spec([k, n]) }), { align: 4 });
  const product = productOf(collapse(kernels[0] as Kernel), new Layout(memory)) as Product;
  const show = ({ tile, parts }: Choice): string => `${nameOf(tile)}${parts > 1 ? ` in ${parts} parts` : ""}`;
  return choicesOf(product).map(({ choice, only }) => show(choice) + (only ? ` where ${only.from} ≤ ${only.dim} < ${only.below}` : ""));
}

test.each<readonly [Dim, Dim, Dim, readonly string[]]>([
  [4096, 4096, 4096, ["128 × 128 × 16"]],
  [1024, 1024, 1024, ["128 × 128 × 16 in 2 parts"]],
  [512, 512, 512, ["32 × 64 × 16"]],
  [128, 784, 512, ["32 × 32 × 16"]],
  [64, 64, 64, ["32 × 32 × 16"]],
  [100_000, 9, 8, ["128 × 16 × 8"]],
  [64, 100_000, 64, ["64 × 64 × 16 in 128 parts"]],
  ["B", 784, 512, ["32 × 32 × 16 where 0 ≤ B < 384", "64 × 64 × 16 where 384 ≤ B < Infinity"]],
])("[%s, %s] · [.., %s]: %s", (m, k, n, expected) => {
  expect(choices(m, k, n)).toEqual(expected);
});
