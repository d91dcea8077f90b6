/** What the ops that move elements refuse, and what the conveniences around them accept. What they compute is proved in `proofs`. */
import { describe, expect, test } from "vitest";
import { expectClose } from "../../proofs/close.ts";
import { fromData, type Sizes } from "../../proofs/tensors.ts";
import type { Value } from "../value.ts";
import { broadcastTo, mean, sum } from "./broadcast.ts";
import { dotGeneral, matmul } from "./dot.ts";
import { gather, scatterAddIntoZeros } from "./gather.ts";
import { reshape, transpose } from "./reshape.ts";
import { concat, pad, slice } from "./slice.ts";

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

describe("complaints", () => {
  test.each([
    ["matmul: inner dimensions differ: [2, 3] x [2, 3] (3 vs 2)", () => matmul(counted(2, 3), counted(2, 3))],
    ["matmul: left operand must have rank >= 2, got [3]", () => matmul(counted(3), counted(3, 3))],
    ["matmul: batch dimensions differ: [2, 2, 2] x [3, 2, 2] (2 vs 3)", () => matmul(counted(2, 2, 2), counted(3, 2, 2))],
    ["dotGeneral: paired axes differ: [2] x [3] (2 vs 3)", () => dotGeneral(counted(2), counted(3), { contract: [[0], [0]] })],
    ["dotGeneral: axes [0] and [] are not pairs", () => dotGeneral(counted(2), counted(2), { contract: [[0], []] })],
    ["dotGeneral: axis 0 given twice", () => dotGeneral(counted(2), counted(2), { contract: [[0], [0]], batch: [[0], [0]] })],
    ["broadcastTo: cannot broadcast [2, 3] to [3]", () => broadcastTo(counted(2, 3), [3])],
    ["sum: axis 2 is out of range for [2, 3]", () => sum(counted(2, 3), 2)],
    ["sum: axis 0 given twice", () => sum(counted(2, 3), [0, -2])],
    ["reshape: [2, 3] has 6 elements but [4] has 4", () => reshape(counted(2, 3), [4])],
    ["reshape: [2, 3] has 6 elements, not a multiple of 4 for [4, -1]", () => reshape(counted(2, 3), [4, -1])],
    ["reshape: only one −1 is allowed, got [-1, -1]", () => reshape(counted(2, 3), [-1, -1])],
    ["transpose: order [0, 0] does not have one entry per axis of [2, 3]", () => transpose(counted(2, 3), [0, 0])],
    ["transpose: rank must be >= 2, got [3]", () => transpose(counted(3))],
    ["slice: [1, 4] is out of bounds for axis of size 3", () => slice(counted(3), [[1, 4]])],
    ["slice: [2, 1] is out of bounds for axis of size 3", () => slice(counted(3), [[2, 1]])],
    ["slice: 2 ranges for [3]", () => slice(counted(3), [null, null])],
    ["pad: widths are not negative, got [-1] and [0]", () => pad(counted(3), [[-1, 0]])],
    ["concat: [2, 3] and [2, 2] differ (axis 1: 3 vs 2)", () => concat([counted(2, 3), counted(2, 2)], 0)],
    ["concat: at least one tensor is needed", () => concat([], 0)],
    ['gather: indices are i32, got f32; write cast(…, "i32")', () => gather(counted(3), counted(2))],
    ["scatterAdd: updates [3] do not begin with the shape of indices [2]", () => scatterAddIntoZeros(3, indices(0, 1), counted(3))],
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
