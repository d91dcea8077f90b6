/**
 * How a message gets to the right place. Every rule here gives `Shape | "message"` (or a tensor, or a list of axes). A parameter whose argument
 * may be wrong has the type `Arg<Rule, Argument>`: where the rule gives a message, that is the parameter's type, and tsc prints it:
 *
 *     Argument of type 'Tensor<[128, 10], "f32">' is not assignable to parameter of type '"matmul: inner dimensions differ: …"'.
 */
import type { AnyTensor, DType, Shape, Tensor } from "../types.ts";

/** The argument's own type, or the message. (`infer M` keeps inference out of the rule: it looks for type parameters in `T` alone.) */
export type Arg<R, T> = R extends infer M extends string ? M : T;

/** One rule after another: the message of the first, else what the second gives. */
export type Then<R, Next> = R extends string ? R : Next;

/** The result's shape; unchecked after an error, so that errors do not cascade. */
export type ShapeOr<R> = R extends Shape ? R : Shape;

/** The result; of unknown shape after an error. */
export type Out<R, D extends DType = "f32"> = R extends AnyTensor ? R : Tensor<Shape, D>;
