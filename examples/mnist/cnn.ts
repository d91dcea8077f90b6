import {
  type AdamState,
  adam,
  add,
  conv2d,
  dim,
  matmul,
  maxPool2d,
  mean,
  model,
  relu,
  reshape,
  softmaxCrossEntropy,
  type Tensor,
  valueAndGrad,
} from "cotangent";

export type Params = {
  first: { w: Tensor<[3, 3, 1, 8]>; b: Tensor<[8]> };
  second: { w: Tensor<[3, 3, 8, 16]>; b: Tensor<[16]> };
  out: { w: Tensor<[784, 10]>; b: Tensor<[10]> };
};

export const logits = model((p: Params, x: Tensor<["B", 28, 28, 1]>) => {
  const first = relu(add(conv2d(x, p.first.w, { padding: "same" }), p.first.b));
  const half = maxPool2d(first, { window: 2 });
  const second = relu(add(conv2d(half, p.second.w, { padding: "same" }), p.second.b));
  const quarter = maxPool2d(second, { window: 2 });
  return add(matmul(reshape(quarter, [dim(x, 0), 784]), p.out.w), p.out.b);
});

export const loss = model((p: Params, x: Tensor<["B", 28, 28, 1]>, y: Tensor<["B"], "i32">) => mean(softmaxCrossEntropy(logits(p, x), y)));

/** A step: (carry, ...inputs) => [carry, output]. `lr` is a number parameter: a run-time scalar, so a schedule needs no rebuild. */
export const trainStep = model(
  (s: { p: Params; opt: AdamState<Params> }, x: Tensor<["B", 28, 28, 1]>, y: Tensor<["B"], "i32">, lr: number) => {
    const { value, grad } = valueAndGrad(loss)(s.p, x, y);
    const [p, opt] = adam(s.p, grad, s.opt, { lr });
    return [{ p, opt }, value];
  },
);
