import { add, matmul, mean, model, relu, sgd, softmaxCrossEntropy, type Tensor, valueAndGrad } from "cotangent";

export type Params = {
  first: { w: Tensor<[784, 512]>; b: Tensor<[512]> };
  second: { w: Tensor<[512, 512]>; b: Tensor<[512]> };
  out: { w: Tensor<[512, 10]>; b: Tensor<[10]> };
};

const loss = model((p: Params, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">) => {
  const h = relu(add(matmul(x, p.first.w), p.first.b));
  const g = relu(add(matmul(h, p.second.w), p.second.b));
  return mean(softmaxCrossEntropy(add(matmul(g, p.out.w), p.out.b), y));
});

/** A network wide enough that its matrix products are all that counts, under plain SGD. */
export const sgdStep = model((p: Params, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(p, x, y);
  return [sgd(p, grad, { lr }), value];
});
