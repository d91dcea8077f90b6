// The exact type of every op's result.

import type { AdamState, Dim, DimValue, DType, Shape, Tensor } from "../index.ts";
import {
  abs,
  adam,
  adamInit,
  add,
  broadcastTo,
  cast,
  concat,
  cos,
  dim,
  div,
  dotGeneral,
  equal,
  erf,
  exp,
  foldIn,
  gather,
  glorotUniform,
  greater,
  greaterEqual,
  heNormal,
  iota,
  type Key,
  layerNorm,
  less,
  lessEqual,
  log,
  logicalAnd,
  logicalNot,
  logicalOr,
  logSumExp,
  matmul,
  max,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  normal,
  notEqual,
  oneHot,
  ones,
  pad,
  pow,
  randomBits,
  randomKey,
  relu,
  reshape,
  reverse,
  scatterAdd,
  sgd,
  shiftRight,
  sigmoid,
  sin,
  slice,
  softmax,
  softmaxCrossEntropy,
  splitKey,
  sqrt,
  squareLoss,
  stopGradient,
  sub,
  sum,
  tanh,
  tensor,
  transpose,
  uniform,
  where,
  zeros,
} from "../index.ts";
import type { Equal } from "./expect.test-tools.ts";

/** A tensor of a shape. */
declare function t<const S extends Dim[], D extends DType = "f32">(shape: S, dtype?: D): Tensor<S, D>;
/** `is<Tensor<[2]>>()(x, true)`: x has exactly this type. */
declare function is<E>(): <A>(x: A, same: Equal<A, E>) => void;
declare const n: number;
declare const unknownRank: Tensor<Shape>;

// elementwise
is<Tensor<["B", 128]>>()(add(t(["B", 128]), t([128])), true);
is<Tensor<["B", 128]>>()(sub(t(["B", 1]), t([128])), true);
is<Tensor<[4, "B", 128]>>()(mul(t([4, 1, 128]), t(["B", 128])), true);
is<Tensor<[4, "B", 128]>>()(div(t(["B", 128]), t([4, 1, 128])), true);
is<Tensor<["B"]>>()(maximum(t(["B"]), t([])), true);
is<Tensor<["B"]>>()(minimum(t([]), t(["B"])), true);
is<Tensor<["B"]>>()(pow(t(["B"]), 2), true);
is<Tensor<["B"]>>()(add(1, t(["B"])), true);
is<Tensor<["B"], "i32">>()(add(t(["B"], "i32"), 1), true);
is<Tensor<["B"], "i32">>()(shiftRight(t(["B"], "i32"), 8), true);
is<Tensor<["B"], "i32">>()(shiftRight(-1, t(["B"], "i32")), true);
is<Tensor<["B"], "f64">>()(add(t(["B"], "f64"), 0.5), true);
is<Tensor<[]>>()(mul(n, 0.9), true);
is<Tensor<[]>>()(div(sum(t(["B"])), dim(t(["B"]), 0)), true);
is<Tensor<["B*T"]>>()(add(t(["T*B"]), t(["B*T"])), true);
is<Tensor<["T+1"]>>()(add(t(["1+T"]), t(["T+1"])), true);
is<Tensor<[number, 128]>>()(add(t([n, 1]), t([128])), true);
is<Tensor<[32, 128]>>()(add(t([n, 128]), t([32, 128])), true);
is<Tensor<[32, 128]>>()(add(t([32, 128]), t([n, 128])), true);
is<Tensor>()(add(unknownRank, t([3])), true);
is<Tensor<["...L", "D"]>>()(add(t(["...L", "D"]), t(["D"])), true);
is<Tensor<["...L", "D"]>>()(mul(t(["...L", "D"]), t(["...L", 1])), true);
is<Tensor<["B", 10]>>()(neg(t(["B", 10])), true);
is<Tensor<["B"], "i32">>()(abs(t(["B"], "i32")), true);
is<Tensor<["B"], "f64">>()(exp(t(["B"], "f64")), true);
is<Tensor<["B"]>>()(log(t(["B"])), true);
is<Tensor<["B"]>>()(sqrt(t(["B"])), true);
is<Tensor<["B"]>>()(sin(cos(tanh(erf(t(["B"]))))), true);
is<Tensor<[]>>()(exp(n), true);
is<Tensor<["B", 10], "bool">>()(equal(t(["B", 10]), t([10])), true);
is<Tensor<["B"], "bool">>()(notEqual(t(["B"], "bool"), t(["B"], "bool")), true);
is<Tensor<["B"], "bool">>()(less(t(["B"], "i32"), 3), true);
is<Tensor<["B"], "bool">>()(lessEqual(0, t(["B"])), true);
is<Tensor<["B"], "bool">>()(greater(t(["B"]), 0), true);
is<Tensor<["B"], "bool">>()(greaterEqual(t(["B"]), t(["B"])), true);
is<Tensor<["B"], "bool">>()(logicalAnd(t(["B"], "bool"), logicalOr(t([], "bool"), logicalNot(t(["B"], "bool")))), true);
is<Tensor<["B", 10]>>()(where(less(t(["B", 10]), t([10])), t(["B", 10]), t([1])), true);
is<Tensor<["B", 10]>>()(where(t(["B", 1], "bool"), t([10]), 0), true);
is<Tensor<["B"], "i32">>()(where(t(["B"], "bool"), 1, t([], "i32")), true);
is<Tensor<["B"]>>()(where(t(["B"], "bool"), 1, 0), true);
is<Tensor<["B"], "i32">>()(cast(t(["B"]), "i32"), true);
is<Tensor<["B"]>>()(cast(t(["B"], "bool"), "f32"), true);
is<Tensor<["B"], "i32">>()(stopGradient(t(["B"], "i32")), true);

