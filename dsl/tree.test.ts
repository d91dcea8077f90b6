import { expect, test } from "vitest";
import { fromData } from "../proofs/tensors.ts";
import { leavesOf, mapTree } from "./tree.ts";

const x = fromData([1], [1], "f32");
const tree = { w: x, layers: [{ b: x }, [2, null]], empty: {} };

test("leaves in declaration order, with their paths", () => {
  expect(leavesOf(tree).map(({ path }) => path)).toEqual(["w", "layers[0].b", "layers[1][0]", "layers[1][1]"]);
  expect(leavesOf(x)).toEqual([{ path: "", value: x }]);
});

test("a map keeps the structure and walks further trees alongside", () => {
  const other = { w: 1, layers: [{ b: 2 }, [3, 4]], empty: {} };
  expect(mapTree((_, n) => n, tree, other)).toEqual(other);
  expect(mapTree((leaf) => leaf, tree)).toEqual(tree);
});

test("an object of a class is a leaf", () => {
  const date = new Date(0);
  expect(leavesOf({ date })).toEqual([{ path: "date", value: date }]);
});
