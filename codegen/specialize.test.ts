import { expect, test } from "vitest";
import { relu } from "../dsl/lib/activation.ts";
import { matmul } from "../dsl/ops/dot.ts";
import { reshape } from "../dsl/ops/reshape.ts";
import { valueOf } from "../dsl/value.ts";
import { tensorSpec, trace } from "./graph.ts";
import { sizeNames, specialize } from "./specialize.ts";

const graph = trace("f", ((x: never, w: never) => reshape(relu(matmul(x, w)), ["4*B", "T"])) as never, [
  { name: "x", specs: tensorSpec(["B", 3], "f32") },
  { name: "w", specs: tensorSpec([3, "4*T"], "f32") },
]);

test("a name becomes a number in shapes and in what ops are told", () => {
  expect(sizeNames(graph)).toEqual(["B", "T"]);
  const fixed = specialize(graph, { B: 32 });
  expect(sizeNames(fixed)).toEqual(["T"]);
  const result = valueOf(fixed.result as never);
  expect(result.shape).toEqual([128, "T"]);
  expect(result.attrs.shape).toEqual([128, "T"]);
});
