/** Three steps of the MNIST MLP, whole vectors and tiles of it: every backend computes what generated loops compute. */
import { expect, test } from "vitest";
import { zeros } from "../dsl/lib/init.ts";
import { adamInit } from "../dsl/lib/optim.ts";
import { leavesOf } from "../dsl/tree.ts";
import { concrete, type Value, valueOf } from "../dsl/value.ts";
import { backends, fetched, type Instantiable } from "./backends.test-source.ts";
import { difference, mnistStep, near, nearParameters, noise } from "./machine.test-source.ts";

const graph = mnistStep();
const p = {
  hidden: { w: noise(1, [784, 128], [-0.08, 0.08]), b: zeros([128]) },
  out: { w: noise(2, [128, 10], [-0.2, 0.2]), b: zeros([10]) },
};

/** The carry and the loss after each of three steps. */
async function train({ instantiate }: Instantiable, batch: number, options = {}) {
  const session = (await instantiate([graph], options)).trainStep.start({ p, opt: adamInit(p) });
  const all: { path: string; data: ArrayLike<number> }[] = [];
  for (let step = 0; step < 3; step++) {
    const y = concrete(
      Int32Array.from({ length: batch }, (_, i) => (i * 7 + step) % 10),
      [batch],
      "i32",
    );
    const loss = session.step(noise(10 + step, [batch, 784], [-1, 1]), y, 0.001);
    for (const { path, value } of leavesOf([await session.carry(), await fetched(loss)]))
      all.push({ path: `${path} after step ${step + 1}`, data: valueOf(value as Value).buffer as ArrayLike<number> });
  }
  return all;
}

const [loops, ...others] = backends as [Instantiable, ...Instantiable[]];
test.each(
  others.flatMap((backend) => [
    { backend, name: backend.name, batch: 32, options: {} },
    { backend, name: `${backend.name}, a kernel a value`, batch: 5, options: { fuse: false, reuse: false } },
  ]),
)("$name", async ({ backend, batch, options }) => {
  const expected = await train(loops, batch);
  for (const [k, { path, data }] of (await train(backend, batch, options)).entries())
    expect(difference(data, expected[k]?.data as ArrayLike<number>), path).toBeLessThan(path.startsWith("[0].p.") ? nearParameters : near);
});
