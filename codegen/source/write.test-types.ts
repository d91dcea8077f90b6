// What is written is what the user's own tsc reads, under its strictest settings.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, tsc, versions } from "../../tools/tsc.ts";
import { read } from "./reading.test-source.ts";
import { write } from "./written.test-source.ts";

let folder: string;
beforeAll(() => {
  // Where "cotangent" means the sources.
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/adjoint-"));
  const sources = [
    "../../examples/mnist/mlp.ts",
    "../../examples/mnist/cnn.ts",
    "adjoint.test-source.ts",
    "open.test-source.ts",
    "images.test-source.ts",
  ];
  const [mnist, cnn, features, open, images] = sources.map((file) => write(read(join(import.meta.dirname, file)).derivatives)) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const compilerOptions = { isolatedDeclarations: true, declaration: true, noUnusedParameters: true, types: [] };
  const config = { extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"], exclude: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  writeFileSync(join(folder, "mnist.written.ts"), mnist);
  writeFileSync(join(folder, "features.written.ts"), features);
  writeFileSync(join(folder, "cnn.written.ts"), cnn);
  writeFileSync(join(folder, "open.written.ts"), open);
  writeFileSync(join(folder, "images.written.ts"), images);
  writeFileSync(join(folder, "wrong.written.ts"), mnist.replace("const value: Tensor<[]>", "const value: Tensor<[3]>"));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(versions)("TypeScript %s", (version) => {
  test("accepts every function that is written, and would not accept a wrong one", async () => {
    const { output } = await tsc(version, ["-p", folder], folder);
    const complaints = output.split("\n").flatMap((line) => /(\w+)\.written\.ts\(.*/.exec(line)?.[0] ?? []);
    expect(complaints.filter((line) => !line.startsWith("wrong."))).toEqual([]);
    expect(complaints.length).toBeGreaterThan(0);
  });
});
