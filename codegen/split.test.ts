import { expect, test } from "vitest";
import { matmul } from "../dsl/ops/dot.ts";
import { reshape, transpose } from "../dsl/ops/reshape.ts";
import type { Value } from "../dsl/value.ts";
import { addressOf } from "./address.ts";
import { collapse } from "./collapse.ts";
import { contractionKernel } from "./contraction.ts";
import { tensorSpec, trace } from "./graph.ts";
import { loadsOf } from "./inline.ts";
import { expressionsOf } from "./kernel.ts";
import { compile } from "./pipeline.ts";
import { split } from "./split.ts";

test("an operand that was taken apart into heads is read by sums of indices again", () => {
  // [8, 64, 4, 32] with its heads in front, put together again: the column of y is (head, element).
  const f = (x: Value, w: Value): Value => matmul(reshape(transpose(x, [0, 2, 1, 3]), [512, 128]), w);
  const graph = trace("f", f as never, [
    { name: "x", specs: tensorSpec([8, 4, 64, 32], "f32") },
    { name: "w", specs: tensorSpec([128, 16], "f32") },
  ]);
  const [kernel] = compile(graph).kernels;
  if (!kernel || !contractionKernel(kernel)) throw new Error("no contraction");
  const others = (k: typeof kernel): number =>
    k.stages
      .flatMap(expressionsOf)
      .flatMap(loadsOf)
      .reduce((n, x) => n + addressOf(x.source, x.index).others.length, 0);
  expect(others(kernel)).toBeGreaterThan(0);
  expect(others(split(kernel))).toBe(0);
  expect(collapse(split(kernel)).outer.length).toBeLessThanOrEqual(3);
});
