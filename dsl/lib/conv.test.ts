/** Convolutions and pools, and their gradients, by loops: one output element at a time, padding by asking whether a place is in the image. */
import { avgPool2d, type ConvOptions, conv2d, grad, maxPool2d, mul, type PoolOptions, sum, type Tensor, vjp } from "cotangent";
import { describe, expect, test } from "vitest";
import { expectClose } from "../../proofs/close.ts";
import { count, fromData, type Sizes } from "../../proofs/tensors.ts";
import type { Value } from "../value.ts";

type Image = Tensor<[number, number, number, number], "f64">;

/** Numbers in no order, none twice. */
const scattered = (sizes: Sizes, step = 37): Value =>
  fromData(
    Array.from({ length: count(sizes) }, (_, i) => (((i * step) % 1009) - 504) / 64),
    sizes,
    "f64",
  );
const at = (x: Value, ...index: number[]): number =>
  x.buffer?.[index.reduce((place, i, axis) => place * (x.shape[axis] as number) + i, 0)] as number;
const pair = <T>(x: T | readonly [T, T]): readonly [T, T] => (Array.isArray(x) ? x : [x, x]) as readonly [T, T];

/** The windows of an image: how many along each axis, and the place of an element, if it is in the image. */
interface Grid {
  readonly counts: readonly [number, number];
  places(y: number, x: number): { readonly i: number; readonly j: number; readonly h: number; readonly w: number }[];
}
function gridOf(
  sizes: Sizes,
  size: readonly [number, number],
  { stride = 1, padding = "valid", dilation = 1 }: Omit<ConvOptions, "groups">,
): Grid {
  const axes = ([0, 1] as const).map((k) => {
    const [n, s, d] = [sizes[k + 1] as number, pair(stride)[k] as number, pair(dilation)[k] as number];
    const span = (size[k] as number) * d - d + 1;
    if (padding !== "same") {
      const [before, after] =
        padding === "valid" ? [0, 0] : typeof padding === "number" ? [padding, padding] : (padding[k] as readonly [number, number]);
      return { n, s, d, before, count: Math.floor((before + n + after - span) / s) + 1 };
    }
    const count = Math.ceil(n / s);
    return { n, s, d, before: Math.floor(Math.max((count - 1) * s + span - n, 0) / 2), count };
  });
  const [a, b] = axes as [(typeof axes)[number], (typeof axes)[number]];
  return {
    counts: [a.count, b.count],
    places: (y, x) =>
      Array.from({ length: size[0] * size[1] }, (_, p) => {
        const [i, j] = [Math.floor(p / size[1]), p % size[1]];
        return { i, j, h: y * a.s + i * a.d - a.before, w: x * b.s + j * b.d - b.before };
      }).filter(({ h, w }) => h >= 0 && h < a.n && w >= 0 && w < b.n),
  };
}
/** Calls `visit` for each image, window and channel. */
function each(x: Value, { counts: [height, width] }: Grid, visit: (b: number, y: number, x: number, c: number) => void): void {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  for (let b = 0; b < batch; b++)
    for (let y = 0; y < height; y++) for (let z = 0; z < width; z++) for (let c = 0; c < channels; c++) visit(b, y, z, c);
}
const zeros = (x: Value): number[] => Array<number>(count(x.shape as Sizes)).fill(0);
const placeIn = (x: Value, index: readonly number[]): number => index.reduce((place, i, axis) => place * (x.shape[axis] as number) + i, 0);

