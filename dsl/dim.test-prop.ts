/** Dims are integer polynomials: arithmetic on their text is arithmetic on their values, and equal values have equal text. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe, expect, test as plain } from "vitest";
import { runs } from "../proofs/runs.ts";
import {
  addDims,
  canonicalDim,
  divDims,
  evaluateDim,
  floorDivDims,
  mulDims,
  namesOfDim,
  sizeOf,
  solveDim,
  subDims,
  substituteDim,
} from "./dim.ts";
import type { Dim } from "./types.ts";

const { dim } = fc.letrec<{ dim: Dim }>((tie) => ({
  dim: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<Dim>("B", "T", "N"),
    fc.nat(5),
    fc.tuple(fc.constantFrom(addDims, subDims, mulDims), tie("dim"), tie("dim")).map(([f, a, b]) => f(a, b)),
  ),
}));
const sizes = fc.record({ B: fc.nat(50), T: fc.nat(50), N: fc.nat(50) });

/** As the compiler compares dims. */
const same = (a: Dim | undefined, b: Dim): void => expect(a === b, `${a} and ${b}`).toBe(true);

describe("arithmetic", () => {
  test.prop([dim, dim, sizes], runs(300))("a + b, a − b, a · b have the values they should", (a, b, env) => {
    const [x, y] = [evaluateDim(a, env), evaluateDim(b, env)];
    same(evaluateDim(addDims(a, b), env), x + y);
    same(evaluateDim(subDims(a, b), env), x - y);
    same(evaluateDim(mulDims(a, b), env), x * y);
  });
  test.prop([dim, dim, dim], runs(300))("equal polynomials are the same text: the laws of a ring hold under ===", (a, b, c) => {
    same(addDims(a, b), addDims(b, a));
    same(mulDims(a, b), mulDims(b, a));
    same(addDims(addDims(a, b), c), addDims(a, addDims(b, c)));
    same(mulDims(a, addDims(b, c)), addDims(mulDims(a, b), mulDims(a, c)));
    same(subDims(a, a), 0);
  });
  test.prop([dim, fc.constantFrom<Dim>("B", "2*B", "B*T", 3, "T")], runs(300))(
    "(a · b) / b = a, and any quotient times b is the dividend",
    (a, b) => {
      same(divDims(mulDims(a, b), b), a);
      const quotient = divDims(a, b);
      if (quotient !== undefined) same(mulDims(quotient, b), a);
    },
  );
  test.prop([dim, dim, sizes], runs(300))("a with b for T has the value it should", (a, b, env) => {
    same(evaluateDim(substituteDim(a, new Map([["T", b]])), env), evaluateDim(a, { ...env, T: evaluateDim(b, env) }));
  });
  test.prop([dim, dim], runs(300))("what T has to be for a to equal b makes them equal", (a, b) => {
    const solution = solveDim(a, b, "T");
    if (solution !== undefined) {
      const put = (d: Dim): Dim => substituteDim(d, new Map([["T", solution]]));
      same(put(a), put(b));
    }
  });
  test.prop([dim, fc.integer({ min: 1, max: 4 }), sizes], runs(300))(
    "⌊a / n⌋ is that, where it is a dim; it is, of n · a + a number",
    (a, n, env) => {
      const floor = floorDivDims(a, n);
      if (floor !== undefined) same(evaluateDim(floor, env), Math.floor(evaluateDim(a, env) / n));
      same(floorDivDims(addDims(mulDims(a, n), n - 1), n), a);
    },
  );
  test.prop([dim], runs(300))("the canonical form of a canonical form is itself", (a) => {
    same(canonicalDim(String(a)), a);
  });
});

describe("text", () => {
  plain.each([
    ["T*B", "B*T"],
    ["1+T", "T+1"],
    ["B*3*2", "6*B"],
    ["2*B+T-1", "2*B+T-1"],
    ["T+2*B-1-1+B", "3*B+T-2"],
    ["B-B", 0],
    ["2*3", 6],
    [" B + 1 ", "B+1"],
    ["-B", "-B"],
  ])("%s is %s", (written, canonical) => expect(canonicalDim(written)).toBe(canonical));
  plain.each([
    ["B/2", 'dim: "B/2" is not a sum of products: "B/2" is neither a name nor a whole number'],
    ["", 'dim: "" is not a sum of products'],
  ])("%s is refused", (written, message) => expect(() => canonicalDim(written)).toThrow(message));
  plain("names, and the size of a shape", () => {
    expect(namesOfDim("2*B*T+T-1")).toEqual(["B", "T"]);
    expect(sizeOf(["B", 3, "T"])).toBe("3*B*T");
    expect(sizeOf([])).toBe(1);
  });
  plain("no exact quotient: none", () => {
    expect(divDims("B+1", 2)).toBeUndefined();
    expect(divDims("B", "T")).toBeUndefined();
    expect(divDims(6, 0)).toBeUndefined();
  });
});
