/** Sizes at which shaders are run another way: more workgroups than an axis holds, parts that come out uneven, rows of all lengths, fours. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectSame, interpret } from "../../codegen/oracle.test-source.ts";
import { compile } from "../../codegen/pipeline.ts";
import { inputsFor } from "../../codegen/random-graph.test-source.ts";
import { softmax } from "../../dsl/lib/softmax.ts";
import { broadcastTo, max, mean, sum } from "../../dsl/ops/broadcast.ts";
import { matmul } from "../../dsl/ops/dot.ts";
import { scatterAddIntoZeros } from "../../dsl/ops/gather.ts";
import { reverse, transpose } from "../../dsl/ops/reshape.ts";
import * as s from "../../dsl/ops/scalar.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { spec, traced } from "../traced.test-source.ts";
import { emitShaders } from "./kernel.ts";
import { evaluate, softwareDevice } from "./run.test-source.ts";
import { MOST_GROUPS, type Shader, UNIT } from "./shader.ts";
import { hasSoftwareGpu } from "./swiftshader.ts";

type Case = readonly [name: string, f: (...args: Value[]) => unknown, shapes: readonly (readonly Dim[])[]];

const cases: readonly Case[] = [
  ["more workgroups than an axis of a dispatch holds", (x) => sum(x, 1), [[MOST_GROUPS + 5, 32, 4]]],
  ["the same, of which the number comes with the call", (x) => sum(x, 1), [["MANY", 32, 4]]],
  ["a row in parts, folded once", (x) => sum(x), [[70_001]]],
  ["a maximum in parts, with what becomes of it", (x) => s.add(max(x), 1), [[300, 500]]],
  ["columns in parts", (x, y) => s.mul(sum(x, 0), y), [[10_007, 12], [12]]],
  ["columns of odd length in parts", (x) => mean(x, 0), [[5_003, 7]]],
  ["a softmax as long as a workgroup's registers", (x) => softmax(x), [[5, 4096]]],
  ["a softmax that is longer", (x) => softmax(x), [[3, 5000]]],
  ["a softmax that fills its last turn in part", (x) => softmax(x), [[9, 300]]],
  ["a softmax along what lies apart", (x) => softmax(x, 0), [[100, 1028]]],
  ["a row that is read backwards after it was written", (x) => s.add(reverse(softmax(x), 1), x), [[6, 260]]],
  [
    "what rows have, for a number of rows that is no multiple of 4",
    (x) => [sum(x, 1), s.mul(x, sum(x, 1, { keepDims: true }))],
    [["R", 128]],
  ],
  ["a bool for each row", (x) => [s.less(sum(x, 1), 0), s.sub(x, max(x, 1, { keepDims: true }))], [["R", 64]]],
  [
    "a product in parts that come out uneven",
    (x, y) => matmul(transpose(x), y),
    [
      [5_001, 20],
      [5_001, 24],
    ],
  ],
  [
    "a product for sizes as large as 16 KB can hold",
    (x, y) => s.maximum(matmul(x, y), 0),
    [
      ["M", 136],
      [136, 132],
    ],
  ],
  [
    "a value for each of a batch, columns and rows apart",
    (x, y) => matmul(x, y),
    [
      [3, 2, 33, 20],
      [3, 2, 20, 36],
    ],
  ],
  ["the mean of nothing", (x) => mean(x, 1), [[2, 0]]],
  ["nothing of everything", (x) => [sum(x, 0), max(x, 1), broadcastTo(sum(x), [3])], [[0, 5]]],
];
const sizes = { MANY: MOST_GROUPS + 5, R: 13, M: 260 };

describe.skipIf(!hasSoftwareGpu)("on SwiftShader", () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await softwareDevice();
  });
  afterAll(() => device.destroy());

  const holds = async (f: Case[1], specs: Readonly<Record<string, Value>>): Promise<void> => {
    const graph = traced("f", f as never, specs);
    const one = { graph, sizes, inputs: inputsFor(graph, sizes, 1) };
    expectSame(await evaluate(device, one), interpret(one));
  };
  test.each(cases)("%s", async (_, f, shapes) => {
    await holds(f, Object.fromEntries(shapes.map((shape, k) => [`x${k}`, spec(shape)])));
  });

  test("updates that meet are added in their order", async () => {
    const f = (at: Value, x: Value): Value => scatterAddIntoZeros(5, at, x);
    await holds(f, { at: spec([3000], "i32"), x: spec([3000, 3]) });
  });

  test("the same bits each time", async () => {
    const graph = traced("f", ((x: Value, y: Value) => [matmul(x, y), softmax(x), sum(y, 0)]) as never, {
      x: spec([65, 300]),
      y: spec([300, 70]),
    });
    const inputs = inputsFor(graph, {}, 3).map(
      (v) => ({ ...v, buffer: (v.buffer as Float32Array).map((x) => Math.fround(x / 3)) }) as Value,
    );
    const [first, second] = [await evaluate(device, { graph, sizes: {}, inputs }), await evaluate(device, { graph, sizes: {}, inputs })];
    expect(first.map(({ buffer }) => buffer)).toEqual(second.map(({ buffer }) => buffer));
  });

  test("where there is less workgroup memory, other tiles give the same", async () => {
    const graph = traced("f", ((x: Value, y: Value) => matmul(x, y)) as never, { x: spec([1024, 24]), y: spec([24, 2048]) });
    const one = { graph, sizes: {}, inputs: inputsFor(graph, {}, 4) };
    expectSame(await evaluate(device, one, { workgroupBytes: 16384 }), interpret(one));
  });

  test("the largest tile, for which there is no room here, is a shader all the same", async () => {
    const graph = traced("f", ((x: Value, y: Value) => matmul(x, y)) as never, { x: spec([4096, 4096]), y: spec([4096, 4096]) });
    const [shader] = emitShaders(compile(graph, { align: UNIT })) as [Shader];
    expect(shader.workgroupBytes).toBeGreaterThan(16384);
    const { messages } = await device.createShaderModule({ code: shader.code }).getCompilationInfo();
    expect(messages).toEqual([]);
  });
});
