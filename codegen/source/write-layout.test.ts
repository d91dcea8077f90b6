import { expect, test } from "vitest";
import { args, type Doc, layout, list, numbers, record, recordType, typeArgs, WIDTH } from "./write-layout.ts";

const long = (n: number): string[] => Array.from({ length: n }, (_, i) => `argument_number_${i}`);

test("what fits stays on its line", () => {
  expect(layout(["f", args(["a", list(["1", "2"]), record(["value", "grad: p"]), record([])])])).toBe(
    "f(a, [1, 2], { value, grad: p }, {})",
  );
  expect(layout(recordType(["w: A", "b: B"]))).toBe("{ w: A; b: B }");
});

test("what does not goes one item a line, the outermost first", () => {
  expect(layout(["  const x = ", args([...long(6), ["g", args(["a", "b"])]]), ";"], 2)).toMatchInlineSnapshot(
    `"  const x = (argument_number_0, argument_number_1, argument_number_2, argument_number_3, argument_number_4, argument_number_5, g(a, b));"`,
  );
  expect(layout(["Model", typeArgs([list(long(7)), recordType(["value: A", "grad: B"])]), " = f"])).toMatchInlineSnapshot(`
    "Model<
      [argument_number_0, argument_number_1, argument_number_2, argument_number_3, argument_number_4, argument_number_5, argument_number_6],
      { value: A; grad: B }
    > = f"
  `);
});

test("numbers fill their lines", () => {
  const lines = layout(["x = ", numbers(Array.from({ length: 60 }, (_, i) => `${i * 1000}`)), ";"]).split("\n");
  expect(lines.length).toBeLessThan(8);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(WIDTH);
});

test("what follows on the line counts", () => {
  const doc = (after: string): Doc => ["f", args(long(6)), after];
  expect(layout(doc(""))).not.toContain("\n");
  expect(layout(doc(" => {".padEnd(30)))).toContain("\n");
});
