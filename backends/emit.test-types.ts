// What is generated is what the user's own tsc reads, under its strictest settings.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { add, sqrt, sum, type Tensor, tensor } from "cotangent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Graph } from "../codegen/graph.ts";
import { compile } from "../codegen/pipeline.ts";
import { read } from "../codegen/source/reading.test-source.ts";
import { nameValue } from "../dsl/value.ts";
import { root, tsc, versions } from "../tools/tsc.ts";
import { takes } from "./backends.test-source.ts";
import { cases, graphOf } from "./cases.test-source.ts";
import { emitModule as loops } from "./loops/emit.ts";
import { spec, traced } from "./traced.test-source.ts";
import { emitModule as wasm } from "./wasm/emit.ts";
import { emitModule as wgsl } from "./wgsl/emit.ts";

const info = { header: "", source: "./model.ts", stem: "model" };
const textOf = {
  loops: (graphs: readonly Graph[]): string =>
    loops(
      graphs.map((graph) => compile(graph)),
      info,
    ),
  wasm: (graphs: readonly Graph[]): string =>
    wasm(
      graphs.map((graph) => compile(graph, { align: 4 })),
      info,
    ).text,
  wgsl: (graphs: readonly Graph[]): string =>
    wgsl(
      graphs.map((graph) => compile(graph, { align: 4 })),
      info,
    ),
};

let folder: string;
beforeAll(() => {
  // Where "cotangent" means the sources.
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/emit-"));
  const strict = { isolatedDeclarations: true, declaration: true, noUnusedLocals: true, noUnusedParameters: true, types: [] };
  const config = { extends: join(root, "tsconfig.json"), compilerOptions: strict, include: ["*.ts"], exclude: [] };
  const awkward = (x: Tensor<["max", 3]>) => [nameValue(sqrt(sum(x, 1)) as never, "class"), sum(x)];
  const step = (s: { w: Tensor<[3]> }, x: Tensor<["B", 3]>) => [{ w: sum(x, 0) }, { loss: s.w, seen: x }] as const;
  const fixed = (x: Tensor<["B", 3]>) => add(x, tensor([1, 2, 3], [3]));
  const open = read(join(root, "codegen/source/open.test-source.ts")).functions;
  const graphs = [
    ...cases.map((one) => graphOf(one, "f32")),
    traced("awkward", awkward, { x: spec(["max", 3]) }),
    ...open.filter(({ name }) => name !== "step"),
    traced("step", step, { s: { w: spec([3]) }, x: spec(["B", 3]) }),
    traced("fixed", fixed, { x: spec(["B", 3]) }),
  ];
  const inF64 = cases.map((one) => graphOf({ ...one, name: `${one.name} f64` }, "f64"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "model.ts"), "export {};\n");
  for (const [target, text] of Object.entries(textOf)) {
    const good = text(target === "wgsl" ? graphs.filter((graph) => takes({ floats: ["f32"] }, graph)) : [...graphs, ...inF64]);
    writeFileSync(join(folder, `${target}.ts`), good);
    writeFileSync(join(folder, `wrong-${target}.ts`), good.replace("bytes: (", "bytes: (that: string, "));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(versions)("TypeScript %s", (version) => {
  test("accepts every kernel and every plan, and would not accept a wrong one", async () => {
    const { output } = await tsc(version, ["-p", folder], folder);
    const complaints = output.split("\n").filter((line) => /^[\w-]+\.ts\(/.test(line));
    expect(complaints.filter((line) => !line.startsWith("wrong-"))).toEqual([]);
    expect(new Set(complaints.map((line) => line.replace(/\.ts.*/, "")))).toEqual(new Set(["wrong-loops", "wrong-wasm", "wrong-wgsl"]));
  });
});
