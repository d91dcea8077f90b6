// What is generated is what the user's own tsc reads, under its strictest settings.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sqrt, sum, type Tensor } from "cotangent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { read } from "../../codegen/source/reading.test-source.ts";
import { nameValue } from "../../dsl/value.ts";
import { root, tsc, versions } from "../../tools/tsc.ts";
import { cases, graphOf } from "../cases.test-source.ts";
import { spec, traced } from "../traced.test-source.ts";
import { moduleText } from "./text.test-source.ts";

let folder: string;
beforeAll(() => {
  // Where "cotangent" means the sources.
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/loops-"));
  const strict = { isolatedDeclarations: true, declaration: true, noUnusedLocals: true, noUnusedParameters: true, types: [] };
  const config = { extends: join(root, "tsconfig.json"), compilerOptions: strict, include: ["*.ts"], exclude: [] };
  const awkward = (x: Tensor<["max", 3]>) => [nameValue(sqrt(sum(x, 1)) as never, "class"), sum(x)];
  const step = (s: { w: Tensor<[3]> }, x: Tensor<["B", 3]>) => [{ w: sum(x, 0) }, { loss: s.w, seen: x }] as const;
  const open = read(join(root, "codegen/source/open.test-source.ts")).functions;
  const text = moduleText([
    ...cases.map((one) => graphOf(one, "f32")),
    ...cases.map((one) => graphOf({ ...one, name: `${one.name} f64` }, "f64")),
    traced("awkward", awkward, { x: spec(["max", 3]) }),
    ...open.filter(({ name }) => name !== "step"),
    traced("step", step, { s: { w: spec([3]) }, x: spec(["B", 3]) }),
  ]);
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "model.ts"), "export {};\n");
  writeFileSync(join(folder, "good.ts"), text);
  writeFileSync(join(folder, "wrong.ts"), text.replace("f32: Float32Array", "f32: Map<string, number>"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(versions)("TypeScript %s", (version) => {
  test("accepts every kernel and every plan, and would not accept a wrong one", async () => {
    const { output } = await tsc(version, ["-p", folder], folder);
    const complaints = output.split("\n").filter((line) => /^(good|wrong)\.ts\(/.test(line));
    expect(complaints.filter((line) => !line.startsWith("wrong."))).toEqual([]);
    expect(complaints.length).toBeGreaterThan(0);
  });
});
