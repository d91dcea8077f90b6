/** What ops take: tensors of the dtypes they are defined on, numbers, and sizes. There is no promotion between dtypes. */
import type { AnyTensor, DType, FloatDType, Tensor } from "../types.ts";
import type { Broadcast } from "./broadcast.ts";
import type { DimValue } from "./dim.ts";
import type { IsUnion, Join, Sorted } from "./order.ts";

/** A number takes the dtype of the tensor it meets; a size (`dim(x, 0)`) counts as a number. */
export type Operand = AnyTensor | number | DimValue;
export type NumericDType = FloatDType | "i32";

export type ShapeOf<A> = A extends AnyTensor ? A["shape"] : [];
/** Of a number: f32. */
export type DTypeOf<A> = A extends AnyTensor ? A["dtype"] : "f32";

export type ShowDType<D extends string> = Join<Sorted<D>, "|">;
type CastTo<Allowed> = "f32" extends Allowed ? "f32" : Allowed & string;

/** A itself where the op is defined on it, else the message. */
export type Accepts<Op extends string, A, Allowed extends DType> =
  IsUnion<A> extends true
    ? `${Op}: an operand of several types; narrow it to one`
    : A extends AnyTensor
      ? [A["dtype"]] extends [Allowed]
        ? A
        : `${Op}: not defined on ${ShowDType<A["dtype"]>}; write cast(…, "${CastTo<Allowed>}")`
      : A extends number | DimValue
        ? "f32" extends Allowed
          ? A
          : `${Op}: a tensor is needed, got a number`
        : `${Op}: an operand is a tensor or a number`;

/** The one dtype of two operands, else the message. */
export type MeetDType<Op extends string, A, B> = A extends AnyTensor
  ? B extends AnyTensor
    ? [A["dtype"], B["dtype"]] extends [B["dtype"], A["dtype"]]
      ? A["dtype"]
      : `${Op}: dtypes differ: ${ShowDType<A["dtype"]>} and ${ShowDType<B["dtype"]>}; write cast(…, "${Wider<A["dtype"] | B["dtype"]>}")`
    : Fits<Op, B, A["dtype"]>
  : B extends AnyTensor
    ? Fits<Op, A, B["dtype"]>
    : "f32";
/** The dtype that loses least. */
type Wider<D> = "f64" extends D ? "f64" : "f32" extends D ? "f32" : "i32";
type Fits<Op extends string, N, D> = D extends "i32"
  ? N extends number
    ? `${N}` extends `${string}.${string}`
      ? `${Op}: ${N} is not an i32: write cast(…, "f32") first`
      : D
    : D
  : D;

/** The tensor that an elementwise op of two operands gives, else the message. */
export type Elementwise<Op extends string, A, B, Allowed extends DType, Result extends DType | "same" = "same"> =
  Accepts<Op, A, Allowed> extends infer M extends string
    ? M
    : Accepts<Op, B, Allowed> extends infer M extends string
      ? M
      : MeetDType<Op, A, B> extends infer D
        ? D extends DType
          ? Broadcast<Op, ShapeOf<A>, ShapeOf<B>> extends infer S
            ? S extends readonly (number | string)[]
              ? Tensor<S, Result extends DType ? Result : D>
              : S
            : never
          : D
        : never;

/** The tensor that an elementwise op of one operand gives. */
export type Mapped<A, Allowed extends DType> = A extends AnyTensor
  ? Tensor<A["shape"], A["dtype"] extends Allowed ? A["dtype"] : "f32">
  : Tensor<[], "f32">;
