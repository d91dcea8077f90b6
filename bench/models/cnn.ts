import {
  add,
  conv2d,
  dim,
  matmul,
  maxPool2d,
  mean,
  model,
  relu,
  reshape,
  sgd,
  softmaxCrossEntropy,
  type Tensor,
  valueAndGrad,
} from "cotangent";

export type Params = {
  first: { w: Tensor<[3, 3, 1, 8]>; b: Tensor<[8]> };
  second: { w: Tensor<[3, 3, 8, 16]>; b: Tensor<[16]> };
  out: { w: Tensor<[784, 10]>; b: Tensor<[10]> };
};

const loss = model((p: Params, x: Tensor<["B", 28, 28, 1]>, y: Tensor<["B"], "i32">) => {
  const h = maxPool2d(relu(add(conv2d(x, p.first.w, { padding: "same" }), p.first.b)), { window: 2 });
  const g = maxPool2d(relu(add(conv2d(h, p.second.w, { padding: "same" }), p.second.b)), { window: 2 });
  return mean(softmaxCrossEntropy(add(matmul(reshape(g, [dim(x, 0), 784]), p.out.w), p.out.b), y));
});

/** A small convolutional network for digits, under plain SGD. */
export const sgdStep = model((p: Params, x: Tensor<["B", 28, 28, 1]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(p, x, y);
  return [sgd(p, grad, { lr }), value];
});
