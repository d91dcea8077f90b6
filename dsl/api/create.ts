/** Tensors from data, from numbers, and from keys. All randomness flows from keys; the same key gives the same numbers on every backend. */
import * as init from "../lib/init.ts";
import { iota as iotaOp } from "../ops/generate.ts";
import type { Arg, ShapeOr } from "../shape/arg.ts";
import type { IsRanked } from "../shape/broadcast.ts";
import type { SameShape } from "../shape/gather.ts";
import type { Show } from "../shape/show.ts";
import type { Sizes } from "../shape/sizes.ts";
import { bufferOf, type Data } from "../storage.ts";
import type { AnyTensor, DType, Shape, Tensor } from "../types.ts";
import { concrete } from "../value.ts";

/** What a generator of random numbers starts from. A key used twice gives the same numbers twice: split it. */
export type Key = Tensor<[2], "i32">;
type KeyArg<Op extends string, K> =
  K extends Tensor<Shape, "i32">
    ? IsRanked<K["shape"]> extends false
      ? K
      : SameShape<K["shape"], [2]> extends true
        ? K
        : NotAKey<Op, K>
    : K extends AnyTensor
      ? NotAKey<Op, K>
      : `${Op}: a key is Tensor<[2], "i32">`;
type NotAKey<Op extends string, K extends AnyTensor> = `${Op}: a key is Tensor<[2], "i32">, got ${Show<K["shape"]>} ${K["dtype"]}`;

/** The elements of a shape, row-major; a typed array of the dtype is taken as it is, not copied. Errors: another number of elements. */
export const tensor: <const N extends readonly unknown[], const D extends DType = "f32">(
  data: Data,
  shape: Arg<Sizes<"tensor", N>, N>,
  dtype?: D,
) => Tensor<ShapeOr<Sizes<"tensor", N>>, D> = ((data: Data, shape: Shape, dtype: DType = "f32") =>
  concrete(bufferOf(data, shape, dtype), shape, dtype)) as never;

type Filled<Op extends string> = <const N extends readonly unknown[], const D extends DType = "f32">(
  shape: Arg<Sizes<Op, N>, N>,
  dtype?: D,
) => Tensor<ShapeOr<Sizes<Op, N>>, D>;
/** `→ shape`: 0 everywhere. */
export const zeros: Filled<"zeros"> = init.zeros as never;
/** `→ shape`: 1 everywhere. */
export const ones: Filled<"ones"> = init.ones as never;
/** `→ [n]` i32: 0, 1, 2, … StableHLO: iota. */
export const iota: <const N>(n: Arg<Sizes<"iota", [N]>, N>) => Tensor<ShapeOr<Sizes<"iota", [N]>>, "i32"> = iotaOp as never;

/** A key from a whole number. */
export const randomKey: (seed: number) => Key = init.randomKey as never;
/** Two keys, independent of each other and of this one. */
export const splitKey: <K>(key: Arg<KeyArg<"splitKey", K>, K>) => [Key, Key] = init.splitKey as never;
/** A key for member `n` of a family: one for each step, layer or example. */
export const foldIn: <K>(key: Arg<KeyArg<"foldIn", K>, K>, n: number | Tensor<[], "i32">) => Key = init.foldIn as never;

type Random<Op extends string, D extends DType> = <K, const N extends readonly unknown[]>(
  key: Arg<KeyArg<Op, K>, K>,
  shape: Arg<Sizes<Op, N>, N>,
) => Tensor<ShapeOr<Sizes<Op, N>>, D>;
/** `key → shape` i32: 32 random bits each. Threefry-2x32 with 20 rounds (Salmon et al. 2011). */
export const randomBits: Random<"randomBits", "i32"> = init.randomBits as never;
/** `key → shape`: uniform in [0, 1), multiples of 2⁻²⁴. */
export const uniform: Random<"uniform", "f32"> = init.uniform as never;
/** `key → shape`: standard normal (Box & Muller 1958). */
export const normal: Random<"normal", "f32"> = init.normal as never;

type Weight<Op extends string, N> =
  Sizes<Op, N> extends infer S
    ? S extends readonly [...unknown[], number, number]
      ? S
      : S extends Shape
        ? number extends S["length"]
          ? Shape
          : `${Op}: the last two dims are numbers, got ${Show<S>}`
        : S
    : never;
type Initializer<Op extends string> = <K, const N extends readonly unknown[]>(
  key: Arg<KeyArg<Op, K>, K>,
  shape: Arg<Weight<Op, N>, N>,
) => Tensor<ShapeOr<Weight<Op, N>>>;
/** `key → […, in, out]`: uniform in ±√(6 / (in + out)). Glorot & Bengio 2010. */
export const glorotUniform: Initializer<"glorotUniform"> = init.glorotUniform as never;
/** `key → […, in, out]`: normal with variance 2 / in, for a weight before a relu. He et al. 2015. */
export const heNormal: Initializer<"heNormal"> = init.heNormal as never;
