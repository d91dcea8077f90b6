import { adamInit, tensor } from "cotangent";
import { expect, test } from "vitest";
import { trainStep } from "./cnn.ts";
import load from "./cnn.wasm.ts";
import { loadMnist } from "./data.ts";
import { batches, type Digits } from "./digits.ts";
import { mean } from "./history.ts";
import { cnnParams } from "./initial.ts";

const LR = 4e-3;
const { train } = loadMnist();
const p = cnnParams(1);
const inputs = ({ count, images, labels }: Digits) => [tensor(images, [count, 28, 28, 1]), tensor(labels, [count], "i32"), LR] as const;

test("built, its steps are what they are eagerly", async () => {
  const session = (await load()).trainStep.start({ p, opt: adamInit(p) }, { max: { B: 3 } });
  let carry = { p, opt: adamInit(p) };
  for (const batch of batches({ ...train, count: 12 }, { seed: 1, size: 3 })) {
    const [next, loss] = trainStep(carry, ...inputs(batch));
    carry = next;
    expect((await session.step(...inputs(batch)).data())[0]).toBeCloseTo((await loss.data())[0]!, 5);
  }
});

test("it learns", async () => {
  const session = (await load()).trainStep.start({ p, opt: adamInit(p) }, { max: { B: 32 } });
  const losses: number[] = [];
  for (const batch of batches({ ...train, count: 1920 }, { seed: 1, size: 32 }))
    losses.push((await session.step(...inputs(batch)).data())[0]!);
  expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) / 3);
});
