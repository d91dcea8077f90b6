/** Laws over random programs: source text, and what it means. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, test as plain } from "vitest";
import { backends, fetched, type Instantiable } from "../../backends/backends.test-source.ts";
import { type Graph, tensorSpec, trace } from "../../codegen/graph.ts";
import { graphDifference } from "../../codegen/graph-equal.ts";
import { printDiagnostic } from "../../codegen/source/diagnostic.ts";
import { readModule, type SourceModule } from "../../codegen/source/read.ts";
import { writeAdjoint } from "../../codegen/source/write.ts";
import { simplify } from "../../dsl/simplify.ts";
import { leavesOf, mapTree } from "../../dsl/tree.ts";
import type { AnyTensor, FloatDType } from "../../dsl/types.ts";
import { isTensor, isValue, type Value } from "../../dsl/value.ts";
import { type Backend, interpreter, valuesIn } from "../backend.ts";
import { expectClose } from "../close.ts";
import { isFormalDerivative } from "../exact.ts";
import { adjointTransposes, isFloat, transposes } from "../laws.ts";
import { isStable, isTame, jvpAgreesWhereSmooth } from "../points.ts";
import { runs } from "../runs.ts";
import { type Tolerance, tolerance } from "../tolerance.ts";
import type { Written } from "./arbitrary.ts";
import { coverageOf } from "./coverage.ts";
import { type Meaning, meaningOf, type Parameter, type Program } from "./language.ts";
import { type ProgramTrial, programTrials } from "./trials.ts";

const names = ["f", "loss", "step"] as const;
type Call = (...args: readonly unknown[]) => unknown;

/** The graph of an export, made by calling it with symbolic values. */
function traced(program: Program, meaning: Meaning, of: keyof Meaning): Graph {
  const spec = ({ shape, dtype }: Parameter): Value => tensorSpec(shape, dtype);
  const p = Object.fromEntries(program.weights.map((weight) => [weight.name, spec(weight)]));
  return trace(of, meaning[of], [{ name: "p", specs: p }, ...program.inputs.map((input) => ({ name: input.name, specs: spec(input) }))]);
}
const tensors = (tree: unknown): AnyTensor[] => leavesOf(tree).flatMap(({ value }) => (isTensor(value) ? [value] : []));

/** Every export on this backend gives what calling it eagerly gives. */
async function agrees({ meaning, written, args }: ProgramTrial, backend: Backend, change = (graph: Graph): Graph => graph): Promise<void> {
  for (const name of names) {
    const graph = traced(written.program, meaning, name);
    const expected = tensors((meaning[name] as Call)(...args));
    const run = await backend.load(change(graph));
    const actual = tensors(await run(...args));
    expect(actual.length).toBe(expected.length);
    const within = toleranceIn(graph, args);
    for (const [k, y] of actual.entries()) expectClose(y, expected[k] as AnyTensor, { tolerance: within });
  }
}

/** What is computed is as good as the roughest dtype on the way, judged by the greatest number there: it may cancel. */
function toleranceIn(graph: Graph, args: readonly unknown[]): Tolerance {
  const values = [...valuesIn(graph, args).values()].filter(isFloat);
  const { relative, absolute } = tolerance[values.some((v) => v.dtype === "f32") ? "f32" : "f64"];
  const greatest = values.reduce((top, v) => greatestOf(v, top), 1);
  return { relative, absolute: absolute * greatest };
}

const greatestOf = ({ buffer }: Value, least: number): number => {
  let top = least;
  for (const x of buffer ?? []) if (Number.isFinite(x)) top = Math.max(top, Math.abs(x));
  return top;
};

const simplified = (graph: Graph): Graph => {
  const values = leavesOf(graph.result).flatMap(({ value }) => (isValue(value) ? [value] : []));
  const fewer = simplify(values);
  return { ...graph, result: mapTree((leaf) => (isValue(leaf) ? fewer[values.indexOf(leaf)] : leaf), graph.result) };
};
const built = ({ name, instantiate }: Instantiable, options = {}): Backend => ({
  name,
  load: async (graph) => {
    const module = await instantiate([graph], options);
    return (...args) => fetched((module[graph.name] as Call)(...args));
  },
});