// matmul, dotGeneral
is<Tensor<[32, 10]>>()(matmul(t([32, 784]), t([784, 10])), true);
is<Tensor<["B", 10]>>()(matmul(t(["B", 784]), t([784, 10])), true);
is<Tensor<["B", 10], "f64">>()(matmul(t(["B", 784], "f64"), t([784, 10], "f64")), true);
is<Tensor<[8, "B", 32, 10]>>()(matmul(t([8, 1, 32, 784]), t(["B", 784, 10])), true);
is<Tensor<["B", 32, 10]>>()(matmul(t([32, 784]), t(["B", 784, 10])), true);
is<Tensor<["B", 10]>>()(matmul(t(["B", "T*H"]), t(["H*T", 10])), true);
is<Tensor<["...L", "T", 10]>>()(matmul(t(["...L", "T", 8]), t([8, 10])), true);
is<Tensor<["B", 10]>>()(matmul(t(["B", n]), t([784, 10])), true);
is<Tensor>()(matmul(unknownRank, t([784, 10])), true);
is<Tensor<["B", 8, "T", "S"]>>()(
  dotGeneral(t(["B", 8, "T", 64]), t(["B", 8, "S", 64]), {
    contract: [[3], [3]],
    batch: [
      [0, 1],
      [0, 1],
    ],
  }),
  true,
);
is<Tensor<["B", "H", 5, 6]>>()(
  dotGeneral(t([5, "H", "B"]), t(["B", 6, "H"]), {
    contract: [[], []],
    batch: [
      [2, 1],
      [0, 2],
    ],
  }),
  true,
);
is<Tensor<[4, 6]>>()(dotGeneral(t([4, 5]), t([5, 6]), { contract: [[-1], [0]] }), true);
is<Tensor<[]>>()(
  dotGeneral(t([4, 5]), t([5, 4]), {
    contract: [
      [0, 1],
      [1, 0],
    ],
  }),
  true,
);

