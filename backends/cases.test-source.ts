/** Functions that between them use every op, as a user of the untyped ops would write them. */
import type { Graph } from "../codegen/graph.ts";
import { grad } from "../dsl/derivatives.ts";
import { relu, sigmoid } from "../dsl/lib/activation.ts";
import { avgPool2d, conv2d, maxPool2d } from "../dsl/lib/conv.ts";
import { foldIn, normal, oneHot, scatterAdd, uniform } from "../dsl/lib/init.ts";
import { layerNorm } from "../dsl/lib/loss.ts";
import { logSumExp, softmax, softmaxCrossEntropy } from "../dsl/lib/softmax.ts";
import { broadcastTo, max, mean, sum } from "../dsl/ops/broadcast.ts";
import { dotGeneral, matmul } from "../dsl/ops/dot.ts";
import { gather } from "../dsl/ops/gather.ts";
import { iota } from "../dsl/ops/generate.ts";
import { reshape, reverse, transpose } from "../dsl/ops/reshape.ts";
import * as s from "../dsl/ops/scalar.ts";
import { concat, pad, slice } from "../dsl/ops/slice.ts";
import { fold, windows } from "../dsl/ops/windows.ts";
import type { DType, FloatDType, Shape } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { spec, traced } from "./traced.test-source.ts";

export interface Case {
  readonly name: string;
  readonly f: (...args: readonly Value[]) => unknown;
  /** Shapes of floats, or `[shape, dtype]`. */
  readonly args: readonly (Shape | readonly [Shape, DType])[];
}

const one = (name: string, f: (...args: readonly never[]) => unknown, ...args: Case["args"]): Case => ({ name, f: f as Case["f"], args });
type V = Value;
const slope =
  (f: (...args: readonly V[]) => V) =>
  (...args: readonly V[]): unknown =>
    grad(f as never)(...args);

/** The function and what its squares' sum pulls back. */
const vjpOf =
  (f: (...args: readonly V[]) => V) =>
  (...args: readonly V[]): unknown => [
    f(...args),
    ...args.map((_, k) =>
      slope((...xs) => sum(s.mul(f(...xs.slice(1, k + 1), xs[0] as V, ...xs.slice(k + 1)), f(...args))))(
        args[k] as V,
        ...args.toSpliced(k, 1),
      ),
    ),
  ];

