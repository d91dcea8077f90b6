import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type AdamState, adamInit, type Tensor, tensor } from "cotangent";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasSoftwareGpu, softwareGpu } from "../../backends/wgsl/swiftshader.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { loadMnist } from "./data.ts";
import { batches, type Digits, PIXELS } from "./digits.ts";
import { mlpParams } from "./initial.ts";
import loadLoops from "./mlp.loops.ts";
import { type Params, trainStep } from "./mlp.ts";
import loadWasm from "./mlp.wasm.ts";
import loadWgsl from "./mlp.wgsl.ts";
import { adam, adamState, copyOf, lossAndGradient } from "./reference.ts";
import { encodeSafetensors } from "./safetensors.ts";
import { scoreOn } from "./score.ts";

const SEED = 1;
const LR = 1e-3;
const { train, test: held } = loadMnist();

const p = mlpParams(SEED);
const firstBatches = [...batches({ ...train, count: 3200 }, { seed: SEED, size: 32 })];
const inputs = ({ count, images, labels }: Digits) => [tensor(images, [count, PIXELS]), tensor(labels, [count], "i32")] as const;

describe("training on MNIST goes as it does in float64 by hand", () => {
  /** Of the first batches, by hand. */
  const expected: number[] = [];
  beforeAll(async () => {
    const { hidden, out } = p;
    const reference = copyOf({
      hidden: { w: await hidden.w.data(), b: await hidden.b.data() },
      out: { w: await out.w.data(), b: await out.b.data() },
    });
    const state = adamState(reference);
    for (const batch of firstBatches) {
      const { loss, grad } = lossAndGradient(reference, batch);
      adam(reference, grad, state, LR);
      expected.push(loss);
    }
  });
  function expectSame(losses: readonly number[]): void {
    for (const [step, loss] of losses.entries()) expect(Math.abs(loss / expected[step]! - 1), `step ${step}: ${loss}`).toBeLessThan(1e-4);
  }

  const onSoftwareGpu: typeof loadWasm = async () => {
    const adapter = await (await softwareGpu()).requestAdapter();
    return loadWgsl({ adapter: adapter! });
  };
  test.each<[string, typeof loadWasm]>([
    ["wasm", loadWasm],
    ["loops", loadLoops],
    ...(hasSoftwareGpu ? [["wgsl", onSoftwareGpu] as const satisfies [string, typeof loadWasm]] : []),
  ])("%s: the losses of the first 100 steps", { timeout: 120_000 }, async (_, load) => {
    const session = (await load()).trainStep.start({ p, opt: adamInit(p) }, { max: { B: 32 } });
    const losses: number[] = [];
    for (const batch of firstBatches) losses.push((await session.step(...inputs(batch), LR).data())[0]!);
    expectSame(losses);
    expect(losses.at(-1)).toBeLessThan(losses[0]! / 2);
  });

  test("eager: the losses of the first 3", async () => {
    let carry: { p: Params; opt: AdamState<Params> } = { p, opt: adamInit(p) };
    const losses: number[] = [];
    for (const batch of firstBatches.slice(0, 3)) {
      const [next, loss] = trainStep(carry, ...inputs(batch), LR);
      carry = next;
      losses.push((await loss.data())[0]!);
    }
    expectSame(losses);
  });
});

describe("a checkpoint", () => {
  const folder = mkdtempSync(join(tmpdir(), "mnist-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "mlp.safetensors");

  test("scores what the model scores", async () => {
    const { logits } = await loadWasm();
    await saveCheckpoint(file, p, { seed: "1" });
    const scoreOf = (p: Params) => scoreOn((pixels, count) => logits(p, tensor(pixels, [count, PIXELS])), { ...held, count: 1500 });
    expect(await scoreOf(loadCheckpoint(file, p))).toEqual(await scoreOf(p));
  });

  test.each<[string, Record<string, { shape: number[]; data: Float32Array }>, string]>([
    ["without a tensor", {}, 'checkpoint: "hidden.w" must be f32 [784, 128]: missing in '],
    [
      "with another shape",
      { "hidden.w": { shape: [128, 784], data: new Float32Array(784 * 128) } },
      'checkpoint: "hidden.w" must be f32 [784, 128]: Float32Array [128, 784] in ',
    ],
  ])("%s is refused", (_, tensors, message) => {
    const other = join(folder, "other.safetensors");
    writeFileSync(other, encodeSafetensors({ tensors, metadata: {} }));
    expect(() => loadCheckpoint(other, p)).toThrow(message);
  });
});

test("a score is exact: right, wrong, and the loss", async () => {
  const rows: Tensor<[2, 10]> = tensor(
    Float32Array.from({ length: 20 }, (_, i) => (i === 3 || i === 17 ? Math.log(9) : 0)),
    [2, 10],
  );
  const digits: Digits = { count: 2, images: new Float32Array(2 * PIXELS), labels: Int32Array.of(3, 1) };
  const score = await scoreOn(() => rows, digits);
  // Each row is nine zeros and log 9, so its probabilities are 1/18 and 1/2.
  expect(score.accuracy).toBe(0.5);
  expect(score.mistakes).toEqual([{ index: 1, predicted: 7, probability: expect.closeTo(0.5, 6) }]);
  expect(score.loss).toBeCloseTo((Math.log(2) + Math.log(18)) / 2, 6);
});
