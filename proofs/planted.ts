/** Wrong rules, planted on purpose: the proofs are worth what they catch. Each is an op's record with one mistake in it. */
import { constant } from "../dsl/expr.ts";
import type { Op } from "../dsl/op.ts";
import { broadcastOp, sum } from "../dsl/ops/broadcast.ts";
import { dotGeneral, dotOp } from "../dsl/ops/dot.ts";
import { gatherOp, scatterAddIntoZeros } from "../dsl/ops/gather.ts";
import { reshape } from "../dsl/ops/reshape.ts";
import * as s from "../dsl/ops/scalar.ts";
import { concatOp, pad, padOp, slice, sliceOp } from "../dsl/ops/slice.ts";
import type { Value } from "../dsl/value.ts";
import { fromData, type Sizes } from "./tensors.ts";

export interface Planted {
  readonly mistake: string;
  readonly op: Op;
  /** Laws that must catch it, by their first words. All others must be silent, or fail for the same reason. */
  readonly caughtBy: readonly string[];
  /** A mistake that this law cannot see. */
  readonly hiddenFrom?: string;
}

const differences = "J·t agrees";
const transposed = "⟨ct, J·t⟩";
const adjointDifferences = "the adjoint's J·t";
const exactly = "modulo a prime";
const oracle = "computes what";
const ties = "at a kink";
const flat = "is flat";

type Pull = (d: Value, args: readonly [Value, Value], y: Value) => readonly (() => Value)[];
const withPull = (op: Op, pull: Pull): Op => ({
  ...op,
  derivative: { kind: "scalar", pull: (d, args, y) => pull(d, args as unknown as readonly [Value, Value], y) },
});
type Transpose = (ct: Value, args: readonly Value[], attrs: never) => readonly ((() => Value) | undefined)[];
const withTranspose = (op: unknown, kind: "linear" | "multilinear", transpose: Transpose): Op => {
  const right = op as Op;
  return { ...right, derivative: { kind, transpose: (ct, args, call) => transpose(ct, args, call.attrs as never) } };
};

/** Where an index occurs for the first time. */
const firstOccurrence = (indices: Value): number[] => Array.from(indices.buffer ?? []).map((at, k, all) => Number(all.indexOf(at) === k));

