/** Scalar expressions as text, and that the text means what the expression does. */
import { describe, expect, test } from "vitest";
import { type CoreFn, core } from "../../dsl/core.ts";
import { call, constant, type Expr, indexVar, int, local, select, size } from "../../dsl/expr.ts";
import type { DType } from "../../dsl/types.ts";
import { atom, type Scope, spell } from "./spell.ts";

const scope = (inAddress = false): Scope => ({
  index: atom,
  local: atom,
  dim: (d) => atom(String(d)),
  load: () => atom("x"),
  bound: () => undefined,
  inAddress,
});
const text = (x: Expr, inAddress = false): string => spell(x, scope(inAddress)).text;

const [a, b, c] = ["a", "b", "c"].map((name) => local(name, "f32")) as [Expr, Expr, Expr];
const [m, n] = ["m", "n"].map((name) => local(name, "i32")) as [Expr, Expr];
const [p, q] = ["p", "q"].map((name) => local(name, "bool")) as [Expr, Expr];
const f = (fn: CoreFn, args: readonly Expr[], dtype: DType = "f32"): Expr => call(fn, args, dtype);
const i = indexVar("i");

test.each<[Expr, string]>([
  [f("sub", [a, f("sub", [b, c])]), "a - (b - c)"],
  [f("sub", [f("sub", [a, b]), c]), "a - b - c"],
  [f("mul", [f("add", [a, b]), c]), "(a + b) * c"],
  [f("div", [a, f("mul", [b, c])]), "a / (b * c)"],
  [f("sub", [a, constant(-1, "f32")]), "a - -1"],
  [f("neg", [f("neg", [a])]), "-(-a)"],
  [f("neg", [constant(-2, "f32")]), "-(-2)"],
  [f("mul", [constant(-0, "f32"), a]), "-0 * a"],
  [f("add", [constant(Number.NaN, "f32"), constant(Number.NEGATIVE_INFINITY, "f32")]), "NaN + -Infinity"],
  [f("addInt", [f("addInt", [m, n], "i32"), int(1)], "i32"), "(m + n | 0) + 1 | 0"],
  [f("mulInt", [m, f("negInt", [n], "i32")], "i32"), "Math.imul(m, -n | 0)"],
  [f("and", [f("less", [a, b], "bool"), f("or", [p, q], "bool")], "bool"), "a < b && (p || q)"],
  [f("not", [f("and", [p, q], "bool")], "bool"), "!(p && q)"],
  [f("less", [f("less", [a, b], "bool"), f("equal", [p, q], "bool")], "bool"), "a < b < (p === q)"],
  [f("equal", [f("less", [a, b], "bool"), p], "bool"), "a < b === p"],
  [select(p, select(q, a, b), select(q, b, c)), "p ? (q ? a : b) : q ? b : c"],
  [f("mul", [f("toFloat", [p]), a]), "(p ? 1 : 0) * a"],
  [f("shiftRight", [f("xor", [m, n], "i32"), int(3)], "i32"), "(m ^ n) >>> 3 | 0"],
])("%#: %s", (x, expected) => expect(text(x)).toBe(expected));

describe("comparisons are of f32s", () => {
  test("a constant is the one that memory would hold", () => {
    expect(text(f("lessEqual", [a, constant(0.1, "f32")], "bool"))).toBe("a <= 0.10000000149011612");
    expect(text(f("lessEqual", [a, constant(0.5, "f32")], "bool"))).toBe("a <= 0.5");
  });
  test("equality rounds what was not rounded by being stored", () => {
    expect(text(f("equal", [a, f("add", [b, c])], "bool"))).toBe("Math.fround(a) === Math.fround(b + c)");
    expect(text(f("equal", [f("mul", [a, b]), constant(0, "f32")], "bool"))).toBe("a * b === 0");
    expect(text(f("equal", [m, n], "bool"))).toBe("m === n");
  });
});

describe("arithmetic on indices", () => {
  const product = f("mulInt", [i, int(1_000_000_007)], "i32");
  test("is plain where it says where an element lies", () => {
    expect(text(f("addInt", [f("mulInt", [i, int(4)], "i32"), int(2)], "i32"), true)).toBe("i * 4 + 2");
    expect(text(f("divInt", [f("addInt", [i, size("B")], "i32"), int(4)], "i32"), true)).toBe("(i + B) / 4 | 0");
  });
  test("wraps where it may be somebody's hash", () => {
    expect(text(product)).toBe("Math.imul(i, 1000000007)");
    expect(text(f("divInt", [product, int(5)], "i32"))).toBe("divInt(Math.imul(i, 1000000007), 5)");
  });
  test("is plain where nothing can become large", () => expect(text(f("subInt", [i, int(1)], "i32"))).toBe("i - 1"));
});

/** Every core function, spelled, run, and held against its meaning, on numbers where they might differ. */
describe("every core function means what core.ts says", () => {
  const helpers = { erf: core.erf, divInt: core.divInt, remInt: core.remInt, toInt: core.toInt };
  const ints = [0, 1, -1, 7, -8, 2147483647, -2147483648];
  const floats = [0, -0, 0.5, -1.5, 3, 1e10, Number.POSITIVE_INFINITY, Number.NaN];
  const intOnly = new Set<CoreFn>(["addInt", "subInt", "mulInt", "negInt", "absInt", "divInt", "remInt", "xor", "shiftLeft", "shiftRight"]);
  const boolOnly = new Set<CoreFn>(["and", "or", "not"]);
  test.each(Object.keys(core) as CoreFn[])("%s", (fn) => {
    const [from, values]: [DType, readonly (number | boolean)[]] = intOnly.has(fn)
      ? ["i32", ints]
      : boolOnly.has(fn)
        ? ["bool", [true, false]]
        : ["f64", floats];
    const to: DType =
      intOnly.has(fn) || fn === "toInt"
        ? "i32"
        : boolOnly.has(fn) || ["equal", "less", "lessEqual", "toBool"].includes(fn)
          ? "bool"
          : "f64";
    const args = [local("a", from), local("b", from)].slice(0, core[fn].length);
    const run = new Function("a", "b", ...Object.keys(helpers), `return ${text({ kind: "call", dtype: to, fn, args })};`);
    for (const x of values)
      for (const y of values) {
        const shift = fn.startsWith("shift") ? [x, Number(y) & 31] : [x, y];
        const expected = (core[fn] as (...numbers: number[]) => number)(...shift.map(Number));
        expect(Number(run(...shift, ...Object.values(helpers))), `${fn}(${shift})`).toBe(expected);
      }
  });
});
