/** What ops take: tensors of the dtypes they are defined on, numbers, and sizes. There is no promotion between dtypes. */
import type { AnyTensor, DType, FloatDType, Shape, Tensor } from "../types.ts";
import type { Arg, Then } from "./arg.ts";
import type { Broadcast } from "./broadcast.ts";
import type { DimValue } from "./dim.ts";
import type { IsUnion, Join, Sorted } from "./order.ts";

/** A number takes the dtype of the tensor it meets; a size (`dim(x, 0)`) counts as a number. */
export type Operand = AnyTensor | number | DimValue;
export type NumericDType = FloatDType | "i32";

export type ShapeOf<A> = A extends AnyTensor ? A["shape"] : [];
/** Of a number: f32. */
export type DTypeOf<A> = A extends AnyTensor ? A["dtype"] : "f32";

// What follows speaks of operands by their kind, so that it is worked out once for all shapes.

/** The dtype of a tensor; what else an operand can be. */
type KindOf<A> = A extends AnyTensor
  ? A["dtype"]
  : A extends number
    ? `${A}` extends `${string}.${string}`
      ? Fraction<A>
      : "number"
    : A extends DimValue
      ? "number"
      : "other";
interface Fraction<N extends number> {
  readonly number: N;
}

export type ShowDTypes<D extends DType> = Join<Sorted<D>, "|">;
type CastTo<Allowed> = "f32" extends Allowed ? "f32" : Allowed & string;
/** The dtype that loses least. */
type Wider<D> = "f64" extends D ? "f64" : "f32" extends D ? "f32" : "i32";

/** The op is defined on the dtype, else the message. All dtypes at once (`AnyTensor`) are unchecked until run time. */
export type Defined<Op extends string, D extends DType, Allowed extends DType> = [D] extends [Allowed]
  ? true
  : [DType] extends [D]
    ? true
    : `${Op}: not defined on ${ShowDTypes<D>}; write cast(…, "${CastTo<Allowed>}")`;
/** Two dtypes are one, else the message. */
export type SameDType<Op extends string, D extends DType, E extends DType> = [D, E] extends [E, D]
  ? true
  : [DType] extends [D]
    ? true
    : [DType] extends [E]
      ? true
      : `${Op}: dtypes differ: ${ShowDTypes<D>} and ${ShowDTypes<E>}; write cast(…, "${Wider<D | E>}")`;

type AcceptsKind<Op extends string, K, Allowed extends DType> = [K] extends [DType]
  ? Defined<Op, K, Allowed>
  : IsUnion<K> extends true
    ? `${Op}: an operand of several types; narrow it to one`
    : K extends "other"
      ? `${Op}: an operand is a tensor or a number`
      : [Allowed] extends ["bool"]
        ? `${Op}: a tensor is needed, got a number`
        : true;
/** The one dtype of two kinds, else the message. A number meets any dtype, a fraction any but i32; two numbers meet on f32. */
type MeetKinds<Op extends string, K, L, Allowed extends DType> = [K] extends [DType]
  ? [L] extends [DType]
    ? Then<SameDType<Op, K, L>, [DType] extends [K] ? L : K>
    : Fits<Op, L, K>
  : [L] extends [DType]
    ? Fits<Op, K, L>
    : Then<Defined<Op, "f32", Allowed>, "f32">;
type Fits<Op extends string, K, D> = [K, D] extends [Fraction<infer N>, "i32"]
  ? `${Op}: ${N} is not an i32: write cast(…, "f32") first`
  : D;
type Kinds<Op extends string, K, L, Allowed extends DType> = Then<
  AcceptsKind<Op, K, Allowed>,
  Then<AcceptsKind<Op, L, Allowed>, MeetKinds<Op, K, L, Allowed>>
>;

/** A itself where the op is defined on it, else the message. */
export type Accepts<Op extends string, A, Allowed extends DType> = Arg<AcceptsKind<Op, KindOf<A>, Allowed>, A>;

/** The tensor that an elementwise op of two operands gives, else the message. */
export type Elementwise<Op extends string, A, B, Allowed extends DType, Result extends DType | "same" = "same"> =
  Kinds<Op, KindOf<A>, KindOf<B>, Allowed> extends infer D
    ? [D] extends [DType]
      ? Broadcast<Op, ShapeOf<A>, ShapeOf<B>> extends infer S
        ? S extends Shape
          ? Tensor<S, Result extends DType ? Result : D>
          : S
        : never
      : D
    : never;

/** The tensor that an elementwise op of one operand gives. */
export type Mapped<A, Allowed extends DType> = A extends AnyTensor
  ? Tensor<A["shape"], [A["dtype"]] extends [Allowed] ? A["dtype"] : [DType] extends [A["dtype"]] ? Allowed : "f32">
  : Tensor<[], "f32">;
