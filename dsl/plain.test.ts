import { expect, test } from "vitest";
import { add } from "./index.ts";
import { tensor } from "./plain.ts";

test("is data, and an operand of any op", async () => {
  const x = tensor([1, 2, 3, 4], [2, 2]);
  expect(await x.data()).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(await add(x, x).data()).toEqual(Float32Array.of(2, 4, 6, 8));
  expect(await tensor([true, false], [2], "bool").data()).toEqual(Uint8Array.of(1, 0));
});

test("refuses another number of elements", () => {
  expect(() => tensor([1, 2, 3], [2, 2])).toThrow("tensor: 3 elements do not make [2, 2]");
});
