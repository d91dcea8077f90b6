/** Shaders that no size would choose compute what the interpreter computes, too. What is chosen, `../shapes.test-prop.ts` and `../graphs.test-prop.ts` try. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { afterAll, beforeAll, describe } from "vitest";
import { type Graph, resultLeaves } from "../../codegen/graph.ts";
import { expectSame, interpret, isTame } from "../../codegen/oracle.test-source.ts";
import { type Sample, sample } from "../../codegen/random-graph.test-source.ts";
import { topological } from "../../dsl/differentiate.ts";
import { runs } from "../../proofs/runs.ts";
import { contractions } from "../shapes.test-source.ts";
import { evaluate, softwareDevice } from "./run.test-source.ts";
import { hasSoftwareGpu } from "./swiftshader.ts";
import { tiles } from "./tiles.ts";

type Case = Pick<Sample, "graph" | "sizes" | "inputs">;
const hasF64 = (graph: Graph): boolean => topological(resultLeaves(graph).map(({ value }) => value)).some((v) => v.dtype === "f64");

describe.skipIf(!hasSoftwareGpu)("on SwiftShader", () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await softwareDevice();
  });
  afterAll(() => device.destroy());

  const holds =
    (options: Parameters<typeof evaluate>[2] = {}) =>
    async (one: Case): Promise<void> => {
      fc.pre(!hasF64(one.graph));
      const expected = interpret(one);
      fc.pre(isTame(expected));
      expectSame(await evaluate(device, one, options), expected);
    };
  test.prop([sample()], runs(20))("random graphs, a kernel a value", holds({ fuse: false }));
  const tile = fc.constantFrom(...tiles);
  test.prop([contractions(), tile, fc.constantFrom(1, 3)], runs(40))("contractions by any tile, in parts", (one, tile, parts) =>
    holds({ choose: () => [{ choice: { tile, parts } }] })(one),
  );
});
