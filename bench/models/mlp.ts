import { model, sgd, type Tensor, valueAndGrad } from "cotangent";
import { loss, type Params } from "../../examples/mnist/mlp.ts";

/** The MNIST network under plain SGD: what every peer can do too. */
export const sgdStep = model((p: Params, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(p, x, y);
  return [sgd(p, grad, { lr }), value];
});
