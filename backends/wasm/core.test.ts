/** Every core function, one at a time and four at a time, is what `dsl/core.ts` says. How precise: `math.test.ts`. */
import { expect, test } from "vitest";
import { core } from "../../dsl/core.ts";
import { measureCore } from "../core.test-source.ts";
import { startWith } from "./run.test-source.ts";

test.each([true, false])("every core function (multiply-add: %s)", async (fma) => {
  const apart = await measureCore(startWith(fma));
  expect(Object.keys(apart).sort()).toEqual(Object.keys(core).sort());
  for (const [fn, error] of Object.entries(apart)) expect(error, fn).toBeLessThan(1e-6);
});
