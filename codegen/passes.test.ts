/** How often a row is read, and what is never moved. */
import { exp, layerNorm, max, softmax, sub, sum, type Tensor } from "cotangent";
import { describe, expect, test } from "vitest";
import { constant, type Expr, indexVar, int, load, subInt } from "../dsl/expr.ts";
import type { Shape } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { tensorSpec, trace } from "./graph.ts";
import type { Kernel, Stage } from "./kernel.ts";
import { type Pass, passesOf } from "./passes.ts";
import { compile } from "./pipeline.ts";

type Row = Tensor<["B", 64]>;
const kernelOf = (f: (...args: never[]) => unknown, shapes: readonly Shape[]): Kernel => {
  const params = shapes.map((shape, k) => ({ name: `x${k}`, specs: tensorSpec(shape, "f32") }));
  const kernels = compile(trace("f", f as never, params)).kernels;
  expect(kernels).toHaveLength(1);
  return kernels[0] as Kernel;
};
const outline = (passes: readonly Pass[]): string[] =>
  passes.map(
    ({ loops, stages }) => `${loops.length > 0 ? `each ${loops.map((loop) => loop.extent)}: ` : ""}${stages.map((s) => s.kind).join(" ")}`,
  );
const tensorOf = (): Value => tensorSpec([4, 8], "f32");
const apart = { overlap: () => false, isTemporary: () => false };

describe("passesOf", () => {
  test("softmax: the greatest, then the exponentials with their sum, then the quotients", () => {
    const { stages } = kernelOf((x: Row) => softmax(x), [["B", 64]]);
    expect(outline(passesOf(stages, apart))).toEqual(["each 64: reduce", "let", "each 64: let store reduce", "let", "each 64: store"]);
  });

  test("a value that is read in the pass that makes it is stored only if somebody else wants it", () => {
    const { stages } = kernelOf((x: Row) => sum(exp(sub(x, max(x, -1, { keepDims: true }))), -1), [["B", 64]]);
    const made = stages.flatMap((s) => (s.kind === "store" ? [s.target] : []));
    const passes = passesOf(stages, { ...apart, isTemporary: (v) => made.includes(v) });
    expect(outline(passes)[1]).toMatch(/^each 64: (let )?reduce$/);
  });

  test("layerNorm: three passes", () => {
    const f = (x: Row, gain: Tensor<[64]>, bias: Tensor<[64]>) => layerNorm(x, gain, bias);
    const { stages } = kernelOf(f, [["B", 64], [64], [64]]);
    expect(passesOf(stages, apart).filter(({ loops }) => loops.length > 0)).toHaveLength(3);
  });

  test("what overwrites a row's old values waits for what reads them elsewhere in the row, not for what reads them there", () => {
    const [old, next] = [tensorOf(), tensorOf()];
    const store = (value: Expr): Stage => ({
      kind: "store",
      loops: [{ index: "i1", extent: 8 }],
      target: next,
      index: [indexVar("i0"), indexVar("i1")],
      value,
      mode: "set",
    });
    const fold = (at: Expr): Stage => ({
      kind: "reduce",
      over: [{ index: "k0", extent: 8 }],
      accumulators: [{ name: "sum", dtype: "f32", combine: "add", value: load(old, [indexVar("i0"), at]) }],
    });
    const passes = (at: Expr, overlap: boolean): readonly string[] =>
      outline(passesOf([fold(at), store(constant(0, "f32"))], { ...apart, overlap: () => overlap }));
    const k = indexVar("k0");
    const mirrored = subInt(int(7), k);
    expect(passes(mirrored, true)).toEqual(["each 8: reduce", "each 8: store"]);
    expect(passes(mirrored, false)).toEqual(["each 8: reduce store"]);
    expect(passes(k, true)).toEqual(["each 8: reduce store"]);
  });
});
