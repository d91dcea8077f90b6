// A page that trains the MNIST MLP: what `bundle-mlp-gzip` weighs. Another target is this with one import changed (bundle.ts).
import { tensor } from "cotangent/tensor";
import type { Train } from "../library.ts";
import load from "../models/mlp.loops.ts";

export const train: Train = async ({ batch, lr, layers: [hidden, out], images, labels }, steps) => {
  const { sgdStep } = await load();
  const session = sgdStep.start({
    hidden: { w: tensor(hidden!.w, [784, 128]), b: tensor(hidden!.b, [128]) },
    out: { w: tensor(out!.w, [128, 10]), b: tensor(out!.b, [10]) },
  });
  const x = tensor(images, [batch, 784]);
  const y = tensor(labels, [batch], "i32");
  for (let i = 0; i < steps; i++) session.step(x, y, lr);
  const trained = await session.carry();
  return Promise.all([trained.hidden.w.data(), trained.hidden.b.data(), trained.out.w.data(), trained.out.b.data()]);
};
