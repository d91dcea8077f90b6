/** Values made from nothing: constants, sizes, counters. */
import { constant, size } from "../expr.ts";
import type { ElementOp } from "../op.ts";
import type { Dim, DType, Shape } from "../types.ts";
import { makeValue, type Value } from "../value.ts";

/** `→ []`: one number. StableHLO: constant. */
export const constantScalarOp: ElementOp<{ value: number; dtype: DType }> = {
  name: "constant",
  kind: "element",
  shape: (_, { dtype }) => ({ shape: [], dtype }),
  element: (_args, _index, { attrs }) => constant(attrs.value, attrs.dtype),
  derivative: { kind: "zero" },
};
export const scalar = (value: number, dtype: DType): Value => makeValue(constantScalarOp, [], { value, dtype });

/** `→ []`: a size as a number, known at run time. StableHLO: get_dimension_size. */
export const dimensionSizeOp: ElementOp<{ dim: Dim; dtype: DType }> = {
  name: "get_dimension_size",
  kind: "element",
  shape: (_, { dtype }) => ({ shape: [], dtype }),
  element: (_args, _index, { attrs, dtype }) =>
    dtype === "i32" ? size(attrs.dim) : { kind: "call", dtype, fn: "toFloat", args: [size(attrs.dim)] },
  derivative: { kind: "zero" },
};
export const dimensionSize = (dim: Dim, dtype: DType): Value =>
  typeof dim === "number" ? scalar(dim, dtype) : makeValue(dimensionSizeOp, [], { dim, dtype });

/** `→ shape` i32, out[…, i, …] = i along `axis`. StableHLO: iota. */
export const iotaOp: ElementOp<{ shape: Shape; axis: number }> = {
  name: "iota",
  kind: "element",
  shape: (_, { shape }) => ({ shape, dtype: "i32" }),
  element: (_args, index, { attrs }) => index[attrs.axis] ?? constant(0, "i32"),
  derivative: { kind: "zero" },
};
export const iota = (n: Dim): Value => makeValue(iotaOp, [], { shape: [n], axis: 0 });
