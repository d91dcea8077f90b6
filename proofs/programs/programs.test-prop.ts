/** Laws over random programs: source text, and what it means. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, test as plain } from "vitest";
import { type Graph, tensorSpec, trace } from "../../codegen/graph.ts";
import { topological } from "../../dsl/differentiate.ts";
import { ops } from "../../dsl/ops/index.ts";
import { simplify } from "../../dsl/simplify.ts";
import { leavesOf } from "../../dsl/tree.ts";
import { isValue, type Value } from "../../dsl/value.ts";
import { interpreter } from "../backend.ts";
import { expectClose } from "../close.ts";
import { adjointTransposes, transposes } from "../laws.ts";
import { runs } from "../runs.ts";
import { programs, type Written } from "./arbitrary.ts";
import { type Meaning, meaningOf, type Parameter, type Program } from "./language.ts";
import { isTame, jvpAgreesWhereSmooth, type ProgramTrial, programTrials } from "./trials.ts";

/** The graph of an export, made by calling it with symbolic values. */
function traced(program: Program, meaning: Meaning, of: keyof Meaning): Graph {
  const spec = ({ shape, dtype }: Parameter): Value => tensorSpec(shape, dtype);
  const p = Object.fromEntries(program.weights.map((weight) => [weight.name, spec(weight)]));
  return trace(of, meaning[of], [{ name: "p", specs: p }, ...program.inputs.map((input) => ({ name: input.name, specs: spec(input) }))]);
}

const leaves = (tree: unknown): Value[] => leavesOf(tree).flatMap(({ value }) => (isValue(value) ? [value] : []));

describe("derivatives of programs", () => {
  test.prop([programTrials({ dtype: "f64", smooth: true })], runs(150))(jvpAgreesWhereSmooth.name, (trial) => {
    fc.pre(isTame(trial));
    jvpAgreesWhereSmooth.holds(trial);
  });
  test.prop([programTrials({ dtype: "f64" })], runs(150))(transposes.name, (trial) => {
    fc.pre(isTame(trial));
    transposes.holds(trial);
  });
});

describe("what a program computes", () => {
  const exports = ["f", "loss", "step"] as const;
  const agree = async (trial: ProgramTrial, change: (graph: Graph) => Graph): Promise<void> => {
    const { meaning, written, args } = trial;
    for (const name of exports) {
      const expected = leaves((meaning[name] as (...args: readonly unknown[]) => unknown)(...args));
      const run = await interpreter.load(change(traced(written.program, meaning, name)));
      for (const [k, actual] of leaves(run(...args)).entries()) expectClose(actual, expected[k] as Value);
    }
  };
  test.prop([programTrials()], runs(100))("traced equals eager", async (trial) => {
    fc.pre(isTame(trial));
    await agree(trial, (graph) => graph);
  });
});
