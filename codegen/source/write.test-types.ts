// What is written is what the user's own tsc reads, under its strictest settings.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { root, tsc, versions } from "../../tools/tsc.ts";
import { read } from "./reading.test-source.ts";
import { write } from "./written.test-source.ts";

const here = import.meta.dirname;
let folder: string;
beforeAll(() => {
  mkdirSync(join(root, "node_modules/.cache"), { recursive: true });
  folder = mkdtempSync(join(root, "node_modules/.cache/adjoint-"));
  const compilerOptions = { isolatedDeclarations: true, declaration: true, noUnusedParameters: true, types: [] };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.json"), compilerOptions, include: ["*.ts"], exclude: [] }),
  );
  for (const file of ["adjoint.test-source.ts", "../../examples/mnist/mlp.ts"]) {
    const { derivatives } = read(join(here, file));
    writeFileSync(join(folder, `${derivatives[0]?.name}.ts`), write(derivatives));
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

describe.each(versions)("TypeScript %s", (version) => {
  test("accepts every function that is written", async () => {
    const { output } = await tsc(version, ["-p", folder], folder);
    expect(output.split("\n").filter((line) => /^\w+\.ts/.test(line))).toEqual([]);
    expect(output).not.toContain("tsconfig.json");
  });
});
