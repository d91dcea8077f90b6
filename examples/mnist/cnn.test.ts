import { adamInit, heNormal, randomKey, splitKey, tensor, zeros } from "cotangent";
import { expect, test } from "vitest";
import { instantiate } from "../../backends/loops/instantiate.ts";
import { read } from "../../codegen/source/reading.test-source.ts";
import { type Params, trainStep } from "./cnn.ts";
import { loadMnist } from "./data.ts";
import { batches, type Digits } from "./digits.ts";

function initialParams(): Params {
  const [a, rest] = splitKey(randomKey(1));
  const [b, c] = splitKey(rest);
  return {
    first: { w: heNormal(a, [3, 3, 1, 8]), b: zeros([8]) },
    second: { w: heNormal(b, [3, 3, 8, 16]), b: zeros([16]) },
    out: { w: heNormal(c, [784, 10]), b: zeros([10]) },
  };
}
const inputs = ({ count, images, labels }: Digits) => [tensor(images, [count, 28, 28, 1]), tensor(labels, [count], "i32"), 0.002] as const;
const built = instantiate(read(`${import.meta.dirname}/cnn.ts`).functions);

test("built, two steps are what they are eagerly", async () => {
  const p = initialParams();
  const session = (await built).trainStep.start({ p, opt: adamInit(p) }, { max: { B: 3 } });
  let carry = { p, opt: adamInit(p) };
  const source = batches(loadMnist().train, { seed: 1, size: 3 });
  for (let step = 0; step < 2; step++) {
    const batch = inputs(source.next().value as Digits);
    const [next, loss] = trainStep(carry, ...batch);
    carry = next;
    expect((await session.step(...batch).data())[0]).toBeCloseTo((await loss.data())[0]!, 5);
  }
});

test("it learns", async () => {
  const p = initialParams();
  const session = (await built).trainStep.start({ p, opt: adamInit(p) }, { max: { B: 32 } });
  const source = batches(loadMnist().train, { seed: 1, size: 32 });
  const losses: number[] = [];
  for (let step = 0; step < 40; step++) losses.push((await session.step(...inputs(source.next().value as Digits)).data())[0]);
  const mean = (some: readonly number[]) => some.reduce((a, b) => a + b, 0) / some.length;
  expect(mean(losses.slice(-5))).toBeLessThan(mean(losses.slice(0, 5)) / 2);
});