describe("derivatives of programs", () => {
  test.prop([programTrials({ dtype: "f64", smooth: true })], runs(150))(jvpAgreesWhereSmooth.name, (trial) => {
    fc.pre(isTame(trial));
    jvpAgreesWhereSmooth.holds(trial);
  });
  test.prop([programTrials({ dtype: "f64" })], runs(150))(transposes.name, (trial) => {
    fc.pre(isTame(trial));
    transposes.holds(trial);
  });
  test.prop([programTrials({ dtype: "f64" })], runs(50))(adjointTransposes.name, (trial) => {
    fc.pre(isTame(trial));
    adjointTransposes.holds(trial);
  });
  test.prop([programTrials({ dtype: "f64", rational: true })], runs(100))(isFormalDerivative.name, isFormalDerivative.holds);
});

describe("what a program computes", () => {
  test.prop([programTrials()], runs(100))("traced equals eager", async (trial) => {
    fc.pre(isTame(trial) && isStable(trial));
    await agrees(trial, interpreter);
  });
  test.prop([programTrials()], runs(100))("simplified equals eager", async (trial) => {
    fc.pre(isTame(trial) && isStable(trial));
    await agrees(trial, interpreter, simplified);
  });
  describe.each(backends)("$name", (backend) => {
    const { floats } = backend;
    const dtypes = floats.length === 1 ? { dtype: floats[0] as FloatDType } : {};
    test.prop([programTrials(dtypes)], runs(60))("built equals eager", async (trial) => {
      fc.pre(isTame(trial) && isStable(trial));
      await agrees(trial, built(backend));
    });
    test.prop([programTrials(dtypes, fc.constantFrom(5, 4, 9, 17))], runs(20))(
      "also where sizes are more than a vector's",
      async (trial) => {
        fc.pre(isTame(trial) && isStable(trial));
        await agrees(trial, built(backend));
      },
    );
    test.prop([programTrials(dtypes)], runs(20))("also without fusion", async (trial) => {
      fc.pre(isTame(trial) && isStable(trial));
      await agrees(trial, built(backend, { fuse: false }));
    });
  });
});

test.prop([programTrials()], runs(100))("simplifying twice changes nothing", ({ written: { program } }) => {
  const once = simplified(traced(program, meaningOf(program), "step"));
  expect(graphDifference(simplified(once), once)).toBeUndefined();
});

describe("what a program says", () => {
  const read = (file: string, text: string): SourceModule => {
    const result = readModule(file, { text });
    if (!result.ok) throw new Error(`${result.diagnostics.map(printDiagnostic).join("\n")}\n${text}`);
    return result.module;
  };
  test.prop([programTrials()], runs(30))("read from source equals traced", ({ written: { program, text } }) => {
    for (const [k, graph] of read("program.ts", text).functions.entries())
      expect(graphDifference(graph, traced(program, meaningOf(program), names[k] as keyof Meaning))).toBeUndefined();
  });
  test.prop([programTrials()], runs(12))("its adjoint, written and read again, is the same graph", ({ written: { text } }) => {
    const { derivatives, hash } = read("program.ts", text);
    const adjoint = writeAdjoint(derivatives, { source: "program.ts", hash, version: "0" });
    const { functions } = read("program.adjoint.ts", adjoint);
    expect(functions.map(({ name }) => name)).toEqual(derivatives.map(({ name }) => name));
    for (const [k, { graph }] of derivatives.entries())
      expect(graphDifference(simplified(functions[k] as Graph), simplified(graph)), adjoint).toBeUndefined();
  });
});

plain("the programs cover the language", () => {
  const sample = fc.sample(programTrials(), { numRuns: 400 }).map((trial): Written => trial.written);
  const coverage = coverageOf(sample.map(({ program }) => ({ program, graph: traced(program, meaningOf(program), "step") })));
  expect(coverage.missingOps).toEqual([]);
  expect(coverage.ranks).toEqual(expect.arrayContaining([0, 1, 2, 3, 4]));
  expect(coverage.symbolic).toBeGreaterThan(0.5);
  expect(coverage.sizeOne).toBeGreaterThan(0.2);
  expect(coverage.medianOps).toBeGreaterThanOrEqual(12);
  expect(coverage.rich).toBeGreaterThanOrEqual(0.5);
});
