/** Every op of the registry is held to every law that concerns it. */
import { test } from "@fast-check/vitest";
import { describe, expect, test as plain } from "vitest";
import { ops } from "../dsl/ops/index.ts";
import { aliasOp } from "../dsl/value.ts";
import { smoothCall } from "./calls.ts";
import { isRationalOp, opLaws } from "./oplaws.ts";
import { oracleOf } from "./oracles.ts";
import { runs } from "./runs.ts";

const registry = [...ops, aliasOp];

describe.each(registry)("$name", (op) => {
  for (const law of opLaws.filter((l) => l.concerns(op)))
    test.prop([law.cases(op)], runs(100))(law.name, (trial) => {
      law.holds(trial);
    });
});

plain("every op has a generator and an oracle", () => {
  for (const op of registry) {
    expect(() => smoothCall(op)).not.toThrow();
    expect(() => oracleOf(op)).not.toThrow();
  }
});

plain("proved exactly, modulo a prime", () => {
  expect(registry.filter(isRationalOp).map((op) => op.name)).toMatchInlineSnapshot(`
    [
      "add",
      "subtract",
      "multiply",
      "strong_multiply",
      "divide",
      "negate",
      "select",
      "broadcast_in_dim",
      "reduce_sum",
      "reshape",
      "transpose",
      "reverse",
      "slice",
      "pad",
      "concatenate",
      "dot_general",
      "windows",
      "fold",
      "gather",
      "scatter",
      "alias",
    ]
  `);
});
