// Every `x.test-d.ts` must compile under every compiler: type assertions live there, and `// @ts-expect-error` before what must not.
import { globSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { type Checked, root, tsc, versions } from "./tsc.ts";

const files = globSync("*/**/*.test-d.ts", { cwd: root, exclude: ["node_modules", "dist"] }).map((path) => path.replaceAll("\\", "/"));

describe.skipIf(files.length === 0).each(versions)("TypeScript %s", (version) => {
  let checked: Checked;
  beforeAll(async () => {
    checked = await tsc(version, ["-p", "tsconfig.test-d.json"]);
  });
  const complaints = (): readonly string[] => (checked.ok ? [] : checked.output.split(/\n(?! )/));

  test.each(files)("%s", (file) => {
    expect(complaints().filter((line) => line.startsWith(`${file}(`))).toEqual([]);
  });
  test("what they import", () => {
    expect(complaints().filter((line) => !files.some((file) => line.startsWith(`${file}(`)))).toEqual([]);
  });
});
