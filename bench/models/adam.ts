import { type AdamState, adam, model, type Tensor, valueAndGrad } from "cotangent";
import { loss, type Params } from "../../examples/mnist/mlp.ts";

/** The MNIST network under Adam. */
export const adamStep = model((s: { p: Params; opt: AdamState<Params> }, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(s.p, x, y);
  const [p, opt] = adam(s.p, grad, s.opt, { lr });
  return [{ p, opt }, value];
});
