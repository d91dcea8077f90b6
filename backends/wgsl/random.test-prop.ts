/** Every shader computes what the interpreter computes: random graphs, and programs whose sizes decide how they are computed. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { afterAll, beforeAll, describe } from "vitest";
import { type Graph, resultLeaves } from "../../codegen/graph.ts";
import { expectSame, interpret, isTame } from "../../codegen/oracle.test-source.ts";
import { type Sample, sample } from "../../codegen/random-graph.test-source.ts";
import { topological } from "../../dsl/differentiate.ts";
import { runs } from "../../proofs/runs.ts";
import { contractions, movements, reductions } from "../shapes.test-source.ts";
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
  test.prop([sample()], runs(40))("random graphs", holds());
  test.prop([sample()], runs(15))("random graphs, unfused", holds({ fuse: false }));
  test.prop([contractions()], runs(40))("contractions", holds());
  const tile = fc.constantFrom(...tiles, ...tiles.flatMap(({ otherwise }) => otherwise ?? []));
  test.prop([contractions(), tile, fc.constantFrom(1, 3)], runs(40))("contractions by any tile, in parts", (one, tile, parts) =>
    holds({ choose: () => [{ choice: { tile, parts } }] })(one),
  );
  test.prop([reductions()], runs(40))("reductions", holds());
  test.prop([movements()], runs(40))("movements", holds());
});
