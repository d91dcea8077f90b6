// The value level: every op, called with symbolic tensors of these shapes, gives that shape or throws that message.
import { describe, expect, test } from "vitest";
import * as api from "../index.ts";
import { parameter } from "../value.ts";
import { type Case, cases } from "./cases.test-table.ts";

const ops = new Map(Object.entries(api));
const call = ({ op, shapes, dtypes, rest = [] }: Case): { readonly shape: readonly unknown[] } => {
  const tensors = shapes.map((shape, i) => parameter(shape, dtypes?.[i] ?? "f32", `x${i}`));
  const f = ops.get(op) as unknown as (...args: unknown[]) => { readonly shape: readonly unknown[] };
  return op === "concat" ? f(tensors, ...rest) : f(...tensors, ...rest);
};
const title = ({ op, shapes, rest = [] }: Case): string => `${op}(${[...shapes, ...rest].map((x) => JSON.stringify(x)).join(", ")})`;

describe("shape rules at the value level", () => {
  test.each(cases.map((c): [string, Case] => [title(c), c]))("%s", (_, c) => {
    if (typeof c.gives === "string") expect(() => call(c)).toThrow(new Error(c.gives));
    else expect(call(c).shape).toEqual(c.gives);
  });
});
