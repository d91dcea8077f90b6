/** What the ops that move elements refuse, and what the conveniences around them accept. What they compute is proved in `proofs`. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../../proofs/close.ts";
import { fromData, type Sizes } from "../../proofs/tensors.ts";
import type { Value } from "../value.ts";
import { mean, sum } from "./broadcast.ts";
import { dotGeneral, matmul } from "./dot.ts";
import { gather, scatterAddIntoZeros } from "./gather.ts";
import { reshape } from "./reshape.ts";
import { concat, slice } from "./slice.ts";

/** 0, 1, 2, … */
const counted = (...shape: number[]): Value =>
  fromData(
    Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    shape,
    "f32",
  );
const filled = (data: readonly number[], ...shape: number[]): Value => fromData(data, shape, "f32");
const indices = (...at: number[]): Value => fromData(at, [at.length], "i32");
const shapeOf = (x: Value): Sizes => x.shape as Sizes;

// Most complaints are held to their types in `shape/cases.test-table.ts`; these have no type to speak for them.
describe("complaints at run time", () => {
  test.each([
    ["dotGeneral: axis 0 given twice", () => dotGeneral(counted(2), counted(2), { contract: [[0], [0]], batch: [[0], [0]] })],
    ["sum: axis 0 given twice", () => sum(counted(2, 3), [0, -2])],
    ["concat: at least one tensor is needed", () => concat([], 0)],
  ])("%s", (message, call) => expect(call).toThrow(message));
});

describe("conveniences", () => {
  test("negative axes count from the end", () => expectClose(sum(counted(2, 3), -1), filled([3, 12], 2)));
  test("keepDims leaves an axis of size 1", () => expect(shapeOf(mean(counted(2, 3), [0], { keepDims: true }))).toEqual([1, 3]));
  test("mean divides by what it summed", () => expectClose(mean(counted(2, 3)), filled([2.5])));
  test("the mean of nothing is NaN", () => expectClose(mean(counted(0)), filled([Number.NaN]), { nanExpected: true }));
  test("reshape fills one −1", () => expect(shapeOf(reshape(counted(2, 3), [3, -1]))).toEqual([3, 2]));
  test("slice counts negative positions from the end", () => expectClose(slice(counted(4), [[-3, -1]]), filled([1, 2], 2)));
  test("matmul broadcasts leading axes", () => expect(shapeOf(matmul(counted(2, 1, 3, 4), counted(5, 4, 2)))).toEqual([2, 5, 3, 2]));
  test("matmul of a stack with one matrix", () => expectClose(matmul(counted(2, 1, 2), counted(2, 2)), filled([2, 3, 6, 11], 2, 1, 2)));
  test("gather reads 0 out of range, scatter-add drops there: each is the other's adjoint", () => {
    expectClose(gather(filled([5, 6], 2), indices(1, -1, 2, 1)), filled([6, 0, 0, 6], 4));
    expectClose(scatterAddIntoZeros(2, indices(1, -1, 2, 1), filled([1, 2, 3, 4], 4)), filled([0, 5], 2));
  });
});
