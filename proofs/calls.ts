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
import { type Filling, type Row, structural } from "./structural.ts";
import { anyNumber, apart, eighths, fromData, order, pool, type Sizes, shape } from "./tensors.ts";

export interface OpCall {
  readonly op: Op;
  readonly args: readonly Value[];
  readonly attrs: Attrs;
  toString(): string;
}

/** The result of the call on other arguments of the same shapes. */
export const apply = ({ op, attrs }: Omit<OpCall, "toString">, args: readonly Value[]): Value => makeValue(op, args, attrs);

/** Calls in float64 at which the op is smooth: inside its `domain`, no two elements tied. */
export const smoothCall = (op: Op): fc.Arbitrary<OpCall> => callOf(op, smoothFilling(), (arity) => elementwiseIn(op.domain ?? [], arity));

/** Calls at any point of any dtype that the op takes: ties, NaN, infinities, indices out of range, integers that overflow. */
export const anyCall = (op: Op): fc.Arbitrary<OpCall> =>
  fc.oneof(...(["f64", "f32", "i32", "bool"] as const).map((dtype) => callOf(op, anyFilling(dtype), elementwise))).filter(isDefined);

function callOf(op: Op, fillings: fc.Arbitrary<Filling>, elementwiseRow: (arity: number) => Row): fc.Arbitrary<OpCall> {
  const row = structural[op.name] ?? elementwiseRow(arityOf(op));
  return fc.record({ layout: row.layout, filling: fillings }).map(({ layout, filling }) => {
    const { args, attrs = {} } = row.call(layout as never, filling);
    const toString = (): string => `${op.name}(${args.join(", ")})${Object.keys(attrs).length > 0 ? ` ${JSON.stringify(attrs)}` : ""}`;
    return { op, args, attrs, toString };
  });
}

const smoothFilling = (): fc.Arbitrary<Filling> =>
  fc.record({ elements: pool(eighths(-3, 3)), whole: pool(fc.nat(99)), places: order() }).map(({ elements, whole, places }) => ({
    dtype: "f64",
    smooth: true,
    tensor: (sizes) => fromData(elements.take(sizes), sizes, "f64"),
    distinct: (sizes) =>
      fromData(
        apart(
          sizes.reduce((a, b) => a * b, 1),
          places,
        ),
        sizes,
        "f64",
      ),
    numbers: (sizes) => whole.take(sizes),
  }));

const anyFilling = (dtype: DType): fc.Arbitrary<Filling> =>
  fc.record({ elements: pool(anyNumber(dtype)), whole: pool(fc.nat()) }).map(({ elements, whole }) => {
    const tensor = (sizes: Sizes): Value => fromData(elements.take(sizes), sizes, dtype);
    return { dtype, smooth: false, tensor, distinct: tensor, numbers: (sizes) => whole.take(sizes) };
  });

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

const elementwise = (arity: number): Row => ({
  layout: shape(),
  call: (sizes: Sizes, fill) => ({ args: Array.from({ length: arity }, () => fill.tensor(sizes)) }),
});

/** Each element lies in one of the boxes, the same box for all arguments; anywhere in ±3 if there are none. */
function elementwiseIn(boxes: readonly Box[], arity: number): Row {
  if (boxes.length === 0) return elementwise(arity);
  return {
    layout: shape(),
    call: (sizes: Sizes, fill) => {
      const which = fill.numbers(sizes);
      const args = Array.from({ length: arity }, (_, k) => {
        const steps = fill.numbers(sizes);
        const data = steps.map((step, i) => {
          const [low, high] = boxes[(which[i] as number) % boxes.length]?.[k] ?? [-3, 3];
          const [first, last] = [Math.ceil(low * 8), Math.floor(high * 8)];
          return (first + (step % (last - first + 1))) / 8;
        });
        return fromData(data, sizes, "f64");
      });
      return { args };
    },
  };
}

/** Does the op take these dtypes? Any other complaint about a generated call is a mistake of its generator. */
function isDefined({ op, args, attrs }: Omit<OpCall, "toString">): boolean {
  try {
    op.shape(args, attrs);
    return true;
  } catch (error) {
    if (/not defined on/.test(String(error))) return false;
    throw new Error(
      `the generator of ${op.name} made a call that the op refuses: ${error} (${args.map((x) => showShape(x.shape)).join(", ")})`,
    );
  }
}
