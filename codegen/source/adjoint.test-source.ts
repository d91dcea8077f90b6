/** One function a feature of the writer, each under a `grad`: `write.test.ts` holds that what is written of each is the derivative. */
import {
  abs,
  add,
  broadcastTo,
  concat,
  cos,
  dim,
  div,
  dotGeneral,
  erf,
  exp,
  gather,
  grad,
  layerNorm,
  less,
  log,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  minimum,
  model,
  mul,
  oneHot,
  pad,
  pow,
  relu,
  reshape,
  scatterAdd,
  sigmoid,
  sin,
  slice,
  softmax,
  sqrt,
  squareLoss,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  uniform,
  valueAndGrad,
  where,
  zeros,
} from "cotangent";

type Rows = Tensor<["B", 8]>;

/** Broadcast over rows and over columns. */
export const normalised = model((p: { gain: Tensor<[8]>; bias: Tensor<[8]>; shift: Tensor<["B", 1]> }, x: Rows) => {
  const moved = add(x, p.shift);
  return mean(squareLoss(layerNorm(moved, p.gain, p.bias), 1));
});

/** gather and scatter-add, each the other's adjoint. */
export const embedded = model((p: { table: Tensor<["V", 4]>; w: Tensor<[4, 3]> }, words: Tensor<["B", "T"], "i32">) => {
  const e = gather(p.table, words);
  const counts = scatterAdd(zeros([dim(p.table, 0), 3]), words, matmul(e, p.w));
  return sum(mul(counts, counts));
});

/** Contractions with batches and without; scores over two axes of one size. */
export const attended = model((p: { q: Tensor<[8, 4]>; k: Tensor<[8, 4]>; v: Tensor<[8, 4]> }, x: Tensor<["B", "T", 8]>) => {
  const scores = div(matmul(matmul(x, p.q), transpose(matmul(x, p.k))), 2);
  return sum(matmul(softmax(scores), matmul(x, p.v)));
});

export const contracted = model(
  (p: { a: Tensor<[3, 4, 5]>; v: Tensor<[6]> }, x: Tensor<[5, 6, 3]>) =>
  sum(exp(dotGeneral(dotGeneral(p.a, x, { contract: [[0, 2], [2, 0]] }), p.v, { contract: [[1], [0]] }))), // biome-ignore format: axes in pairs
);

/** Sizes that are expressions; positions from the end. */
export const shifted = model((p: Tensor<[]>, x: Tensor<["B", "T+1"]>) => {
  const before = slice(x, [null, [0, -1]]);
  const after = slice(mul(x, p), [null, [1, dim(x, 1)]]);
  return sum(mul(before, tanh(after)));
});

export const joined = model(
  (p: { a: Tensor<["B", 3]> }, x: Tensor<["B", 4]>) =>
  sum(exp(concat([p.a, pad(mul(x, sum(p.a)), [[0, 0], [1, 2]]), p.a], 1))), // biome-ignore format: a pair an axis
);

export const flattened = model((p: { w: Tensor<[8, 5]>; scale: Tensor<[]> }, x: Tensor<["B", 2, 4]>) => {
  const flat = matmul(reshape(x, [dim(x, 0), 8]), p.w);
  return sum(sin(mul(reshape(flat, [-1]), p.scale)));
});

/** Where it is not smooth. */
export const kinked = model((p: Tensor<["B", 8]>, x: Rows) => max(maximum(minimum(p, x), abs(pow(relu(p), 3)))));

export const smooth = model((p: Tensor<["B", 8]>) => {
  const positive = add(exp(p), 0.5);
  return sum(logSumExp(mul(sin(log(positive)), cos(erf(sqrt(positive)))), 0));
});

/** Constants: numbers that do not fit in f32, arrays, tables. */
export const doubled = model((p: Tensor<[3, 2], "f64">) => {
  const table = tensor([1.5, 2.5], [2], "f64");
  return mean(mul(mul(p, 0.1), broadcastTo(table, [3, 2])));
});

export const hot = model((p: Tensor<[10]>, y: Tensor<["B"], "i32">) => sum(mul(oneHot(y, 10), sigmoid(p))));

