/** What an op is: one record from which the interpreter, the backends, fusion, both derivatives and the tests are derived. */
import type { Expr, Read } from "./expr.ts";
import type { Dim, DType, Shape } from "./types.ts";
import type { Value } from "./value.ts";

export type Attr = Dim | boolean | readonly Attr[];
export type Attrs = Readonly<Record<string, Attr>>;

/** A value seen by its own op: the attributes have the op's type. */
export interface Call<A extends Attrs> extends Value {
  readonly attrs: A;
}
export interface Result {
  readonly shape: Shape;
  readonly dtype: DType;
}

interface OpBase<A extends Attrs> {
  /** StableHLO's name where it has one. */
  readonly name: string;
  /** Result shape and dtype; throws `op: what is wrong: values`. */
  shape(args: readonly Value[], attrs: A): Result;
  readonly derivative: Derivative<A>;
  /** What must not be negative for the shapes to make sense, where that is known at run time only; and what is wrong otherwise. */
  requires?(args: readonly Value[], attrs: A): readonly { readonly dim: Dim; readonly otherwise: string }[];
  /** Boxes of arguments in which the op is smooth, for the proofs' generators: everywhere in ±3 if none is given. */
  readonly domain?: readonly Box[];
}
/** A closed interval for each argument. */
export type Box = readonly Interval[];
export type Interval = readonly [low: number, high: number];

/** Each output element is an expression of the arguments' elements. */
export interface ElementOp<A extends Attrs = Attrs> extends OpBase<A> {
  readonly kind: "element";
  element(args: readonly Read[], index: readonly Expr[], call: Call<A>): Expr;
}

/** Output elements start at `initial`; then, in order, each element of `updates` is added where it belongs, if `inside`. */
export interface ScatterOp<A extends Attrs = Attrs> extends OpBase<A> {
  readonly kind: "scatter";
  initial(args: readonly Read[], index: readonly Expr[], call: Call<A>): Expr;
  updates(args: readonly Value[], attrs: A): Shape;
  scatter(
    args: readonly Read[],
    index: readonly Expr[],
    call: Call<A>,
  ): { readonly target: readonly Expr[]; readonly value: Expr; readonly inside: Expr };
}

/** A parameter, or an array that is there from the start: only its buffer is read. */
export interface LeafOp<A extends Attrs = Attrs> extends OpBase<A> {
  readonly kind: "leaf";
}

export type Op<A extends Attrs = Attrs> = ElementOp<A> | ScatterOp<A> | LeafOp<A>;

type Thunk = (() => Value) | undefined;

/** Both the vjp and the jvp of an op come from this. Thunks of inactive arguments are never called. */
export type Derivative<A extends Attrs> =
  /** Elementwise: `pull(d)[i]` is d · ∂y/∂xᵢ, for a cotangent (vjp) or a tangent of argument i (jvp). `undefined`: no derivative. */
  | { readonly kind: "scalar"; pull(d: Value, args: readonly Value[], y: Value): readonly Thunk[] }
  /** Linear in all float arguments together: y(a + t) = y(a) + y(t). An affine op names the attributes of its linear part. */
  | { readonly kind: "linear"; linearPart?(attrs: A): A; transpose(ct: Value, args: readonly Value[], call: Call<A>): readonly Thunk[] }
  /** Linear in each float argument while the others stand still. */
  | { readonly kind: "multilinear"; transpose(ct: Value, args: readonly Value[], call: Call<A>): readonly Thunk[] }
  /** The tangent of the result, written in linear and multilinear ops of the argument's tangent; the vjp is its transpose. */
  | { readonly kind: "tangent"; jvp(args: readonly Value[], y: Value, call: Call<A>): (tangents: readonly Value[]) => Value }
  | { readonly kind: "zero" };
