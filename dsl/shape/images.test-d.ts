// The exact type of every image op's result.

import type { Dim, DType, Shape, Tensor } from "../index.ts";
import { avgPool2d, conv2d, dim, fold, maxPool2d, windows } from "../index.ts";
import type { Equal } from "./expect.test-tools.ts";

/** A tensor of a shape. */
declare function t<const S extends Dim[], D extends DType = "f32">(shape: S, dtype?: D): Tensor<S, D>;
/** `is<Tensor<[2]>>()(x, true)`: x has exactly this type. */
declare function is<E>(): <A>(x: A, same: Equal<A, E>) => void;
declare const n: number;
declare const unknownRank: Tensor<Shape>;

is<Tensor<["B", 24, 24, 8]>>()(conv2d(t(["B", 28, 28, 3]), t([5, 5, 3, 8])), true);
is<Tensor<["B", 14, 14, 8], "f64">>()(conv2d(t(["B", 28, 27, 3], "f64"), t([5, 5, 3, 8], "f64"), { stride: 2, padding: "same" }), true);
is<Tensor<["B", 112, 112, 64]>>()(conv2d(t(["B", 224, 224, 3]), t([7, 7, 3, 64]), { stride: 2, padding: 3 }), true);
is<Tensor<["B", "H-4", "W+2", "O"]>>()(
  conv2d(t(["B", "H", "W", "C"]), t([3, 3, "C", "O"]), {
    dilation: [3, 1],
    padding: [
      [1, 1],
      [2, 2],
    ],
  }),
  true,
);
is<Tensor<["B", number, number, 8]>>()(conv2d(t(["B", 28, 28, 3]), t([5, 5, 3, 8]), { stride: n }), true);
is<Tensor<["B", number, 28, 8]>>()(conv2d(t(["B", n, 28, 3]), t([5, 5, 3, 8]), { padding: "same" }), true);
is<Tensor<["B", 28, 28, 8]>>()(conv2d(t(["B", 28, 28, n]), t([5, 5, 3, 8]), { padding: 2, groups: n }), true);
is<Tensor>()(conv2d(unknownRank, t([5, 5, 3, 8])), true);
is<Tensor<["B", 13, 13, 8]>>()(maxPool2d(t(["B", 28, 28, 8]), { window: 3, stride: 2 }), true);
is<Tensor<["B", 14, 28, 8], "i32">>()(maxPool2d(t(["B", 28, 28, 8], "i32"), { window: [2, 1] }), true);
is<Tensor<["B", "H", "W", 8]>>()(avgPool2d(t(["B", "2*H", "2*W+1", 8]), { window: 2 }), true);
is<Tensor<["B", 26, 13, 3, 3, "C"]>>()(
  windows(t(["B", 28, 27, "C"]), [
    { axis: 1, size: 3 },
    { axis: -2, size: 3, stride: 2 },
  ]),
  true,
);
is<Tensor<["B", "T-2", 3], "bool">>()(windows(t(["B", "T"], "bool"), [{ axis: 1, size: 3 }]), true);
is<Tensor<["B", 28, "C"]>>()(fold(t(["B", 26, 3, "C"]), [dim(t(["B"]), 0), 28, dim(t(["C"]), 0)], [{ axis: 1, size: 3 }]), true);
