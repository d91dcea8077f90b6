/** Every planted mistake is caught by the law that should catch it, and shrunk to a case that a person can follow by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OpCall } from "./calls.ts";
import { type OpLaw, type OpTrial, opLaws } from "./oplaws.ts";
import { planted } from "./planted.ts";
import { count, type Sizes } from "./tensors.ts";

const lawCalled = (start: string): OpLaw => {
  const law = opLaws.find(({ name }) => name.startsWith(start));
  if (!law) throw new Error(`no law is called ${start}…`);
  return law;
};

describe.each(planted)("$mistake in $op.name", ({ op, caughtBy, hiddenFrom }) => {
  test.each(caughtBy)("is caught by “%s…”, and shrunk", (name) => {
    const law = lawCalled(name);
    expect(law.concerns(op)).toBe(true);
    const elements = (call: OpCall): number => call.args.reduce((n, x) => n + count(x.shape as Sizes), 0);
    // Shrinking is greedy: of five descents the lowest.
    let smallest: OpCall | undefined;
    for (let descent = 0; descent < 5 && (!smallest || elements(smallest) > 9); descent++) {
      const run = fc.check(fc.property(law.cases(op), law.holds), { numRuns: 2000, unbiased: true });
      expect(run.failed).toBe(true);
      const { call } = (run.counterexample as [OpTrial])[0];
      if (!smallest || elements(call) < elements(smallest)) smallest = call;
    }
    expect(elements(smallest as OpCall), String(smallest)).toBeLessThanOrEqual(12);
  });

  test.runIf(hiddenFrom)(`is hidden from “${hiddenFrom}…”: one law alone is not enough`, () => {
    const law = lawCalled(hiddenFrom as string);
    expect(fc.check(fc.property(law.cases(op), law.holds), { numRuns: 200 }).failed).toBe(false);
  });
});
