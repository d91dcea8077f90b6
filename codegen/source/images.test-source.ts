/** More functions for `write.test.ts`: images. */
import { avgPool2d, conv2d, exp, maxPool2d, mean, model, relu, sum, type Tensor, valueAndGrad } from "cotangent";

/** Windows that overlap and windows that do not, padded and strided; groups. */
export const seen = model((p: { w: Tensor<[3, 3, 2, 4]>; v: Tensor<[2, 2, 2, 6]> }, x: Tensor<["B", 9, 8, 2]>) => {
  const first = maxPool2d(relu(conv2d(x, p.w, { padding: "same" })), { window: 2 });
  const second = conv2d(first, p.v, { stride: [2, 1], padding: [[0, 1], [1, 0]], dilation: [1, 2], groups: 2 }); // biome-ignore format: sides
  return mean(maxPool2d(second, { window: 2, stride: 1, padding: 1 }));
});

/** Sizes with a name. */
export const smoothed = model((p: { w: Tensor<[2, 3, 1, 1]> }, x: Tensor<["B", "2*T", "T", 1]>) => {
  const half = avgPool2d(conv2d(x, p.w, { padding: "same" }), { window: [2, 1] });
  return sum(exp(avgPool2d(half, { window: 3, stride: 1, padding: "same" })));
});

export const all = model(
  (
    p: { seen: { w: Tensor<[3, 3, 2, 4]>; v: Tensor<[2, 2, 2, 6]> }; smoothed: { w: Tensor<[2, 3, 1, 1]> } },
    images: Tensor<["B", 9, 8, 2]>,
    strips: Tensor<["B", "2*T", "T", 1]>,
  ) => ({ seen: valueAndGrad(seen)(p.seen, images), smoothed: valueAndGrad(smoothed)(p.smoothed, strips) }),
);