// shape
is<Tensor<["B", 8, 16, 64]>>()(transpose(t(["B", 16, 8, 64]), [0, 2, 1, -1]), true);
is<Tensor<["B", 64, 16]>>()(transpose(t(["B", 16, 64])), true);
is<Tensor<["...L", 64, 16]>>()(transpose(t(["...L", 16, 64])), true);
is<Tensor<["B", 784]>>()(reshape(t(["B", 28, 28]), [dim(t(["B", 28, 28]), 0), 784]), true);
is<Tensor<["B", 784]>>()(reshape(t(["B", 28, 28]), [-1, 784]), true);
is<Tensor<["16*B", 64]>>()(reshape(t(["B", 16, 64]), [-1, 64]), true);
is<Tensor<["B*T", 64]>>()(reshape(t(["T", "B", 64]), [-1, 64]), true);
is<Tensor<["T", "B", 8, 8]>>()(reshape(t(["B*T", 64]), [dim(t(["T"]), 0), -1, 8, 8]), true);
is<Tensor<["4*T+4"]>>()(reshape(t(["T+1", 4]), [-1]), true);
is<Tensor<["T+1", 4]>>()(reshape(t(["4*T+4"]), [-1, 4]), true);
is<Tensor<[1000000000]>>()(reshape(t([1000, 1000, 1000]), [-1]), true);
is<Tensor<[number, 10]>>()(reshape(t([n, 5, 2]), [-1, 10]), true);
is<Tensor<[number, 10]>>()(reshape(t([32, 10]), [n, 10]), true);
is<Tensor<[1], "i32">>()(reshape(t([], "i32"), [1]), true);
is<Tensor<[]>>()(reshape(t([1, 1]), []), true);
is<Tensor<["B", 10]>>()(broadcastTo(t([10]), [dim(t(["B"]), 0), 10]), true);
is<Tensor<["B", 128]>>()(broadcastTo(t(["B", 1]), [dim(t(["B"]), 0), 128]), true);
is<Tensor<["B", 10, 27]>>()(slice(t(["B", 28, 28]), [null, [0, 10], [0, -1]]), true);
is<Tensor<["T"]>>()(slice(t(["T+1"]), [[0, -1]]), true);
is<Tensor<["T-1"]>>()(slice(t(["T"]), [[1, dim(t(["T"]), 0)]]), true);
is<Tensor<[2, 28]>>()(slice(t(["T", 28]), [[-3, -1]]), true);
is<Tensor<[5, "B"]>>()(slice(t([28, "B"]), [[-5, 28]]), true);
is<Tensor<["B", 28], "i32">>()(reverse(t(["B", 28], "i32"), [0, -1]), true);
is<Tensor<["...L", 28]>>()(reverse(t(["...L", 28]), -1), true);
is<Tensor<["B", 30]>>()(
  pad(t(["B", 28]), [
    [0, 0],
    [1, 1],
  ]),
  true,
);
is<Tensor<["T+1"]>>()(pad(t(["T"]), [[1, 0]], -1), true);
is<Tensor<["S+T"]>>()(pad(t(["T"]), [[dim(t(["S"]), 0), 0]]), true);
is<Tensor<[number]>>()(pad(t(["T"]), [[dim(t([n]), 0), 0]]), true);
// the adjoint of slice(x, [null, [0, 1]])
is<Tensor<["B", "T"]>>()(
  pad(t(["B", 1]), [
    [0, 0],
    [0, dim(slice(t(["B", "T"]), [null, [1, dim(t(["B", "T"]), 1)]]), 1)],
  ]),
  true,
);
is<Tensor<["B", 130]>>()(concat([t(["B", 128]), t(["B", 2])], 1), true);
is<Tensor<["T+1", 64]>>()(concat([t(["T", 64]), t([1, 64])], 0), true);
is<Tensor<["B", "T+2", 64], "f64">>()(concat([t(["B", "T", 64], "f64"), t(["B", 1, 64], "f64"), t(["B", 1, 64], "f64")], -2), true);
is<Tensor<["2*T"]>>()(concat([t(["T"]), t(["T"])], 0), true);
is<Tensor<["...L", 7]>>()(concat([t(["...L", 3]), t(["...L", 4])], -1), true);
is<DimValue<"B">>()(dim(t(["B", 28]), 0), true);
is<28>()(dim(t(["B", 28]), 1), true);
is<28>()(dim(t(["B", 28]), -1), true);
is<DimValue<number>>()(dim(t([n]), 0), true);
is<DimValue<"D">>()(dim(t(["...L", "D"]), -1), true);

// reductions
is<Tensor<["B"]>>()(sum(t(["B", 28, 28]), [-1, 1]), true);
is<Tensor<["B", 1, 1]>>()(sum(t(["B", 28, 28]), [-1, 1], { keepDims: true }), true);
is<Tensor<["B", 28]>>()(mean(t(["B", 28, 28]), 1), true);
is<Tensor<[]>>()(sum(t(["B", 28, 28])), true);
is<Tensor<[1, 1]>>()(max(t(["B", 28]), undefined, { keepDims: true }), true);
is<Tensor<["B"], "i32">>()(max(t(["B", 28], "i32"), -1), true);
is<Tensor<["...L"]>>()(mean(t(["...L", "D"]), -1), true);
is<Tensor<["...L", 1]>>()(mean(t(["...L", "D"]), -1, { keepDims: true }), true);
is<Tensor>()(sum(unknownRank, 0), true);
is<Tensor>()(sum(t([2, 3]), n), true);
is<Tensor<["B", 10]>>()(softmax(t(["B", 10])), true);
is<Tensor<["B", 10]>>()(softmax(t(["B", 10]), 0), true);
is<Tensor<["B"]>>()(logSumExp(t(["B", 10])), true);
is<Tensor<[1, 10], "f64">>()(logSumExp(t(["B", 10], "f64"), 0, { keepDims: true }), true);

