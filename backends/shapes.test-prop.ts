/** Every backend computes what the interpreter computes where sizes decide how: tails of vectors and tiles, long rows, guards. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, test as plain } from "vitest";
import { collapse } from "../codegen/collapse.ts";
import { expectSame, interpret, isTame } from "../codegen/oracle.test-source.ts";
import { compile } from "../codegen/pipeline.ts";
import { runs } from "../proofs/runs.ts";
import { backends, fetched, takes } from "./backends.test-source.ts";
import { contractions, movements, reductions, type Shaped } from "./shapes.test-source.ts";
import { asContraction } from "./wasm/contraction.ts";

describe.each(backends)("$name", (backend) => {
  const holds = async (one: Shaped): Promise<void> => {
    fc.pre(takes(backend, one.graph));
    const expected = interpret(one);
    fc.pre(isTame(expected));
    const { f } = await backend.instantiate([one.graph]);
    expectSame(await fetched(f(...one.inputs)), expected);
  };
  test.prop([contractions()], runs(60))("contractions", holds);
  test.prop([reductions()], runs(40))("reductions", holds);
  test.prop([movements()], runs(60))("movements", holds);
});

plain("sizes are beyond a vector, a tile and a block, known and not", () => {
  const all = fc.sample(contractions(), { numRuns: 200, seed: 1 });
  const share = (holds: (one: Shaped) => boolean): number => all.filter(holds).length / all.length;
  const extents = ({ inputs: [x, y] }: Shaped): number[] => [...(x?.shape ?? []), ...(y?.shape ?? [])] as number[];
  expect(share((one) => extents(one).some((n) => n > 8 && n % 4 > 0))).toBeGreaterThan(0.5);
  expect(share((one) => extents(one).some((n) => n >= 255))).toBeGreaterThan(0.1);
  expect(share((one) => extents(one).includes(0))).toBeGreaterThan(0.02);
  expect(share((one) => extents(one).includes(1))).toBeGreaterThan(0.1);
  expect(share(({ sizes }) => Object.keys(sizes).length > 0)).toBeGreaterThan(0.3);
  expect(share(({ sizes }) => Object.keys(sizes).length === 0)).toBeGreaterThan(0.1);
  expect(share(({ graph }) => compile(graph).kernels.some((kernel) => asContraction(collapse(kernel))))).toBeGreaterThan(0.4);
  expect(share((one) => isTame(interpret(one)))).toBeGreaterThan(0.8);
});
