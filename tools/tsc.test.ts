import { expect, test } from "vitest";
import { tsc, versions } from "./tsc.ts";

test.each(versions)("tsc %s is the version it says", async (version) => {
  expect(await tsc(version, ["--version"])).toEqual({ ok: true, output: expect.stringMatching(new RegExp(`^Version ${version}\\.`)) });
});
