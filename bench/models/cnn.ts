import { model, sgd, type Tensor, valueAndGrad } from "cotangent";
import { loss, type Params } from "../../examples/mnist/cnn.ts";

/** The MNIST convolutional network under plain SGD. */
export const sgdStep = model((p: Params, x: Tensor<["B", 28, 28, 1]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(p, x, y);
  return [sgd(p, grad, { lr }), value];
});
