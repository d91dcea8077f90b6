import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Message, messages } from "./diagnostic.ts";

const here = import.meta.dirname;
const codes = Object.values(messages).map((make) => (make as (...args: string[]) => Message)("a", "b", "c").code);

test("a code stands for one message", () => {
  expect(new Set(codes).size).toBe(codes.length);
});

test("every code is printed by some test, and listed in the README", () => {
  const folders = [here, `${here}/../../cli`];
  const tests = folders.flatMap((folder) =>
    readdirSync(folder).flatMap((name) => (name.endsWith(".test.ts") ? [`${folder}/${name}`] : [])),
  );
  const text = tests.map((path) => readFileSync(path, "utf8").replaceAll(" {2}", "  ")).join("\n");
  const readme = readFileSync(`${here}/README.md`, "utf8");
  expect(codes.filter((code) => !text.includes(`  ${code}  `))).toEqual([]);
  expect(codes.filter((code) => !readme.includes(code))).toEqual([]);
});