export const planted: readonly Planted[] = [
  {
    mistake: "a wrong sign",
    op: withPull(s.sub.op, (d) => [() => d, () => d]),
    caughtBy: [differences, exactly],
    hiddenFrom: transposed,
  },
  {
    mistake: "a missing factor",
    op: withPull(s.erf.op, (d, [x]) => [() => s.mul(d, s.exp(s.neg(s.mul(x, x))))]),
    caughtBy: [differences],
    hiddenFrom: transposed,
  },
  {
    mistake: "a wrong partial",
    op: withPull(s.tanh.op, (d, _, y) => [() => s.mul(d, s.sub(1, y))]),
    caughtBy: [differences],
    hiddenFrom: transposed,
  },
  {
    mistake: "a slope that is right but does not know what it depends on",
    op: withPull(s.tanh.op, (d, _, y) => [() => s.mul(d, s.stopGradient(s.sub(1, s.mul(y, y))))]),
    caughtBy: [adjointDifferences],
    hiddenFrom: differences,
  },
  {
    mistake: "a strong zero that is flat in the cotangent",
    op: withPull(s.log.op, (d, [x]) => [() => s.where(s.equal(d, 0), 0, s.mul(d, s.div(1, x)))]),
    caughtBy: [adjointDifferences],
    hiddenFrom: differences,
  },
  {
    mistake: "the first of the repeated elements in place of their sum",
    op: withTranspose(broadcastOp, "linear", (ct, [x], { shape, dims }: { shape: Sizes; dims: readonly number[] }) => [
      () => {
        const from = (x as Value).shape as Sizes;
        if (shape.includes(0))
          return reshape(
            sum(
              ct,
              shape.map((_, axis) => axis).filter((axis) => from[dims.indexOf(axis)] !== shape[axis]),
            ),
            from,
          );
        const first = shape.map((n, axis) => [0, from[dims.indexOf(axis)] === n ? n : 1] as const);
        return reshape(slice(ct, first), from);
      },
    ]),
    caughtBy: [transposed, exactly],
    hiddenFrom: differences,
  },
  {
    mistake: "a missing transpose",
    op: withTranspose(dotOp, "multilinear", (ct, [a, b], { contract, batch }: { contract: [Sizes, Sizes]; batch: [Sizes, Sizes] }) => {
      const [x, y] = [a as Value, b as Value];
      const free = y.shape.map((_, axis) => axis).filter((axis) => !contract[1].includes(axis) && !batch[1].includes(axis));
      const last = free.map((_, k) => ct.shape.length - free.length + k);
      const batches = batch[0].map((_, k) => k);
      return [
        () => reshape(dotGeneral(ct, y, { contract: [last, free], batch: [batches, batch[1]] }), x.shape),
        () =>
          dotOp.derivative.kind === "multilinear"
            ? (dotOp.derivative.transpose(ct, [x, y], { attrs: { contract, batch } } as never)[1] as () => Value)()
            : ct,
      ];
    }),
    caughtBy: [transposed, exactly],
    hiddenFrom: differences,
  },
  {
    mistake: "a tie that sends all to one side",
    op: withPull(s.maximum.op, (d, [a, b]) => [() => s.where(s.greaterEqual(a, b), d, 0), () => s.where(s.greater(b, a), d, 0)]),
    caughtBy: [ties],
    hiddenFrom: differences,
  },
  {
    mistake: "an index that occurs twice is added once",
    op: withTranspose(gatherOp, "linear", (ct, [x, at], { axis }: { axis: number }) => [
      () => {
        const [from, indices] = [x as Value, at as Value];
        const once = fromData(firstOccurrence(indices), indices.shape as Sizes, "bool");
        const mask = reshape(once, [...indices.shape, ...from.shape.slice(axis + 1).map(() => 1)]);
        return scatterAddIntoZeros(from.shape[axis] as number, indices, s.where(mask, ct, 0), axis);
      },
      undefined,
    ]),
    caughtBy: [transposed, exactly],
    hiddenFrom: differences,
  },
  {
    mistake: "a slice put back one place too early",
    op: withTranspose(sliceOp, "linear", (ct, [x], { start, limit }: { start: Sizes; limit: Sizes }) => [
      () => {
        const early = start.map((at) => Math.max(0, at - 1));
        return pad(
          ct,
          early.map((low, axis) => [low, ((x as Value).shape[axis] as number) - (limit[axis] as number) + (start[axis] as number) - low]),
        );
      },
    ]),
    caughtBy: [transposed, exactly],
    hiddenFrom: differences,
  },
  {
    mistake: "the cotangents of the pieces of a concatenation in the wrong order",
    op: withTranspose(concatOp, "linear", (ct, args, { axis }: { axis: number }) => {
      let end = ct.shape[axis] as number;
      return args.map((x) => {
        const to = end;
        end -= x.shape[axis] as number;
        const from = end;
        return () =>
          slice(
            ct,
            x.shape.map((d, a) => (a === axis ? [from, to] : [0, d as number])),
          );
      });
    }),
    caughtBy: [transposed, exactly],
    hiddenFrom: differences,
  },
  {
    mistake: "an affine op that is taken for linear",
    op: withTranspose(padOp, "linear", (ct, [x], { low }: { low: Sizes }) => [
      () =>
        slice(
          ct,
          low.map((from, axis) => [from, from + ((x as Value).shape[axis] as number)]),
        ),
    ]),
    caughtBy: [differences, transposed, exactly],
  },
  {
    mistake: "a function that is declared flat and is not",
    op: { ...s.sin.op, derivative: { kind: "zero" } },
    caughtBy: [flat],
  },
  {
    mistake: "another function, with the derivative that is right for it",
    op: { ...s.cos.op, name: "sine" },
    caughtBy: [oracle],
    hiddenFrom: differences,
  },
  {
    mistake: "0 where the index is in range, for its last place",
    op: {
      ...(gatherOp as unknown as Extract<Op, { kind: "element" }>),
      element: (reads, index, call) =>
        gatherOp.element(
          [
            (...at) => (reads[0] ?? (() => constant(0, "f64")))(...at),
            (...at) => (reads[1] ?? (() => constant(0, "i32")))(...at.map(() => constant(0, "i32"))),
          ],
          index,
          call as never,
        ),
    },
    caughtBy: [oracle],
  },
];
