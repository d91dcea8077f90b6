/** Generated programs are programs: TypeScript 7 accepts their text as it stands, strictly, and running it computes what it means. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { leavesOf } from "../../dsl/tree.ts";
import { isValue, type Value } from "../../dsl/value.ts";
import { root, tsc } from "../../tools/tsc.ts";
import { expectClose } from "../close.ts";
import { exact } from "../tolerance.ts";
import type { Meaning } from "./language.ts";
import { programTrials } from "./trials.ts";

const seed = Number(process.env.CT_SEED ?? Date.now() % 2 ** 31);
const trials = fc.sample(programTrials(), { numRuns: 40, seed });
const fileOf = (k: number): string => join(folder, `program${k}.ts`);
let folder = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cotangent-programs-"));
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  await Promise.all(trials.map(({ written }, k) => writeFile(fileOf(k), written.text)));
  const compilerOptions = { types: [], noUnusedLocals: true, noEmit: true };
  await writeFile(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: resolve(root, "tsconfig.json"), compilerOptions, include: ["*.ts"], exclude: [] }),
  );
});
afterAll(() => rm(folder, { recursive: true }));

test(`tsc accepts them (with seed=${seed})`, async () => {
  const { output } = await tsc("7", ["-p", "."], folder);
  expect(output).toBe("");
});

test(`running the text gives what the program means, to the last bit (with seed=${seed})`, async () => {
  for (const [k, { meaning, args }] of trials.entries()) {
    const module = (await import(/* @vite-ignore */ fileOf(k))) as Meaning;
    for (const name of ["f", "loss", "step"] as const) {
      const call = (of: Meaning): Value[] =>
        leavesOf((of[name] as (...x: unknown[]) => unknown)(...args)).flatMap(({ value }) => (isValue(value) ? [value] : []));
      const expected = call(meaning);
      for (const [i, y] of call(module).entries()) expectClose(y, expected[i] as Value, { tolerance: exact, nanExpected: true });
    }
  }
});