/** Random bits; a mask that the derivative shares. */
export const dropped = model((p: Tensor<[8]>, x: Rows, key: Tensor<[2], "i32">) => {
  const kept = less(uniform(key, [dim(x, 0), 8]), 0.5);
  return sum(where(kept, mul(x, p), 0));
});

/** Integer leaves have no gradient, unused ones a gradient of zeros; tuples; keys that are no identifiers. */
export const partial = model(
  (p: { layers: [{ "w-0": Tensor<[8, 8]> }, { "w-0": Tensor<[8, 8]> }]; steps: Tensor<[3], "i32">; unused: Tensor<["B", 8]> }, x: Rows) =>
    mean(tanh(matmul(tanh(matmul(x, p.layers[0]["w-0"])), stopGradient(p.layers[1]["w-0"])))),
);

/** Names that mean something else in the module that is written. */
export const named = model((sum: Tensor<[8]>, exp: Rows, B: Tensor<[]>) => {
  const model = mul(exp, sum);
  const add_1 = sub(model, B);
  const tanh_1 = tanh(tanh(add_1));
  const Model = mean(mul(tanh_1, tanh_1), 1, { keepDims: true });
  return mean(mul(Model, model));
});

/** A derivative in a derivative, and a number that is known only at run time. */
export const squared = model((p: Tensor<[8, 2]>, x: Rows, rate: number) => {
  const g = grad((q: Tensor<[8, 2]>) => sum(sigmoid(matmul(x, q))))(p);
  return mul(sum(mul(g, g)), rate);
});

export const all = model(
  (
    rows: Rows,
    p: {
      normalised: { gain: Tensor<[8]>; bias: Tensor<[8]>; shift: Tensor<["B", 1]> };
      embedded: { table: Tensor<["V", 4]>; w: Tensor<[4, 3]> };
      attended: { q: Tensor<[8, 4]>; k: Tensor<[8, 4]>; v: Tensor<[8, 4]> };
      contracted: { a: Tensor<[3, 4, 5]>; v: Tensor<[6]> };
      joined: { a: Tensor<["B", 3]> };
      flattened: { w: Tensor<[8, 5]>; scale: Tensor<[]> };
      doubled: Tensor<[3, 2], "f64">;
      hot: Tensor<[10]>;
      vector: Tensor<[8]>;
      scalar: Tensor<[]>;
      partial: { layers: [{ "w-0": Tensor<[8, 8]> }, { "w-0": Tensor<[8, 8]> }]; steps: Tensor<[3], "i32">; unused: Tensor<["B", 8]> };
      squared: Tensor<[8, 2]>;
    },
    words: Tensor<["B", "T"], "i32">,
    sequence: Tensor<["B", "T", 8]>,
    cube: Tensor<[5, 6, 3]>,
    longer: Tensor<["B", "T+1"]>,
    four: Tensor<["B", 4]>,
    split: Tensor<["B", 2, 4]>,
    labels: Tensor<["B"], "i32">,
    key: Tensor<[2], "i32">,
    rate: number,
  ) => ({
    normalised: valueAndGrad(normalised)(p.normalised, rows),
    embedded: valueAndGrad(embedded)(p.embedded, words),
    attended: valueAndGrad(attended)(p.attended, sequence),
    contracted: valueAndGrad(contracted)(p.contracted, cube),
    shifted: valueAndGrad(shifted)(p.scalar, longer),
    joined: valueAndGrad(joined)(p.joined, four),
    flattened: valueAndGrad(flattened)(p.flattened, split),
    kinked: valueAndGrad(kinked)(rows, rows),
    smooth: valueAndGrad(smooth)(rows),
    doubled: valueAndGrad(doubled)(p.doubled),
    hot: valueAndGrad(hot)(p.hot, labels),
    dropped: valueAndGrad(dropped)(p.vector, rows, key),
    partial: valueAndGrad(partial)(p.partial, rows),
    named: valueAndGrad(named)(p.vector, rows, p.scalar),
    squared: valueAndGrad(squared)(p.squared, rows, rate),
  }),
);
