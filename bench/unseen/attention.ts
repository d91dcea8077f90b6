import { add, matmul, mean, model, mul, reshape, sgd, softmax, sub, type Tensor, transpose, valueAndGrad } from "cotangent";

export type Params = { q: Tensor<[128, 128]>; k: Tensor<[128, 128]>; v: Tensor<[128, 128]>; o: Tensor<[128, 128]> };

const loss = model((p: Params, x: Tensor<[8, 64, 128]>) => {
  const heads = (w: Tensor<[128, 128]>) => transpose(reshape(matmul(x, w), [8, 64, 4, 32]), [0, 2, 1, 3]);
  const [q, k, v] = [heads(p.q), heads(p.k), heads(p.v)];
  const a = softmax(mul(matmul(q, transpose(k, [0, 1, 3, 2])), 1 / Math.sqrt(32)));
  const y = matmul(reshape(transpose(matmul(a, v), [0, 2, 1, 3]), [8, 64, 128]), p.o);
  const d = sub(add(x, y), 1);
  return mean(mul(d, d));
});

/** One block of attention: 8 sequences of 64 tokens, 4 heads of 32. */
export const attentionStep = model((p: Params, x: Tensor<[8, 64, 128]>) => {
  const { value, grad } = valueAndGrad(loss)(p, x);
  return [sgd(p, grad, { lr: 0.01 }), value];
});
