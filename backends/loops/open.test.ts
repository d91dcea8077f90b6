/** Sizes whose type is `number`, in the text. */
import { join } from "node:path";
import { expect, test } from "vitest";
import { compile } from "../../codegen/pipeline.ts";
import { read, readText } from "../../codegen/source/reading.test-source.ts";
import { emitModule } from "./emit.ts";

test("names in what is generated: none is a user's", () => {
  const { functions } = readText(`
    export const f = ct.model((x: ct.Tensor<[number, 2]>, y: ct.Tensor<["x_size0"]>, z: ct.Tensor<["x_0"]>, x_size0: ct.Tensor<[number]>) =>
      [ct.sum(x, 1), ct.exp(y), ct.exp(z), ct.mul(x_size0, 2)]);`);
  const text = emitModule(
    functions.map((graph) => compile(graph)),
    { header: "", source: "./f.ts" },
  );
  expect(text.match(/const \w*_?size\w* = d\[\d\]/g)).toMatchInlineSnapshot(`
    [
      "const x_size0 = d[0]",
      "const x_0_size = d[1]",
      "const x_size0_size = d[2]",
      "const x_size0_size0 = d[3]",
    ]
  `);
});

test("the plan says why, and where", () => {
  const text = emitModule([compile(read(join(import.meta.dirname, "../../codegen/source/open.test-source.ts")).functions[1] as never)], {
    header: "",
    source: "./f.ts",
    place: ({ file, line }) => `${file}:${line}`,
  });
  expect(text.slice(text.indexOf("  dims:"), text.indexOf("  bytes:"))).toMatchInlineSnapshot(`
    "  dims: [["B", 0, 0, 1, 0], ["p_first.0", 1, 0, 1, 0]],
      leaves: (d: readonly number[], max: readonly number[]): Leaf[] => [
        ["p.middle", "f32", 4, [d[0]!], "[B]"],
        ["p.first", "f32", max[0]! + 4, [d[1]!], "[number]"],
        ["p.last", "f32", 0, [3]],
        ["w", "f32", max[0]! + max[1]! + 4, [d[0]! + d[1]! + 3], "[number]"],
        ["result", "f32", 3, []],
      ],
      equal: {
        "3.0": "axis 0 has to be B+p_first.0+3 (open.test-source.ts:34)",
      },
    "
  `);
});
