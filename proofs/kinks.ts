/** Calls at which an op is not smooth: two elements tie, or one stands at a corner. */
import fc from "fast-check";
import type { Op } from "../dsl/op.ts";
import type { OpCall } from "./calls.ts";
import { count, distinct, eighths, fromData, shape, tensor } from "./tensors.ts";

type Operands = Pick<OpCall, "args" | "attrs">;

const twice = (): fc.Arbitrary<Operands> => shape().chain((sizes) => tensor(sizes, "f64", eighths(-3, 3)).map((x) => ({ args: [x, x], attrs: {} })));
const zero = (): fc.Arbitrary<Operands> => shape().map((sizes) => ({ args: [fromData(Array(count(sizes)).fill(0), sizes, "f64")], attrs: {} }));

/** `[3, …]`, two of the three rows alike and above the third. */
const twoGreatest = (): fc.Arbitrary<Operands> =>
  shape(3)
    .chain((sizes) => fc.tuple(distinct(sizes, "f64"), fc.nat(2)))
    .map(([x, lowest]) => {
      const row = Array.from(x.buffer ?? []);
      const rows = [0, 1, 2].flatMap((k) => (k === lowest ? row.map((e) => e - 1) : row));
      return { args: [fromData(rows, [3, ...(x.shape as number[])], "f64")], attrs: { axes: [0] } };
    });

const kinks: Readonly<Record<string, () => fc.Arbitrary<Operands>>> = { maximum: twice, minimum: twice, abs: zero, reduce_max: twoGreatest };

/** Arbitrary calls at a kink of the op; `undefined` if it has none. */
export const tiedCall = (op: Op): fc.Arbitrary<OpCall> | undefined => kinks[op.name]?.().map((call) => ({ op, ...call }));
