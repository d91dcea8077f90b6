import { type AdamState, adam, add, matmul, mean, model, relu, softmaxCrossEntropy, type Tensor, valueAndGrad } from "cotangent";

export type Params = {
  hidden: { w: Tensor<[784, 128]>; b: Tensor<[128]> };
  out: { w: Tensor<[128, 10]>; b: Tensor<[10]> };
};

export const logits = model((p: Params, x: Tensor<["B", 784]>) => {
  const h = relu(add(matmul(x, p.hidden.w), p.hidden.b));
  return add(matmul(h, p.out.w), p.out.b);
});

export const loss = model((p: Params, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">) => mean(softmaxCrossEntropy(logits(p, x), y)));

/** A step: (carry, ...inputs) => [carry, output]. `lr` is a number parameter: a run-time scalar, so a schedule needs no rebuild. */
export const trainStep = model((s: { p: Params; opt: AdamState<Params> }, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(s.p, x, y);
  const [p, opt] = adam(s.p, grad, s.opt, { lr });
  return [{ p, opt }, value];
});
