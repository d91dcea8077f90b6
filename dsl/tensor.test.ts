import { describe, expect, test } from "vitest";
import { fromData } from "../proofs/tensors.ts";
import { bufferOf } from "./storage.ts";
import { concrete } from "./value.ts";

describe("data on its way in", () => {
  test("a typed array of the dtype is taken as it is, anything else is converted", () => {
    const data = Float32Array.of(1, 2);
    expect(bufferOf(data, [2], "f32")).toBe(data);
    expect(bufferOf(data, [2], "f64")).toEqual(Float64Array.of(1, 2));
    expect(bufferOf([true, false], [2], "bool")).toEqual(Uint8Array.of(1, 0));
    expect(bufferOf(3, [], "i32")).toEqual(Int32Array.of(3));
  });
  test.each([
    ["tensor: 5 elements do not make [2, 3]", () => bufferOf([1, 2, 3, 4, 5], [2, 3], "f32")],
    ["tensor: 1 elements do not make [B]", () => bufferOf([1], ["B"], "f32")],
  ])("%s", (message, call) => expect(call).toThrow(message));
});

describe("print", () => {
  test("dtype, shape and elements, six an axis", () => {
    expect(String(fromData([1, 2, 3, 4.5], [2, 2], "f32"))).toBe("Tensor<[2, 2], f32> [[1, 2], [3, 4.50000]]");
    expect(String(concrete(new Int32Array(9), [9], "i32"))).toBe("Tensor<[9], i32> [0, 0, 0, 0, 0, 0, …]");
    expect(String(fromData([7], [], "i32"))).toBe("Tensor<[], i32> 7");
  });
});
