/** Sizes that types leave open: what `open.test.ts` and `write.test.ts` read. */
import {
  add,
  concat,
  grad,
  layerNorm,
  matmul,
  mean,
  model,
  mul,
  relu,
  reshape,
  slice,
  softmaxCrossEntropy,
  sum,
  type Tensor,
  tanh,
  transpose,
  valueAndGrad,
} from "cotangent";

export type Layer = { w: Tensor<[number, number]>; b: Tensor<[number]> };

/** Every size of the parameters is found: from each other, from a name, from a number. */
export const network = model((p: { layers: [Layer, Layer] }, x: Tensor<["B", 8]>, y: Tensor<[number], "i32">) => {
  const [first, second] = p.layers;
  const h = relu(add(matmul(x, first.w), first.b));
  return mean(softmaxCrossEntropy(add(matmul(h, second.w), second.b), y));
});

/** The parts of a whole of which no one knows how long it is. */
export const parts = model((p: { middle: Tensor<["B"]>; first: Tensor<[number]>; last: Tensor<[3]> }, w: Tensor<[number]>) => {
  const whole = concat([p.first, p.middle, p.last], 0);
  return sum(mul(mul(whole, whole), w));
});

/** Products, a part of one, a multiple. */
export const pairs = model((p: Tensor<[number, "B", 3]>, w: Tensor<[number, number]>) => {
  const rows = reshape(p, [-1, 6]);
  const cut = slice(w, [[0, -1], null]);
  return sum(mul(tanh(matmul(rows, transpose(cut))), sum(mul(rows, rows), 1, { keepDims: true })));
});

/** A function inside of another: what it takes from around it is open too. */
export const inner = model((x: Tensor<[number, number]>, gain: Tensor<[number]>) => {
  const g = grad((v: Tensor<[number]>) => sum(mul(layerNorm(x, gain, v), v)))(gain);
  return sum(mul(g, g));
});

/** A step, whose carry has an open size. */
export const step = model((p: Layer, x: Tensor<[number, number]>, lr: number) => {
  const { value, grad } = valueAndGrad((q: Layer, x: Tensor<[number, number]>) => mean(tanh(add(matmul(x, q.w), q.b))))(p, x);
  return [{ w: add(p.w, mul(grad.w, lr)), b: add(p.b, mul(grad.b, lr)) }, value];
});

export const all = model(
  (
    p: {
      network: { layers: [Layer, Layer] };
      parts: { middle: Tensor<["B"]>; first: Tensor<[number]>; last: Tensor<[3]> };
      pairs: Tensor<[number, "B", 3]>;
      inner: Tensor<[number, number]>;
    },
    x: Tensor<["B", 8]>,
    y: Tensor<["B"], "i32">,
    w: Tensor<[number]>,
    m: Tensor<[number, number]>,
  ) => [
    valueAndGrad(network)(p.network, x, y),
    valueAndGrad(parts)(p.parts, w),
    valueAndGrad(pairs)(p.pairs, m),
    valueAndGrad(inner)(p.inner, w),
  ],
);
