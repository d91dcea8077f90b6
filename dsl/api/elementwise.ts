/** Elementwise ops: `[…], […] → […]`, operands broadcast. Tensors of one dtype, numbers, and sizes (`dim(x, 0)`); a number takes the tensor's dtype. */
import * as ops from "../ops/scalar.ts";
import type { Arg, Out } from "../shape/arg.ts";
import type { Broadcast } from "../shape/broadcast.ts";
import type { Accepts, DTypeOf, Elementwise, Mapped, NumericDType, ShapeOf } from "../shape/operand.ts";
import type { AnyTensor, DType, FloatDType, Shape, Tensor } from "../types.ts";

/** `x → like x` */
export type Unary<Op extends string, Allowed extends DType> = <const A>(x: Arg<Accepts<Op, A, Allowed>, A>) => Mapped<A, Allowed>;

/** `a, b → […]` of their dtype. */
export type Binary<Op extends string, Allowed extends DType> = <const A, const B>(
  a: Arg<Accepts<Op, A, Allowed>, A>,
  b: Arg<Elementwise<Op, A, B, Allowed>, B>,
) => Out<Elementwise<Op, A, B, Allowed>, DTypeOf<A>>;

/** `a, b → […]` bool. */
export type Comparison<Op extends string, Allowed extends DType> = <const A, const B>(
  a: Arg<Accepts<Op, A, Allowed>, A>,
  b: Arg<Elementwise<Op, A, B, Allowed, "bool">, B>,
) => Out<Elementwise<Op, A, B, Allowed, "bool">, "bool">;

/** `a + b`. StableHLO: add. i32 wraps. */
export const add: Binary<"add", NumericDType> = ops.add as never;
/** `a − b`. StableHLO: subtract. i32 wraps. */
export const sub: Binary<"sub", NumericDType> = ops.sub as never;
/** `a · b`. StableHLO: multiply. i32 wraps. */
export const mul: Binary<"mul", NumericDType> = ops.mul as never;
/** `a · b`, and 0 where a is 0, whatever b is. Adjoints use it where a slope may be infinite. */
export const strongMul: Binary<"strongMul", FloatDType> = ops.strongMul as never;
/** `a / b`. StableHLO: divide. i32 rounds toward zero; x / 0 is 0 there. */
export const div: Binary<"div", NumericDType> = ops.div as never;
/** The greater; NaN if either is. A tie sends half of the gradient to each. StableHLO: maximum. */
export const maximum: Binary<"maximum", NumericDType> = ops.maximum as never;
/** The smaller; NaN if either is. A tie sends half of the gradient to each. StableHLO: minimum. */
export const minimum: Binary<"minimum", NumericDType> = ops.minimum as never;
/** `aᵇ`, on floats. The gradient with respect to a is 0 where b = 0, with respect to b 0 where a ≤ 0. StableHLO: power. */
export const pow: Binary<"pow", FloatDType> = ops.pow as never;

/** `−x`. StableHLO: negate. */
export const neg: Unary<"neg", NumericDType> = ops.neg as never;
/** `|x|`; the gradient at 0 is 0. StableHLO: abs. */
export const abs: Unary<"abs", NumericDType> = ops.abs as never;
/** `eˣ`. StableHLO: exponential. */
export const exp: Unary<"exp", FloatDType> = ops.exp as never;
/** `ln x`; −Infinity at 0, NaN below. StableHLO: log. */
export const log: Unary<"log", FloatDType> = ops.log as never;
/** `√x`; NaN below 0. StableHLO: sqrt. */
export const sqrt: Unary<"sqrt", FloatDType> = ops.sqrt as never;
/** `sin x`, x in radians. StableHLO: sine. */
export const sin: Unary<"sin", FloatDType> = ops.sin as never;
/** `cos x`, x in radians. StableHLO: cosine. */
export const cos: Unary<"cos", FloatDType> = ops.cos as never;
/** `tanh x`. StableHLO: tanh. */
export const tanh: Unary<"tanh", FloatDType> = ops.tanh as never;
/** `2/√π · ∫₀ˣ e^(−t²) dt`. CHLO: erf. */
export const erf: Unary<"erf", FloatDType> = ops.erf as never;

/** `a = b`; no derivative, like every comparison. StableHLO: compare EQ. */
export const equal: Comparison<"equal", DType> = ops.equal as never;
/** `a ≠ b`. StableHLO: compare NE. */
export const notEqual: Comparison<"notEqual", DType> = ops.notEqual as never;
/** `a < b`. StableHLO: compare LT. */
export const less: Comparison<"less", NumericDType> = ops.less as never;
/** `a ≤ b`. StableHLO: compare LE. */
export const lessEqual: Comparison<"lessEqual", NumericDType> = ops.lessEqual as never;
/** `a > b`. StableHLO: compare GT. */
export const greater: Comparison<"greater", NumericDType> = ops.greater as never;
/** `a ≥ b`. StableHLO: compare GE. */
export const greaterEqual: Comparison<"greaterEqual", NumericDType> = ops.greaterEqual as never;

/** Both, on bool. StableHLO: and. */
export const logicalAnd: Binary<"logicalAnd", "bool"> = ops.logicalAnd as never;
/** Either or both, on bool. StableHLO: or. */
export const logicalOr: Binary<"logicalOr", "bool"> = ops.logicalOr as never;
/** The opposite, on bool. StableHLO: not. */
export const logicalNot: LogicalNot = ops.logicalNot as never;
type LogicalNot = <const A>(x: Arg<Accepts<"logicalNot", A, "bool">, A>) => Tensor<ShapeOf<A>, "bool">;

/** `a` moved right by `b` of 0 to 31 bits, on i32; zeros come in from the left: −1 by 31 is 1. StableHLO: shift_right_logical. */
export const shiftRight: Binary<"shiftRight", "i32"> = ops.shiftRight as never;

type Condition<C> =
  C extends Tensor<Shape, "bool">
    ? C
    : C extends AnyTensor
      ? `where: the condition is bool, got ${C["dtype"]}`
      : "where: the condition is a bool tensor";
type Branches<A, B> = Elementwise<"where", A, B, DType>;
type Where<C, A, B> =
  Branches<A, B> extends infer R extends AnyTensor
    ? Broadcast<"where", ShapeOf<C>, R["shape"]> extends infer S extends Shape
      ? Tensor<S, R["dtype"]>
      : Broadcast<"where", ShapeOf<C>, R["shape"]>
    : Branches<A, B>;

/**
 * `bool […], a, b → […]`: a where the condition holds, else b, elementwise. What is not taken does not exist, in the derivative too: `where(x > 0, sqrt(x), 0)` has no NaN
 * in its gradient. StableHLO: select.
 */
export const where: <C, const A, const B>(
  condition: Arg<Condition<C>, Branches<A, B> extends string ? C : Arg<Where<C, A, B>, C>>,
  a: Arg<Accepts<"where", A, DType>, A>,
  b: Arg<Branches<A, B>, B>,
) => Out<Where<C, A, B>, DTypeOf<A>> = ops.where as never;

/** `x → like x` in another dtype: to i32 rounds toward zero and saturates, to bool is x ≠ 0. No derivative through i32 and bool. StableHLO: convert. */
export const cast: <const A, const D extends DType>(x: Arg<Accepts<"cast", A, DType>, A>, dtype: D) => Tensor<ShapeOf<A>, D> =
  ops.cast as never;

/** `x → like x`, seen as a constant by every derivative. */
export const stopGradient: <const A>(x: Arg<Accepts<"stopGradient", A, DType>, A>) => Mapped<A, DType> = ops.stopGradient as never;
