/**
 * The shape rules by example: what the type level (`cases.test-types.ts`) and the value level (`cases.test.ts`) must both say, to the letter.
 * An op is called with a tensor for each shape (f32, or as `dtypes` says), then with `rest`.
 */
import type { Dim, DType } from "../types.ts";
import { imageCases } from "./cases-images.test-table.ts";

export interface Case {
  readonly op: string;
  readonly shapes: readonly (readonly Dim[])[];
  readonly dtypes?: readonly DType[];
  readonly rest?: readonly unknown[];
  /** The result's shape, or the message. */
  readonly gives: readonly Dim[] | string;
}

export const cases = [
  { op: "add", shapes: [["B", 128], [128]], gives: ["B", 128] },
  {
    op: "add",
    shapes: [
      [4, 1, 128],
      ["B", 128],
    ],
    gives: [4, "B", 128],
  },
  { op: "add", shapes: [[], ["T+1"]], gives: ["T+1"] },
  { op: "add", shapes: [["B*T"], ["B*T"]], gives: ["B*T"] },
  { op: "add", shapes: [[0, 3], [1]], gives: [0, 3] },
  { op: "add", shapes: [["B", 128], [10]], gives: "add: cannot broadcast [B, 128] with [10] (128 vs 10)" },
  { op: "sub", shapes: [["B"], ["T"]], gives: "sub: cannot broadcast [B] with [T] (B vs T)" },
  { op: "mul", shapes: [["T+1"], ["T"]], gives: "mul: cannot broadcast [T+1] with [T] (T+1 vs T)" },
  { op: "greater", shapes: [["B", 3], [4]], gives: "greater: cannot broadcast [B, 3] with [4] (3 vs 4)" },
  { op: "add", shapes: [["B"], ["B"]], dtypes: ["f32", "i32"], gives: 'add: dtypes differ: f32 and i32; write cast(…, "f32")' },
  { op: "add", shapes: [["B"], ["B"]], dtypes: ["i32", "f32"], gives: 'add: dtypes differ: i32 and f32; write cast(…, "f32")' },
  { op: "mul", shapes: [["B"], ["B"]], dtypes: ["f32", "f64"], gives: 'mul: dtypes differ: f32 and f64; write cast(…, "f64")' },
  { op: "shiftRight", shapes: [["B", 4], [4]], dtypes: ["i32", "i32"], gives: ["B", 4] },
  { op: "shiftRight", shapes: [["B", 4]], dtypes: ["i32"], rest: [8], gives: ["B", 4] },
  { op: "sub", shapes: [["B"], ["B"]], dtypes: ["bool", "bool"], gives: 'sub: not defined on bool; write cast(…, "f32")' },

  {
    op: "matmul",
    shapes: [
      ["B", 784],
      [784, 10],
    ],
    gives: ["B", 10],
  },
  {
    op: "matmul",
    shapes: [
      [8, 1, 32, 784],
      ["B", 784, 10],
    ],
    gives: [8, "B", 32, 10],
  },
  {
    op: "matmul",
    shapes: [
      [32, 784],
      ["B", 784, 10],
    ],
    gives: ["B", 32, 10],
  },
  {
    op: "matmul",
    shapes: [
      [32, 784],
      [128, 10],
    ],
    gives: "matmul: inner dimensions differ: [32, 784] x [128, 10] (784 vs 128)",
  },
  {
    op: "matmul",
    shapes: [
      [8, 32, 784],
      [4, 784, 10],
    ],
    gives: "matmul: batch dimensions differ: [8, 32, 784] x [4, 784, 10] (8 vs 4)",
  },
  { op: "matmul", shapes: [[784], [784, 10]], gives: "matmul: left operand must have rank >= 2, got [784]" },
  { op: "matmul", shapes: [["B", 784], [784]], gives: "matmul: right operand must have rank >= 2, got [784]" },

  {
    op: "dotGeneral",
    shapes: [
      ["B", 8, "T", 64],
      ["B", 8, "S", 64],
    ],
    rest: [
      {
        contract: [[3], [3]],
        batch: [
          [0, 1],
          [0, 1],
        ],
      },
    ],
    gives: ["B", 8, "T", "S"],
  },
  {
    op: "dotGeneral",
    shapes: [
      [5, "H", "B"],
      ["B", 6, "H"],
    ],
    rest: [
      {
        contract: [[], []],
        batch: [
          [2, 1],
          [0, 2],
        ],
      },
    ],
    gives: ["B", "H", 5, 6],
  },
  {
    op: "dotGeneral",
    shapes: [
      [4, 5],
      [5, 4],
    ],
    rest: [
      {
        contract: [
          [0, 1],
          [1, 0],
        ],
      },
    ],
    gives: [],
  },
  {
    op: "dotGeneral",
    shapes: [
      [4, 5],
      [6, 7],
    ],
    rest: [{ contract: [[1], [0]] }],
    gives: "dotGeneral: paired axes differ: [4, 5] x [6, 7] (5 vs 6)",
  },
  {
    op: "dotGeneral",
    shapes: [
      [4, 5],
      [5, 7],
    ],
    rest: [{ contract: [[1, 0], [0]] }],
    gives: "dotGeneral: axes [1, 0] and [0] are not pairs",
  },
  {
    op: "dotGeneral",
    shapes: [
      [4, 5],
      [5, 7],
    ],
    rest: [{ contract: [[2], [0]] }],
    gives: "dotGeneral: axis 2 is out of range for [4, 5]",
  },

  { op: "reshape", shapes: [["B", 28, 28]], rest: [[-1, 784]], gives: ["B", 784] },
  { op: "reshape", shapes: [["T", "B", 64]], rest: [[-1, 64]], gives: ["B*T", 64] },
  { op: "reshape", shapes: [["B*T", 64]], rest: [["T", -1, 8, 8]], gives: ["T", "B", 8, 8] },
  { op: "reshape", shapes: [["T+1", 4]], rest: [[-1]], gives: ["4*T+4"] },
  { op: "reshape", shapes: [["B", "T+1", 4]], rest: [["B", -1, 2]], gives: ["B", "2*T+2", 2] },
  { op: "reshape", shapes: [[1000, 1000, 1000]], rest: [[-1]], gives: [1000000000] },
  { op: "reshape", shapes: [["B", 28, 28]], rest: [["B", 785]], gives: "reshape: [B, 28, 28] has 784*B elements but [B, 785] has 785*B" },
  {
    op: "reshape",
    shapes: [["B", 28, 28]],
    rest: [[-1, 785]],
    gives: "reshape: [B, 28, 28] has 784*B elements, not a multiple of 785 for [-1, 785]",
  },
  { op: "reshape", shapes: [["B", 28, 28]], rest: [[-1, -1]], gives: "reshape: only one −1 is allowed, got [-1, -1]" },

  { op: "broadcastTo", shapes: [["B", 1]], rest: [["T", "B", 128]], gives: ["T", "B", 128] },
  { op: "broadcastTo", shapes: [["B", 3]], rest: [[2, 3]], gives: "broadcastTo: cannot broadcast [B, 3] to [2, 3]" },
  { op: "broadcastTo", shapes: [[2, 3]], rest: [[3]], gives: "broadcastTo: cannot broadcast [2, 3] to [3]" },
  { op: "broadcastTo", shapes: [[3]], rest: [[1]], gives: "broadcastTo: cannot broadcast [3] to [1]" },

  { op: "transpose", shapes: [["B", 16, 64]], gives: ["B", 64, 16] },
  { op: "transpose", shapes: [["B", 16, 8, 64]], rest: [[0, 2, 1, -1]], gives: ["B", 8, 16, 64] },
  { op: "transpose", shapes: [["B"]], gives: "transpose: rank must be >= 2, got [B]" },
  {
    op: "transpose",
    shapes: [["B", 16, 64]],
    rest: [[0, 2, 2]],
    gives: "transpose: order [0, 2, 2] does not have one entry per axis of [B, 16, 64]",
  },
  {
    op: "transpose",
    shapes: [["B", 16, 64]],
    rest: [[0, 1]],
    gives: "transpose: order [0, 1] does not have one entry per axis of [B, 16, 64]",
  },
  { op: "transpose", shapes: [["B", 16]], rest: [[0, 3]], gives: "transpose: axis 3 is out of range for [B, 16]" },

  { op: "slice", shapes: [["B", 28, 28]], rest: [[null, [0, 10], [0, -1]]], gives: ["B", 10, 27] },
  { op: "slice", shapes: [["T+1", 64]], rest: [[[0, -1]]], gives: ["T", 64] },
  { op: "slice", shapes: [["T"]], rest: [[[-3, -1]]], gives: [2] },
  { op: "slice", shapes: [["T"]], rest: [[[1, "T"]]], gives: ["T-1"] },
  { op: "slice", shapes: [["B", 28]], rest: [[null, [0, 30]]], gives: "slice: [0, 30] is out of bounds for axis of size 28" },
  { op: "slice", shapes: [["B", 28]], rest: [[null, [5, 3]]], gives: "slice: [5, 3] is out of bounds for axis of size 28" },
  { op: "slice", shapes: [["B", 28]], rest: [[null, null, null]], gives: "slice: 3 ranges for [B, 28]" },

  {
    op: "pad",
    shapes: [["B", 28]],
    rest: [
      [
        [0, 0],
        [1, 1],
      ],
    ],
    gives: ["B", 30],
  },
  { op: "pad", shapes: [["T"]], rest: [[[1, 2]]], gives: ["T+3"] },
  {
    op: "pad",
    shapes: [["B", 1]],
    rest: [
      [
        [0, 0],
        [0, "T-1"],
      ],
    ],
    gives: ["B", "T"],
  },
  { op: "pad", shapes: [["T-S"]], rest: [[["S", 1]], -1], gives: ["T+1"] },
  {
    op: "pad",
    shapes: [["B", 28]],
    rest: [
      [
        [0, 0],
        [-1, 0],
      ],
    ],
    gives: "pad: widths are not negative, got [0, -1] and [0, 0]",
  },
  { op: "pad", shapes: [["B", 28]], rest: [[[0, 0]]], gives: "pad: 1 pairs of widths for [B, 28]" },

  {
    op: "concat",
    shapes: [
      ["B", 128],
      ["B", 2],
    ],
    rest: [1],
    gives: ["B", 130],
  },
  {
    op: "concat",
    shapes: [
      ["B", "T", 64],
      ["B", 1, 64],
      ["B", 1, 64],
    ],
    rest: [-2],
    gives: ["B", "T+2", 64],
  },
  { op: "concat", shapes: [["T"], ["T"]], rest: [0], gives: ["2*T"] },
  {
    op: "concat",
    shapes: [
      ["B", 128],
      ["C", 2],
    ],
    rest: [1],
    gives: "concat: [B, 128] and [C, 2] differ (axis 0: B vs C)",
  },
  { op: "concat", shapes: [["B", 128], ["B"]], rest: [0], gives: "concat: [B, 128] and [B] differ (ranks differ)" },
  { op: "concat", shapes: [["B"]], rest: [1], gives: "concat: axis 1 is out of range for [B]" },

  { op: "sum", shapes: [["B", 28, 28]], gives: [] },
  { op: "sum", shapes: [["B", 28, 28]], rest: [[-1, 1]], gives: ["B"] },
  { op: "sum", shapes: [["B", 28, 28]], rest: [[-1, 1], { keepDims: true }], gives: ["B", 1, 1] },
  { op: "max", shapes: [["B", 28]], rest: [0, { keepDims: true }], gives: [1, 28] },
  { op: "mean", shapes: [["B", 28]], rest: [-1], gives: ["B"] },
  { op: "sum", shapes: [["B", 28, 28]], rest: [3], gives: "sum: axis 3 is out of range for [B, 28, 28]" },
  { op: "mean", shapes: [["B", 28, 28]], rest: [[1, -2]], gives: "mean: axis 1 given twice" },
  { op: "sum", shapes: [["B"]], dtypes: ["bool"], gives: 'sum: not defined on bool; write cast(…, "f32")' },
  { op: "mean", shapes: [["B"]], dtypes: ["i32"], gives: 'mean: not defined on i32; write cast(…, "f32")' },
  { op: "softmax", shapes: [["B", 10]], gives: ["B", 10] },
  { op: "softmax", shapes: [["B", 10]], rest: [2], gives: "softmax: axis 2 is out of range for [B, 10]" },
  { op: "softmax", shapes: [[]], gives: "softmax: axis -1 is out of range for []" },
  { op: "logSumExp", shapes: [["B", 10]], rest: [0, { keepDims: true }], gives: [1, 10] },
  { op: "logSumExp", shapes: [[]], gives: "logSumExp: axis -1 is out of range for []" },

  {
    op: "gather",
    shapes: [
      [1000, 64],
      ["B", "T"],
    ],
    dtypes: ["f32", "i32"],
    gives: ["B", "T", 64],
  },
  { op: "gather", shapes: [[1000, 64], ["B"]], dtypes: ["f32", "i32"], rest: [2], gives: "gather: axis 2 is out of range for [1000, 64]" },
  { op: "gather", shapes: [[], ["B"]], dtypes: ["f32", "i32"], gives: "gather: axis 0 is out of range for []" },
  { op: "gather", shapes: [[1000, 64], ["B"]], gives: 'gather: indices are i32, got f32; write cast(…, "i32")' },
  { op: "scatterAdd", shapes: [[1000, 64], ["B"], ["B", 64]], dtypes: ["f32", "i32", "f32"], gives: [1000, 64] },
  {
    op: "scatterAdd",
    shapes: [[100, 64], ["B"], ["B", 63]],
    dtypes: ["f32", "i32", "f32"],
    gives: "scatterAdd: updates of [100, 64] at [B] are [B, 64], got [B, 63]",
  },
  { op: "scatterAdd", shapes: [[3, "V", 5], ["B"], [3, "B", 5]], dtypes: ["f32", "i32", "f32"], rest: [1], gives: [3, "V", 5] },
  { op: "scatterAdd", shapes: [["B", 3, 5], ["T"], ["B", 3, "T"]], dtypes: ["f64", "i32", "f64"], rest: [-1], gives: ["B", 3, 5] },
  {
    op: "scatterAdd",
    shapes: [[100, 64], ["B"], ["B", 64]],
    dtypes: ["f32", "i32", "f32"],
    rest: [-1],
    gives: "scatterAdd: updates of [100, 64] at [B] are [100, B], got [B, 64]",
  },
  {
    op: "scatterAdd",
    shapes: [[100, 64], ["B"], [1, 64]],
    dtypes: ["f32", "i32", "f32"],
    gives: "scatterAdd: updates of [100, 64] at [B] are [B, 64], got [1, 64]",
  },
  {
    op: "scatterAdd",
    shapes: [[100, 64], ["B"], ["B", 64]],
    dtypes: ["f32", "i32", "f32"],
    rest: [-3],
    gives: "scatterAdd: axis -3 is out of range for [100, 64]",
  },
  { op: "scatterAdd", shapes: [[], [], []], dtypes: ["f32", "i32", "f32"], gives: "scatterAdd: axis 0 is out of range for []" },
  {
    op: "scatterAdd",
    shapes: [[100, 64], ["B"], ["B", 64]],
    dtypes: ["f32", "i32", "f64"],
    gives: 'scatterAdd: dtypes differ: f32 and f64; write cast(…, "f64")',
  },

  {
    op: "softmaxCrossEntropy",
    shapes: [
      ["B", "T", 10],
      ["B", "T"],
    ],
    dtypes: ["f32", "i32"],
    gives: ["B", "T"],
  },
  {
    op: "softmaxCrossEntropy",
    shapes: [
      ["B", 10],
      ["B", 10],
    ],
    dtypes: ["f32", "i32"],
    gives: "softmaxCrossEntropy: labels must be [B] for logits [B, 10], got [B, 10]",
  },
  { op: "softmaxCrossEntropy", shapes: [["B", 10], ["B"]], gives: 'softmaxCrossEntropy: labels are i32, got f32; write cast(…, "i32")' },
  { op: "layerNorm", shapes: [["B", 10], [10], [10]], gives: ["B", 10] },
  { op: "layerNorm", shapes: [["B", 10], [11], [10]], gives: "layerNorm: gain must be [10] for [B, 10], got [11]" },
  ...imageCases,
] as const satisfies readonly Case[];
