/** Calls at which an op is not smooth: two elements tie, or one stands at a corner. */
import fc from "fast-check";
import type { Op } from "../dsl/op.ts";
import type { OpCall } from "./calls.ts";
import { apart, count, eighths, fromData, order, pool, shape } from "./tensors.ts";

type Operands = Pick<OpCall, "args" | "attrs">;

const twice = (): fc.Arbitrary<Operands> =>
  fc.record({ sizes: shape(), elements: pool(eighths(-3, 3)) }).map(({ sizes, elements }) => {
    const x = fromData(elements.take(sizes), sizes, "f64");
    return { args: [x, x], attrs: {} };
  });

const zero = (): fc.Arbitrary<Operands> =>
  shape().map((sizes) => ({ args: [fromData(Array(count(sizes)).fill(0), sizes, "f64")], attrs: {} }));

/** `[3, …]`, two of the three rows alike and above the third. */
const twoGreatest = (): fc.Arbitrary<Operands> =>
  fc.record({ sizes: shape(3), places: order(), lowest: fc.nat(2) }).map(({ sizes, places, lowest }) => {
    const row = apart(count(sizes), places);
    const rows = [0, 1, 2].flatMap((k) => (k === lowest ? row.map((e) => e - 1) : row));
    return { args: [fromData(rows, [3, ...sizes], "f64")], attrs: { axes: [0] } };
  });

const kinks: Readonly<Record<string, () => fc.Arbitrary<Operands>>> = {
  maximum: twice,
  minimum: twice,
  abs: zero,
  reduce_max: twoGreatest,
};

/** Arbitrary calls at a kink of the op; `undefined` if it has none. */
export const tiedCall = (op: Op): fc.Arbitrary<OpCall> | undefined => kinks[op.name]?.().map((call) => ({ op, ...call }));
