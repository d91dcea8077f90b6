import { expect, test } from "vitest";
import { aboutOf, header } from "./write-header.ts";

const about = { source: "my model.ts", hash: "5ca1ab1e", version: "0.1.0" };
const text = `${header(about)}\nimport { add } from "cotangent";\n`;

test("what the header says is read back, whatever the line ends", () => {
  expect(aboutOf(text)).toEqual(about);
  expect(aboutOf(text.replaceAll("\n", "\r\n"))).toEqual(about);
  expect(aboutOf(`\uFEFF${text}`)).toEqual(about);
});

test("a file without it is nobody's but the user's", () => {
  expect(aboutOf("export const x = 1;\n")).toBeUndefined();
});