export const cases: readonly Case[] = [
  one("polynomials", (x: V, y: V) => s.sub(s.mul(s.add(x, y), x), s.neg(s.mul(y, 3))), ["B", 3], ["B", 3]),
  one("transcendental", (x: V) => s.erf(s.tanh(s.sin(s.cos(s.exp(s.log(s.add(s.sqrt(s.abs(x)), 1))))))), ["B"]),
  one("quotients and powers", (x: V, y: V) => s.pow(s.div(s.abs(x), s.add(s.abs(y), 1)), 1.5), [2, "T"], ["T"]),
  one("greater and smaller", (x: V, y: V) => [s.maximum(x, y), s.minimum(x, 0), s.where(s.less(x, y), x, s.mul(y, 2))], ["B"], ["B"]),
  one(
    "truth",
    (x: V, y: V) => s.cast(s.logicalOr(s.logicalAnd(s.lessEqual(x, y), s.logicalNot(s.equal(x, 0))), s.less(1, y)), "i32"),
    ["B"],
    [1],
  ),
  one("truth kept, and read", (p: V, x: V) => [s.logicalNot(p), s.where(p, x, s.cast(p, x.dtype))], [["B", 2], "bool"], ["B", 2]),
  one(
    "integers",
    (k: V) => [s.div(s.mul(k, 1_000_003), 7), s.abs(s.sub(3, k)), s.maximum(k, s.neg(k)), s.shiftRight(k, 2), sum(k), max(k)],
    [["B"], "i32"],
  ),
  one(
    "between dtypes",
    (x: V, k: V) => [s.cast(s.mul(x, 9), "i32"), s.cast(k, x.dtype), s.cast(x, "bool"), s.cast(x, "f64")],
    ["B"],
    [[3], "i32"],
  ),
  one("strong zero", (x: V) => slope((x: V) => sum(s.where(s.less(x, 1), x, s.sqrt(x))))(x), ["B"]),
  one("stop gradient", (x: V) => slope((x: V) => sum(s.mul(x, s.stopGradient(x))))(x), ["B"]),
  one("sizes as numbers", (x: V) => s.add(s.mul(mean(x), x.shape[0] as string), x.shape[1] as string), ["B", "T"]),
  one("reductions", (x: V) => [sum(x, 0), sum(x, [0, 2], { keepDims: true }), max(s.add(x, 0.5), 1), mean(x, -1), sum(x)], ["B", 2, 3]),
  one("gradient of the greatest", (x: V) => slope((x: V) => sum(max(s.mul(x, 1.1), 1)))(x), ["B", 3]),
  one("rows", (x: V, gain: V) => [softmax(x), logSumExp(x, 0), layerNorm(x, gain, gain)], ["T", 3], [3]),
  one(
    "reshape, merged and split",
    (x: V) => [reshape(x, ["B*T", 6]), reshape(x, ["B", "T", 3, 2]), reshape(transpose(x, [0, 2, 1]), ["B", "6*T"])],
    ["B", "T", 6],
  ),
  one("reshape across axes: quotient and remainder", (x: V) => reshape(transpose(reshape(x, [4, 3])), [2, 6]), [12]),
  one("reverse", (x: V) => [reverse(x, 1), reverse(s.sin(x), [0, -1])], ["B", 3, "T"]),
  one(
    "slice, pad, concat",
    (x: V, y: V) => [
      pad(
        concat([x, y, x], 1),
        [
          [1, 0],
          [0, 2],
        ],
        -1,
      ),
      slice(x, [null, [1, -1]]),
      concat([x, x], 0),
    ],
    ["B", 3],
    ["B", 2],
  ),
  one(
    "sizes with sums",
    (x: V) => [slice(x, [[0, -1]]), slice(x, [[1, "T+1" as never]]), concat([x, slice(x, [[0, 1]])], 0)],
    ["T+1"],
    ["T"],
  ),
  one(
    "windows",
    (x: V) =>
      windows(x, [
        { axis: 1, size: 2, stride: 2 },
        { axis: 2, size: 2, dilation: 3 },
      ]),
    ["B", 5, "T+3"],
  ),
  one(
    "windows folded, overlapping and apart",
    (x: V) => [fold(x, ["B", "T+2"], [{ axis: 1, size: 3 }]), fold(x, ["B", "3*T"], [{ axis: 1, size: 3, stride: 3 }])],
    ["B", "T", 3],
  ),
  one(
    "windows folded by phases",
    (x: V) =>
      [
        [7, 3, 1],
        [6, 2, 3],
        [6, 1, 4],
        [5, 2, 2],
        [8, 4, 2],
      ].map(([n, stride, dilation]) =>
        fold(x, ["B", n as number], [{ axis: 1, size: 2, stride: stride as number, dilation: dilation as number }]),
      ),
    ["B", 2, 2],
  ),
  one(
    "convolution, with both gradients",
    (x: V, w: V) => vjpOf((x: V, w: V) => conv2d(x, w, { padding: "same" }))(x, w),
    ["B", 4, 5, 2],
    [3, 2, 2, 3],
  ),
  one(
    "strides, dilation, groups",
    (x: V, w: V) =>
      vjpOf((x: V, w: V) =>
        conv2d(x, w, {
          stride: 2,
          dilation: [1, 2],
          padding: [
            [1, 0],
            [2, 2],
          ],
          groups: 2,
        }),
      )(x, w),
    ["B", 4, "2*T", 4],
    [3, 2, 2, 2],
  ),
  one("greatest of windows", (x: V) => vjpOf((x: V) => maxPool2d(x, { window: 2 }))(x), ["B", 4, 5, 2]),
  one("greatest of overlapping windows", (x: V) => vjpOf((x: V) => maxPool2d(x, { window: 3, stride: 2, padding: 1 }))(x), ["B", 4, 5, 2]),
  one("means of windows", (x: V) => vjpOf((x: V) => avgPool2d(x, { window: [2, 3], stride: 1, padding: "same" }))(x), ["B", "T", 3, 2]),
  one("matmul", (x: V, w: V) => relu(matmul(x, w)), ["B", 7], [7, 5]),
  one("matmul, batched and broadcast", (x: V, y: V) => matmul(s.sin(x), y), ["B", 1, 2, 3], [4, 3, 2]),
  one("xᵀ · y over a run-time size", (x: V, y: V) => matmul(transpose(x), y), ["B", 3], ["B", 9]),
  one(
    "contraction of two axes, batch not first",
    (x: V, y: V) =>
      dotGeneral(x, y, {
        contract: [
          [0, 2],
          [1, 0],
        ],
        batch: [[1], [2]],
      }),
    [2, "T", 3],
    [3, 2, "T"],
  ),
  one(
    "matrix times vector, vector times vector, no axis at all",
    (x: V, v: V) => [
      dotGeneral(x, v, { contract: [[1], [0]] }),
      dotGeneral(v, v, { contract: [[0], [0]] }),
      dotGeneral(v, v, { contract: [[], []] }),
    ],
    ["B", 5],
    [5],
  ),
  one("contraction with its gradient", (x: V, w: V) => slope((w: V, x: V) => mean(sigmoid(matmul(x, w))))(w, x), ["B", 3], [3, 2]),
  one(
    "by index",
    (x: V, at: V) => [gather(x, at), gather(x, at, 1), oneHot(at, 3), slope((x: V) => sum(s.mul(gather(x, at), 2)))(x)],
    [4, 3],
    [["B"], "i32"],
  ),
  one("by one index", (x: V, at: V) => [gather(x, at), slope((x: V) => sum(gather(x, at)))(x)], [4], [[], "i32"]),
  one("added by index", (x: V, at: V, y: V) => scatterAdd(x, at, y), [3, 2], [["B"], "i32"], ["B", 2]),
  one("counting", (x: V) => [s.add(x, s.cast(iota(x.shape[0] as string), x.dtype)), s.cast(s.mul(iota("B"), -900_000_000), x.dtype)], [
    "B",
  ]),
  one(
    "random",
    (key: V, x: V) => [
      s.add(x, s.cast(uniform(key, ["B", 2]), x.dtype)),
      normal(foldIn(key, 3), [3]),
      s.where(s.less(x, 0), 0, s.cast(uniform(key, ["B", 2]), x.dtype)),
    ],
    [[2], "i32"],
    ["B", 2],
  ),
  one("a loss", (x: V, y: V) => mean(softmaxCrossEntropy(x, y)), ["B", 3], [["B"], "i32"]),
  one(
    "constants",
    (x: V) => [
      s.add(x, s.cast(s.sub(0.1, 0.2), x.dtype)),
      s.mul(x, broadcastTo(s.cast(s.exp(0), x.dtype), [2])),
      s.lessEqual(s.add(x, 0.1), 0.1),
    ],
    [2],
  ),
];

/** The graph of a case, its floats of this dtype. */
export function graphOf({ name, f, args }: Case, dtype: FloatDType): Graph {
  const entries = args.map((arg, k) => {
    const [shape, own] = Array.isArray(arg[0]) ? (arg as [Shape, DType]) : [arg as Shape, dtype];
    return [`x${k}`, spec(shape, own)] as const;
  });
  return traced(identifier(name), f as never, Object.fromEntries(entries));
}
export const identifier = (name: string): string => name.replace(/\W+/g, "_");
