import { add, conv2d, mean, model, mul, relu, sgd, type Tensor, valueAndGrad } from "cotangent";

export type Params = { a: Tensor<[3, 3, 16, 32]>; b: Tensor<[5, 5, 32, 24]>; c: Tensor<[24]> };

const loss = model((p: Params, x: Tensor<["B", 32, 32, 16]>) => {
  const h = relu(conv2d(x, p.a, { stride: 2, padding: "same" }));
  const y = add(conv2d(h, p.b, { padding: 2 }), p.c);
  return mean(mul(y, y));
});

/** Two convolutions, one with stride 2, one with a filter of 5 × 5. */
export const stridedStep = model((p: Params, x: Tensor<["B", 32, 32, 16]>) => {
  const { value, grad } = valueAndGrad(loss)(p, x);
  return [sgd(p, grad, { lr: 0.01 }), value];
});
