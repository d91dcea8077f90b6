/** The shape rules of images by example, for `cases.test-table.ts`. */
import type { Case } from "./cases.test-table.ts";

const x = [8, 28, 28, 3] as const;
const w = [3, 3, 3, 8] as const;
const named = ["B", "H", "W", 3] as const;
export const imageCases = [
  { op: "conv2d", shapes: [["B", 28, 28, 3], w], gives: ["B", 26, 26, 8] },
  {
    op: "conv2d",
    shapes: [
      ["B", 28, 28, 3],
      [5, 3, 3, "O"],
    ],
    rest: [{ padding: "same" }],
    gives: ["B", 28, 28, "O"],
  },
  {
    op: "conv2d",
    shapes: [
      ["B", 224, 224, 3],
      [7, 7, 3, 64],
    ],
    rest: [{ stride: 2, padding: 3 }],
    gives: ["B", 112, 112, 64],
  },
  { op: "conv2d", shapes: [["B", 27, 28, 3], w], rest: [{ stride: 2, padding: "same" }], gives: ["B", 14, 14, 8] },
  { op: "conv2d", shapes: [x, w], rest: [{ stride: [2, 3] }], gives: [8, 13, 9, 8] },
  { op: "conv2d", shapes: [x, w], rest: [{ dilation: 3 }], gives: [8, 22, 22, 8] },
  {
    op: "conv2d",
    shapes: [x, w],
    rest: [
      {
        dilation: [13, 1],
        padding: [
          [0, 1],
          [2, 0],
        ],
      },
    ],
    gives: [8, 3, 28, 8],
  },
  {
    op: "conv2d",
    shapes: [
      [1, 9, 9, 4],
      [3, 3, 1, 12],
    ],
    rest: [{ groups: 4 }],
    gives: [1, 7, 7, 12],
  },
  {
    op: "conv2d",
    shapes: [
      [1, 3, 3, "2*C"],
      [3, 3, "C", "4*C"],
    ],
    rest: [{ groups: 2 }],
    gives: [1, 1, 1, "4*C"],
  },
  { op: "conv2d", shapes: [named, w], gives: ["B", "H-2", "W-2", 8] },
  { op: "conv2d", shapes: [named, w], rest: [{ padding: "same" }], gives: ["B", "H", "W", 8] },
  { op: "conv2d", shapes: [named, w], rest: [{ padding: 1 }], gives: ["B", "H", "W", 8] },
  { op: "conv2d", shapes: [["B", "2*H", "4*W+1", 3], w], rest: [{ stride: 2, padding: "same" }], gives: ["B", "H", "2*W+1", 8] },
  { op: "conv2d", shapes: [["B", "2*H", "4*W+1", 3], w], rest: [{ stride: 2 }], gives: ["B", "H-1", "2*W", 8] },
  {
    op: "conv2d",
    shapes: [named, w],
    rest: [{ stride: 2 }],
    gives: "conv2d: with stride 2, axis 1 of [B, H, W, 3] must be a number or a multiple of 2, got H",
  },
  {
    op: "conv2d",
    shapes: [["B", 8, "3*W", 3], w],
    rest: [{ stride: 2, padding: "same" }],
    gives: "conv2d: with stride 2, axis 2 of [B, 8, 3*W, 3] must be a number or a multiple of 2, got 3*W",
  },
  { op: "conv2d", shapes: [[28, 28, 3], w], gives: "conv2d: images are [batch, height, width, channels], got [28, 28, 3]" },
  { op: "conv2d", shapes: [x, [3, 3, 3]], gives: "conv2d: filters are [height, width, channels, outputs], got [3, 3, 3]" },
  { op: "conv2d", shapes: [x, ["K", 3, 3, 8]], gives: "conv2d: height and width of a filter are numbers, got [K, 3, 3, 8]" },
  { op: "conv2d", shapes: [x, [3, 3, 4, 8]], gives: "conv2d: channels differ: [8, 28, 28, 3] x [3, 3, 4, 8] (3 vs 4)" },
  {
    op: "conv2d",
    shapes: [
      [1, 9, 9, 6],
      [3, 3, 2, 8],
    ],
    rest: [{ groups: 2 }],
    gives: "conv2d: channels differ: [1, 9, 9, 6] x [3, 3, 2, 8] in 2 groups (6 vs 4)",
  },
  {
    op: "conv2d",
    shapes: [
      [1, 9, 9, 6],
      [3, 3, 2, 8],
    ],
    rest: [{ groups: 3 }],
    gives: "conv2d: 3 groups do not divide the outputs of [3, 3, 2, 8]",
  },
  {
    op: "conv2d",
    shapes: [[1, 9, 2, 3], w],
    gives: "conv2d: window is larger than axis 2 of [1, 9, 2, 3] (3 vs 2)",
  },
  {
    op: "conv2d",
    shapes: [[1, 4, 9, 3], w],
    rest: [
      {
        padding: [
          [1, 0],
          [0, 0],
        ],
        dilation: 3,
      },
    ],
    gives: "conv2d: window is larger than axis 1 of [1, 4, 9, 3] with its padding (7 vs 5)",
  },
  {
    op: "conv2d",
    shapes: [[1, 0, 9, 3], w],
    rest: [{ padding: "same" }],
    gives: "conv2d: window is larger than axis 1 of [1, 0, 9, 3] (3 vs 0)",
  },
  { op: "conv2d", shapes: [x, w], rest: [{ stride: 0 }], gives: "conv2d: stride must be a whole number >= 1, got 0" },
  { op: "conv2d", shapes: [x, w], rest: [{ dilation: [1, 1.5] }], gives: "conv2d: dilation must be a whole number >= 1, got 1.5" },
  { op: "conv2d", shapes: [x, w], rest: [{ groups: -1 }], gives: "conv2d: groups must be a whole number >= 1, got -1" },
  {
    op: "conv2d",
    shapes: [x, w],
    rest: [
      {
        padding: [
          [0, 0],
          [0, -1],
        ],
      },
    ],
    gives: "conv2d: padding must be a whole number >= 0, got -1",
  },
  { op: "conv2d", shapes: [x, w], rest: [{ strides: 2, padding: "same" }], gives: "conv2d: no option is called strides" },
  { op: "conv2d", shapes: [x, w], dtypes: ["i32", "i32"], gives: 'conv2d: not defined on i32; write cast(…, "f32")' },
  { op: "conv2d", shapes: [x, w], dtypes: ["f32", "f64"], gives: 'conv2d: dtypes differ: f32 and f64; write cast(…, "f64")' },

  { op: "maxPool2d", shapes: [["B", 28, 28, 8]], rest: [{ window: 2 }], gives: ["B", 14, 14, 8] },
  { op: "maxPool2d", shapes: [["B", 27, 28, 8]], rest: [{ window: 2 }], gives: ["B", 13, 14, 8] },
  { op: "maxPool2d", shapes: [["B", 112, 112, 64]], rest: [{ window: 3, stride: 2, padding: 1 }], gives: ["B", 56, 56, 64] },
  { op: "maxPool2d", shapes: [["B", "2*H", "W", "C"]], rest: [{ window: [2, 1] }], gives: ["B", "H", "W", "C"] },
  { op: "maxPool2d", shapes: [["B", 4, 4, 1]], dtypes: ["i32"], rest: [{ window: 2 }], gives: ["B", 2, 2, 1] },
  { op: "avgPool2d", shapes: [["B", 27, 27, 8]], rest: [{ window: 2, padding: "same" }], gives: ["B", 14, 14, 8] },
  { op: "avgPool2d", shapes: [["B", "H", "W", 8]], rest: [{ window: 3, stride: 1, padding: "same" }], gives: ["B", "H", "W", 8] },
  {
    op: "avgPool2d",
    shapes: [["B", 4, 4, 1]],
    dtypes: ["i32"],
    rest: [{ window: 2 }],
    gives: 'avgPool2d: not defined on i32; write cast(…, "f32")',
  },
  {
    op: "maxPool2d",
    shapes: [["B", "H", "W", 8]],
    rest: [{ window: 2 }],
    gives: "maxPool2d: with stride 2, axis 1 of [B, H, W, 8] must be a number or a multiple of 2, got H",
  },
  {
    op: "avgPool2d",
    shapes: [["B", 3, 28, 8]],
    rest: [{ window: 4 }],
    gives: "avgPool2d: window is larger than axis 1 of [B, 3, 28, 8] (4 vs 3)",
  },
  {
    op: "maxPool2d",
    shapes: [[28, 28]],
    rest: [{ window: 2 }],
    gives: "maxPool2d: images are [batch, height, width, channels], got [28, 28]",
  },
  {
    op: "maxPool2d",
    shapes: [["B", 28, 28, 8]],
    rest: [{ window: [2, 3], padding: 2 }],
    gives: "maxPool2d: padding must be less than the window, got 2 for 2",
  },
  { op: "maxPool2d", shapes: [["B", 28, 28, 8]], rest: [{ window: 0 }], gives: "maxPool2d: window must be a whole number >= 1, got 0" },

  { op: "reverse", shapes: [["B", 28]], rest: [-1], gives: ["B", 28] },
  { op: "reverse", shapes: [["T+1", 28]], rest: [[1, 0]], gives: ["T+1", 28] },
  { op: "reverse", shapes: [["B", 28]], rest: [[0, 2]], gives: "reverse: axis 2 is out of range for [B, 28]" },
  { op: "reverse", shapes: [["B", 28]], rest: [[1, -1]], gives: "reverse: axis 1 given twice" },

  { op: "windows", shapes: [["B", 28]], rest: [[{ axis: 1, size: 3 }]], gives: ["B", 26, 3] },
  { op: "windows", shapes: [["B", "T", 4]], rest: [[{ axis: -2, size: 3, dilation: 2 }]], gives: ["B", "T-4", 3, 4] },
  {
    op: "windows",
    shapes: [["B", 28, 27, 4]],
    rest: [
      [
        { axis: 2, size: 2, stride: 2 },
        { axis: 1, size: 3 },
      ],
    ],
    gives: ["B", 26, 13, 2, 3, 4],
  },
  { op: "windows", shapes: [["4*T", 3]], rest: [[{ axis: 0, size: 3, stride: 4 }]], gives: ["T", 3, 3] },
  { op: "windows", shapes: [[2, 3]], rest: [[]], gives: [2, 3] },
  {
    op: "windows",
    shapes: [["B", 28]],
    rest: [[{ axis: 1, size: 29 }]],
    gives: "windows: window is larger than axis 1 of [B, 28] (29 vs 28)",
  },
  { op: "windows", shapes: [["B", 28]], rest: [[{ axis: 2, size: 3 }]], gives: "windows: axis 2 is out of range for [B, 28]" },
  {
    op: "windows",
    shapes: [["B", 28]],
    rest: [
      [
        { axis: 1, size: 3 },
        { axis: -1, size: 3 },
      ],
    ],
    gives: "windows: axis 1 given twice",
  },
  { op: "windows", shapes: [["B", 28]], rest: [[{ axis: 1, size: 0 }]], gives: "windows: size must be a whole number >= 1, got 0" },
  {
    op: "windows",
    shapes: [["B", "T"]],
    rest: [[{ axis: 1, size: 3, stride: 2 }]],
    gives: "windows: with stride 2, axis 1 of [B, T] must be a number or a multiple of 2, got T",
  },
  { op: "fold", shapes: [["B", 26, 3]], rest: [["B", 28], [{ axis: 1, size: 3 }]], gives: ["B", 28] },
  { op: "fold", shapes: [["B", 13, 3, 2]], rest: [["B", 28, 2], [{ axis: 1, size: 3, stride: 2 }]], gives: ["B", 28, 2] },
  { op: "fold", shapes: [["T-2", 3]], rest: [["T"], [{ axis: 0, size: 3 }]], gives: ["T"] },
  {
    op: "fold",
    shapes: [["B", 26, 2]],
    rest: [["B", 28], [{ axis: 1, size: 3 }]],
    gives: "fold: windows of [B, 28] are [B, 26, 3], got [B, 26, 2]",
  },
  { op: "fold", shapes: [[26, 2]], rest: [[3], [{ axis: 0, size: 4 }]], gives: "fold: window is larger than axis 0 of [3] (4 vs 3)" },
] as const satisfies readonly Case[];
