import { expect, test } from "vitest";
import { check } from "./arrows.ts";

const complaints = (path: string, text: string): readonly string[] => check(new Map([[path, text]]));

test.each([
  ["codegen/fuse.ts", 'import { add } from "../dsl/ops/scalar.ts";'],
  ["codegen/source/read.ts", 'import { Project } from "ts-morph"; import { readFileSync } from "node:fs";'],
  ["backends/loops/runtime.ts", 'import type { Tensor } from "../../dsl/index.ts"; import { arena } from "./arena.ts";'],
  ["dsl/op.test.ts", 'import { test } from "vitest"; import { emit } from "../backends/loops/emit.ts";'],
  [
    "examples/mnist/main.ts",
    'import { add } from "cotangent"; import { build } from "../../cli/build.ts"; import { SingleBar } from "cli-progress";',
  ],
  ["bench/main.ts", 'import { Project } from "ts-morph"; import "@tensorflow/tfjs-core";'],
])("%s may: %s", (path, text) => {
  expect(complaints(path, text)).toEqual([]);
});

test.each([
  ["dsl/op.ts", 'import { lower } from "../codegen/lower.ts";', "dsl/op.ts:1  dsl may not import codegen: it imports nothing"],
  ["dsl/op.ts", 'import { readFileSync } from "node:fs";', "dsl/op.ts:1  dsl has no dependencies: node:fs"],
  ["dsl/op.ts", '\nexport * from "../proofs/laws.ts";', "dsl/op.ts:2  dsl may not import proofs: it imports nothing"],
  ["dsl/op.ts", 'type T = import("../cli/main.ts").T;', "dsl/op.ts:1  dsl may not import cli: it imports nothing"],
  ["codegen/lower.ts", 'await import("../backends/loops/emit.ts");', "codegen/lower.ts:1  codegen may not import backends: it imports dsl"],
  ["codegen/lower.ts", 'import { Node } from "ts-morph";', "codegen/lower.ts:1  ts-morph may be imported in codegen/source/, bench/ only"],
  ["cli/a.test.ts", 'import binaryen from "binaryen";', "cli/a.test.ts:1  binaryen may be imported in backends/wasm/ only"],
  ["proofs/laws.ts", 'import { add } from "cotangent";', "proofs/laws.ts:1  proofs is part of the package: import its files"],
  ["proofs/laws.ts", 'import { test } from "vitest";', "proofs/laws.ts:1  proofs may not depend on vitest"],
  ["examples/mlp.ts", 'import { add } from "../dsl/index.ts";', "examples/mlp.ts:1  examples may not import dsl: it imports cli"],
])("%s may not: %s", (path, text, complaint) => {
  expect(complaints(path, text)).toEqual([complaint]);
});

test("a runtime takes types alone from dsl, through other files too", () => {
  const files = new Map([
    ["backends/loops/runtime.ts", 'import { arena } from "./arena.ts";'],
    ["backends/loops/arena.ts", 'import { type Dim, evaluate } from "../../dsl/dim.ts";'],
  ]);
  expect(check(files)).toEqual(["backends/loops/arena.ts:1  a backend's runtime ships alone: only `import type` of ../../dsl/dim.ts"]);
});