/** The convolution, and what a cotangent of it (with the convolution's own elements as weights) gives for image and filter. */
function convolution(x: Value, w: Value, options: ConvOptions, ct?: Value): { y: Value; dx: Value; dw: Value } {
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const [kh, kw, depth, outputs] = w.shape as [number, number, number, number];
  const grid = gridOf(x.shape as Sizes, [kh, kw], options);
  const [height, width] = grid.counts;
  const groups = channels / depth;
  const [dx, dw, y] = [zeros(x), zeros(w), Array<number>(batch * height * width * outputs).fill(0)];
  const yShape = [batch, height, width, outputs];
  for (let b = 0; b < batch; b++)
    for (let row = 0; row < height; row++)
      for (let column = 0; column < width; column++)
        for (let o = 0; o < outputs; o++) {
          const group = Math.floor(o / (outputs / groups));
          const out = ((b * height + row) * width + column) * outputs + o;
          for (const { i, j, h, w: v } of grid.places(row, column))
            for (let c = 0; c < depth; c++) {
              const [from, by] = [
                [b, h, v, group * depth + c],
                [i, j, c, o],
              ] as const;
              y[out] = (y[out] as number) + at(x, ...from) * at(w, ...by);
              const slope = ct?.buffer?.[out] ?? 0;
              dx[placeIn(x, from)] = (dx[placeIn(x, from)] as number) + slope * at(w, ...by);
              dw[placeIn(w, by)] = (dw[placeIn(w, by)] as number) + slope * at(x, ...from);
            }
        }
  return { y: fromData(y, yShape, "f64"), dx: fromData(dx, x.shape as Sizes, "f64"), dw: fromData(dw, w.shape as Sizes, "f64") };
}

describe("conv2d by loops, with both gradients", () => {
  test.each<[Sizes, Sizes, ConvOptions]>([
    [[2, 5, 6, 3], [3, 3, 3, 4], {}],
    [[2, 5, 6, 3], [1, 1, 3, 4], {}],
    [[1, 7, 7, 2], [3, 2, 2, 3], { stride: 2 }],
    [[1, 7, 8, 2], [3, 2, 2, 3], { stride: [3, 1] }],
    [[2, 5, 6, 1], [3, 3, 1, 2], { padding: "same" }],
    [[2, 5, 6, 2], [2, 4, 2, 2], { padding: "same" }],
    [[1, 7, 6, 2], [3, 3, 2, 3], { padding: "same", stride: 2 }],
    [[1, 7, 6, 2], [2, 1, 2, 3], { padding: "same", stride: 3 }],
    [[1, 5, 5, 2], [3, 3, 2, 3], { padding: 1 }],
    [
      [1, 5, 4, 2],
      [3, 3, 2, 3],
      {
        padding: [
          [0, 2],
          [1, 0],
        ],
      },
    ],
    [[1, 8, 9, 2], [3, 3, 2, 2], { dilation: 2 }],
    [[1, 8, 9, 1], [3, 2, 1, 2], { dilation: [3, 2], stride: 2, padding: 2 }],
    [[1, 9, 9, 1], [3, 3, 1, 2], { dilation: 2, stride: 3 }],
    [[2, 5, 5, 4], [3, 3, 2, 6], { groups: 2, padding: "same" }],
    [[1, 5, 5, 3], [3, 3, 1, 6], { groups: 3 }],
    [[1, 9, 8, 4], [3, 3, 1, 4], { groups: 4, stride: 2, dilation: 2, padding: "same" }],
    [[0, 5, 5, 2], [3, 3, 2, 3], { padding: 1 }],
  ])("%j * %j %j", (image, filter, options) => {
    const [x, w] = [scattered(image), scattered(filter, 53)];
    const { y } = convolution(x, w, options);
    const ct = scattered(y.shape as Sizes, 71);
    const { dx, dw } = convolution(x, w, options, ct);
    const { value, pullback } = vjp((a: Image, b: Image) => conv2d(a, b, options) as Image)(x as never, w as never);
    expectClose(value as never, y);
    const [gx, gw] = pullback(ct as never) as unknown as [Value, Value];
    expectClose(gx, dx);
    expectClose(gw, dw);
  });
});

