import { matmul, mean, model, mul, sgd, type Tensor, tanh, valueAndGrad } from "cotangent";

export type Params = { a: Tensor<[301, 203]>; b: Tensor<[203, 77]> };

const loss = model((p: Params, x: Tensor<["B", 301]>) => {
  const y = matmul(tanh(matmul(x, p.a)), p.b);
  return mean(mul(y, y));
});

/** Sizes that no tile and no vector divides. */
export const oddStep = model((p: Params, x: Tensor<["B", 301]>) => {
  const { value, grad } = valueAndGrad(loss)(p, x);
  return [sgd(p, grad, { lr: 0.01 }), value];
});
