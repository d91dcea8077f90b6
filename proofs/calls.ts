/**
 * Arbitrary calls of an op: arguments that fit together, and attributes. Elementwise ops need nothing here; a structural op has one row in
 * `structural`, and an op without a generator is an error, so that no op is left unproved.
 */
import fc from "fast-check";
import { core } from "../dsl/core.ts";
import { showShape } from "../dsl/dim.ts";
import { indexVar } from "../dsl/expr.ts";
import type { Attrs, Box, Op } from "../dsl/op.ts";
import type { DType } from "../dsl/types.ts";
import { makeValue, type Value } from "../dsl/value.ts";
import { structural } from "./structural.ts";
import { anyNumber, count, distinct, eighths, fromData, type Sizes, shape, tensor } from "./tensors.ts";

export interface OpCall {
  readonly op: Op;
  readonly args: readonly Value[];
  readonly attrs: Attrs;
  toString(): string;
}
export interface Operands {
  readonly args: readonly Value[];
  readonly attrs: Attrs;
}

/** What tensors of a call are filled with. */
export interface Filling {
  readonly dtype: DType;
  /** Only where the op is smooth. */
  readonly smooth: boolean;
  tensor(sizes: Sizes): fc.Arbitrary<Value>;
  /** No two elements alike, where it matters which is greatest. */
  distinct(sizes: Sizes): fc.Arbitrary<Value>;
  /** An attribute that is an element. */
  number(): fc.Arbitrary<number>;
}

/** The result of the call on other arguments of the same shapes. */
export const apply = ({ op, attrs }: OpCall, args: readonly Value[]): Value => makeValue(op, args, attrs);

/** Calls in float64 at which the op is smooth: inside its `domain`, no two elements tied. */
export function smoothCall(op: Op): fc.Arbitrary<OpCall> {
  const filling: Filling = {
    dtype: "f64",
    smooth: true,
    tensor: (sizes) => tensor(sizes, "f64", eighths(-3, 3)),
    distinct: (sizes) => distinct(sizes, "f64"),
    number: () => eighths(-3, 3),
  };
  return callOf(op, (arity) => elementwiseIn(op.domain ?? [Array.from({ length: arity }, () => [-3, 3] as const)], arity), filling);
}

/** Calls at any point of any dtype that the op takes: ties, NaN, infinities, indices out of range, integers that overflow. */
export function anyCall(op: Op): fc.Arbitrary<OpCall> {
  const withDType = (dtype: DType): fc.Arbitrary<OpCall> => {
    const fill = (sizes: Sizes): fc.Arbitrary<Value> => tensor(sizes, dtype, anyNumber(dtype));
    const filling: Filling = { dtype, smooth: false, tensor: fill, distinct: fill, number: () => anyNumber(dtype) };
    return callOf(op, (arity) => shape().chain((sizes) => fc.tuple(...Array.from({ length: arity }, () => fill(sizes)))), filling);
  };
  return fc.constantFrom<DType>("f64", "f32", "i32", "bool").chain(withDType).filter(isDefined);
}

function callOf(op: Op, elementwise: (arity: number) => fc.Arbitrary<readonly Value[]>, filling: Filling): fc.Arbitrary<OpCall> {
  const row = structural[op.name];
  const operands = row ? row(filling) : elementwise(arityOf(op)).map((args) => ({ args, attrs: {} }));
  return operands.map(({ args, attrs }) => ({
    op,
    args,
    attrs,
    toString: () => `${op.name}(${args.join(", ")}) ${Object.keys(attrs).length > 0 ? JSON.stringify(attrs) : ""}`,
  }));
}

/** An elementwise op is a call of a core function on its arguments' elements: it takes as many as the function does. */
function arityOf(op: Op): number {
  const element = indexVar("i");
  for (const dtype of ["f64", "i32", "bool"] as const) {
    const x = fromData([0], [1], dtype);
    const args = [x, x, x];
    if (op.kind !== "element" || !isDefined({ op, args, attrs: {} })) continue;
    const e = op.element([() => element, () => element, () => element], [element], { ...x, args });
    if (e.kind === "call") return core[e.fn].length;
  }
  throw new Error(`${op.name} has no generator: add a row to proofs/structural.ts`);
}

/** Each element lies in one of the boxes, the same box for all arguments. */
function elementwiseIn(boxes: readonly Box[], arity: number): fc.Arbitrary<readonly Value[]> {
  const point = fc.oneof(...boxes.map((box) => fc.tuple(...box.slice(0, arity).map(([low, high]) => eighths(low, high)))));
  return shape().chain((sizes) =>
    fc.array(point, { minLength: count(sizes), maxLength: count(sizes) }).map((points) =>
      Array.from({ length: arity }, (_, k) =>
        fromData(
          points.map((p) => p[k] as number),
          sizes,
          "f64",
        ),
      ),
    ),
  );
}

/** Does the op take these dtypes? Any other complaint about a generated call is a mistake of its generator. */
function isDefined({ op, args, attrs }: Omit<OpCall, "toString">): boolean {
  try {
    op.shape(args, attrs);
    return true;
  } catch (error) {
    if (/not defined on/.test(String(error))) return false;
    throw new Error(`the generator of ${op.name} made a call that the op refuses: ${error} (${args.map((x) => showShape(x.shape)).join(", ")})`);
  }
}