/** What a pool makes of the elements of a window, and of each element's part in it. */
type Pool = (elements: readonly number[]) => { readonly value: number; readonly slopes: readonly number[] };
const greatest: Pool = (elements) => {
  const value = Math.max(...elements);
  const ties = elements.filter((e) => e === value).length;
  return { value, slopes: elements.map((e) => (e === value ? 1 / ties : 0)) };
};
const mean: Pool = (elements) => ({
  value: elements.reduce((a, b) => a + b, 0) / elements.length,
  slopes: elements.map(() => 1 / elements.length),
});
function pooled(pool: Pool, x: Value, options: PoolOptions, weigh: (y: Value) => Value): { y: Value; dx: Value } {
  const { window, stride = window, ...rest } = options;
  const grid = gridOf(x.shape as Sizes, pair(window) as [number, number], { stride, ...rest });
  const [batch, , , channels] = x.shape as [number, number, number, number];
  const y: number[] = [];
  const dx = zeros(x);
  const at2 = (b: number, row: number, column: number, c: number): number[][] => grid.places(row, column).map(({ h, w }) => [b, h, w, c]);
  each(x, grid, (b, row, column, c) => y.push(pool(at2(b, row, column, c).map((i) => at(x, ...i))).value));
  const value = fromData(y, [batch, ...grid.counts, channels], "f64");
  const weights = weigh(value);
  each(x, grid, (b, row, column, c) => {
    const places = at2(b, row, column, c);
    const { slopes } = pool(places.map((i) => at(x, ...i)));
    for (const [k, i] of places.entries())
      dx[placeIn(x, i)] = (dx[placeIn(x, i)] as number) + at(weights, b, row, column, c) * (slopes[k] as number);
  });
  return { y: value, dx: fromData(dx, x.shape as Sizes, "f64") };
}

const pools: [Sizes, PoolOptions][] = [
  [[2, 4, 6, 3], { window: 2 }],
  [[1, 5, 7, 2], { window: 2 }],
  [[1, 5, 7, 2], { window: [3, 2] }],
  [[1, 6, 7, 2], { window: 3, stride: 2 }],
  [[1, 6, 7, 2], { window: 3, stride: 1 }],
  [[1, 6, 7, 2], { window: 2, stride: 3 }],
  [[1, 5, 7, 2], { window: 2, padding: "same" }],
  [[1, 5, 7, 2], { window: 3, stride: 1, padding: "same" }],
  [[1, 6, 7, 2], { window: 3, stride: 2, padding: 1 }],
  [
    [1, 6, 7, 1],
    {
      window: [3, 2],
      stride: [2, 1],
      padding: [
        [2, 0],
        [0, 1],
      ],
    },
  ],
];
describe.each([
  ["maxPool2d", maxPool2d, greatest],
  ["avgPool2d", avgPool2d, mean],
] as const)("%s by loops, with its gradient", (_, op, pool) => {
  test.each(pools)("%j %j", (sizes, options) => {
    const call = (x: Value): Value => (op as unknown as (x: Value, options: PoolOptions) => Value)(x, options);
    const x = scattered(sizes);
    const { y, dx } = pooled(pool, x, options, (value) => scattered(value.shape as Sizes, 71));
    expectClose(call(x), y);
    const weights = scattered(y.shape as Sizes, 71);
    expectClose(grad((a: Image) => sum(mul(call(a as never) as never, weights as never)))(x as never) as never, dx);
  });
});

test("of equal elements each has its part of the gradient", () => {
  const x = fromData([1, 3, 3, 2], [1, 2, 2, 1], "f64");
  const slope = grad((a: Image) => sum(maxPool2d(a, { window: 2 })))(x as never);
  expectClose(slope as never, fromData([0, 0.5, 0.5, 0], [1, 2, 2, 1], "f64"));
});

test("whole numbers have a greatest, too", () => {
  const x = fromData([-5, -3, -9, -7, -1, -8], [1, 2, 3, 1], "i32");
  expectClose(maxPool2d(x as never, { window: 2, padding: "same" }) as never, fromData([-1, -8], [1, 1, 2, 1], "i32"));
});

test("there is always an element that is not padding", () => {
  expect(() => maxPool2d(scattered([1, 4, 4, 1]) as never, { window: 2, padding: 2 } as never)).toThrow(
    "maxPool2d: padding must be less than the window, got 2 for 2",
  );
});