// indices
is<Tensor<["B", "T", 64]>>()(gather(t([1000, 64]), t(["B", "T"], "i32")), true);
is<Tensor<[1000, "B"]>>()(gather(t([1000, 64]), t(["B"], "i32"), 1), true);
is<Tensor<[1000], "i32">>()(gather(t([1000, 64], "i32"), t([], "i32"), -1), true);
is<Tensor<["...L", "D"]>>()(gather(t(["V", "D"]), t(["...L"], "i32")), true);
is<Tensor<[1000, 64]>>()(scatterAdd(t([1000, 64]), t(["B", "T"], "i32"), t(["B", "T", 64])), true);
is<Tensor<[3, "V"]>>()(scatterAdd(t([3, "V"]), t(["B", "T"], "i32"), t([3, "B", "T"]), 1), true);
is<Tensor<["...L", "D"]>>()(scatterAdd(t(["...L", "D"]), t(["B"], "i32"), t(["...L", "B"]), -1), true);
is<Tensor<[3, "V"]>>()(scatterAdd(t([3, "V"]), t(["B"], "i32"), t([3, "B"]), n), true);
is<Tensor>()(scatterAdd(unknownRank, t(["B"], "i32"), t(["B", 3])), true);
is<Tensor<["B", "T", 10]>>()(oneHot(t(["B", "T"], "i32"), 10), true);
is<Tensor<["B", "V"]>>()(oneHot(t(["B"], "i32"), dim(t(["V"]), 0)), true);

// from nothing
is<Tensor<[10], "i32">>()(iota(10), true);
is<Tensor<["B"], "i32">>()(iota(dim(t(["B"]), 0)), true);
is<Tensor<[2, 2]>>()(tensor([1, 2, 3, 4], [2, 2]), true);
is<Tensor<[2], "i32">>()(tensor([1, 2], [2], "i32"), true);
is<Tensor<[]>>()(tensor(3, []), true);
is<Tensor<[number]>>()(tensor([1], [n]), true);
is<Tensor<["B", 3]>>()(zeros([dim(t(["B"]), 0), 3]), true);
is<Tensor<[3], "bool">>()(ones([3], "bool"), true);
is<Tensor<[2], "i32">>()(randomKey(1), true);
is<[Key, Key]>()(splitKey(randomKey(1)), true);
is<Key>()(foldIn(randomKey(1), t([], "i32")), true);
is<Tensor<[3], "i32">>()(randomBits(randomKey(1), [3]), true);
is<Tensor<["B", 3]>>()(uniform(randomKey(1), [dim(t(["B"]), 0), 3]), true);
is<Tensor<[3, 4]>>()(normal(randomKey(1), [3, 4]), true);
is<Tensor<[784, 128]>>()(glorotUniform(randomKey(1), [784, 128]), true);
is<Tensor<[784, 128]>>()(heNormal(randomKey(1), [784, 128]), true);

// learning
is<Tensor<["B", 10]>>()(relu(t(["B", 10])), true);
is<Tensor<["B", 10]>>()(sigmoid(t(["B", 10])), true);
is<Tensor<["B", 10]>>()(squareLoss(t(["B", 10]), t(["B", 10])), true);
is<Tensor<["...L", "D"]>>()(layerNorm(t(["...L", "D"]), t(["D"]), t(["D"])), true);
is<Tensor<["B", "T"]>>()(softmaxCrossEntropy(t(["B", "T", 10]), t(["B", "T"], "i32")), true);
is<Tensor<["...L"]>>()(softmaxCrossEntropy(t(["...L", "C"]), t(["...L"], "i32")), true);
interface P {
  w: Tensor<[784, 128]>;
  rest: [Tensor<[128]>, Tensor<[], "i32">];
}
declare const p: P;
declare const g: { w: Tensor<[784, 128]>; rest: [Tensor<[128]>, null] };
is<P>()(sgd(p, g, { lr: 0.1 }), true);
is<[P, AdamState<P>]>()(adam(p, g, adamInit(p), { lr: t([]), beta1: 0.9 }), true);
is<typeof g>()(adamInit(p).m as { w: Tensor<[784, 128]>; rest: [Tensor<[128]>, null] }, true);

// an error gives a tensor of unknown shape and the dtype it would have had, so that there is only one
// @ts-expect-error inner dimensions differ
const wrong = matmul(t([32, 784], "f64"), t([128, 10], "f64"));
is<Tensor<Shape, "f64">>()(add(relu(wrong), t([10], "f64")), true);
