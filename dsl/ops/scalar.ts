/** Elementwise primitives: a row is the whole op. In a row, `y` is the result, so that rules reuse it; StableHLO's names. */

import type { CoreFn } from "../core.ts";
import { topological } from "../differentiate.ts";
import { call, constant, type Expr, select as selectExpr } from "../expr.ts";
import type { Attrs, Box, Derivative, ElementOp } from "../op.ts";
import type { DType } from "../types.ts";
import { isTensor, makeValue, type Value, valueOf } from "../value.ts";
import { broadcastTo } from "./broadcast.ts";
import { scalar } from "./generate.ts";
import { broadcastShapes, meet, type Operand, toValue } from "./operand.ts";

/** ∂y/∂xᵢ: a number or a value, built only if asked for. `undefined`: the op is flat in that argument. */
type Partial = ((args: readonly [Value, Value], y: Value) => Value | number) | undefined;

interface Row {
  /** StableHLO's name, where it is not ours. */
  readonly stablehlo?: string;
  /** On floats; on i32 if it differs. No `float`: the op is for integers or truth values only. */
  readonly float?: CoreFn;
  readonly int?: CoreFn;
  readonly bool?: CoreFn;
  readonly partials: readonly Partial[];
  /** Some partial can be infinite: a cotangent of 0 then gives 0, whatever the partial (strong zero). */
  readonly unbounded?: true | "where masked";
  readonly result?: DType;
  readonly domain?: readonly Box[];
}

function scalarOp(name: string, row: Row): ElementOp {
  const core = (dtype: DType): CoreFn | undefined => (dtype === "i32" ? row.int : dtype === "bool" ? row.bool : row.float);
  return {
    name: row.stablehlo ?? name,
    kind: "element",
    shape: ([x]) => {
      if (!x) throw new Error(`internal: ${name} needs an argument`);
      if (!core(x.dtype))
        throw new Error(`${name}: not defined on ${x.dtype}; write cast(…, "${row.float ? "f32" : row.int ? "i32" : "bool"}")`);
      return { shape: x.shape, dtype: row.result ?? x.dtype };
    },
    element: (args, index, y) => {
      const operands = args.map((read) => read(...index));
      return call(core(y.args[0]?.dtype ?? "f32") as CoreFn, operands, y.dtype);
    },
    derivative: row.partials.length === 0 ? { kind: "zero" } : pullThrough(row),
    ...(row.domain && { domain: row.domain }),
  };
}

function pullThrough({ partials, unbounded }: Row): Derivative<Attrs> {
  return {
    kind: "scalar",
    pull: (d, args, y) =>
      partials.map(
        (partial) =>
          partial &&
          (() => {
            const slope = partial(args as unknown as readonly [Value, Value], y);
            if (typeof slope === "number") return slope === 1 ? d : slope === -1 ? neg(d) : mul(d, slope);
            return unbounded === true || (unbounded === "where masked" && isMasked(d)) ? strongMul(d, slope) : mul(d, slope);
          }),
      ),
  };
}

/**
 * Whether a cotangent or tangent may be 0 because a `where` did not take what it belongs to: a slope that overflowed must then not make it
 * NaN. Where nothing is masked, a plain product says what would be NaN in exact arithmetic too.
 */
function isMasked(d: Value): boolean {
  const known = masks.get(d);
  if (known !== undefined) return known;
  let found = false;
  for (const v of topological([d], masks)) {
    // Of a product, the first factor is the derivative, the second a slope.
    const carriers = v.op === mul.op || v.op === strongMul.op ? v.args.slice(0, 1) : v.args;
    // Of elements alone, no one knows where they come from.
    const unknown = v.op.kind === "leaf" && v.concrete;
    found = masks.get(v) ?? (unknown || v.op === selectOp || carriers.some((arg) => masks.get(arg)));
    masks.set(v, found);
  }
  return found;
}
const masks = new WeakMap<Value, boolean>();

type Unary = ((x: Operand) => Value) & { readonly op: ElementOp };
type Binary = ((a: Operand, b: Operand) => Value) & { readonly op: ElementOp };

function unary(name: string, row: Row): Unary {
  const op = scalarOp(name, row);
  return Object.assign((x: Operand) => makeValue(op, [toValue(name, x)], {}), { op });
}
function binary(name: string, row: Row): Binary {
  const op = scalarOp(name, row);
  return Object.assign((a: Operand, b: Operand) => makeValue(op, meet(name, [a, b]), {}), { op });
}
const comparison = (name: string, core: CoreFn, stablehlo = name): Binary =>
  binary(name, { stablehlo, float: core, int: core, bool: core, result: "bool", partials: [] });

export const add: Binary = binary("add", { float: "add", int: "addInt", partials: [() => 1, () => 1] });
export const sub: Binary = binary("sub", { stablehlo: "subtract", float: "sub", int: "subInt", partials: [() => 1, () => -1] });
export const mul: Binary = binary("mul", {
  stablehlo: "multiply",
  float: "mul",
  int: "mulInt",
  partials: [([, b]) => b, ([a]) => a],
  unbounded: "where masked",
});
/**
 * a · b, and 0 where a is 0, whatever b is: what carries a derivative past a slope that may be infinite. An op, not a `where`, because it
 * still changes with a at a = 0.
 */
export const strongMul: Binary = Object.assign((a: Operand, b: Operand) => makeValue(strongMul.op, meet("strongMul", [a, b]), {}), {
  op: {
    name: "strong_multiply",
    kind: "element",
    shape: ([x]) => {
      if (!x) throw new Error("internal: strongMul needs an argument");
      if (x.dtype !== "f32" && x.dtype !== "f64") throw new Error(`strongMul: not defined on ${x.dtype}; write cast(…, "f32")`);
      return { shape: x.shape, dtype: x.dtype };
    },
    element: (args, index, { dtype }) => {
      const [a, b] = args.map((read) => read(...index)) as [Expr, Expr];
      return selectExpr(call("equal", [a, constant(0, dtype)], "bool"), constant(0, dtype), call("mul", [a, b], dtype));
    },
    derivative: { kind: "scalar", pull: (d, [a, b]) => [() => strongMul(d, b as Value), () => strongMul(a as Value, d)] },
  } satisfies ElementOp,
});
export const div: Binary = binary("div", {
  stablehlo: "divide",
  float: "div",
  int: "divInt",
  partials: [([, b]) => div(1, b), ([, b], y) => neg(div(y, b))],
  unbounded: true,
  domain: [
    [
      [-3, 3],
      [0.5, 3],
    ],
    [
      [-3, 3],
      [-3, -0.5],
    ],
  ],
});
export const neg: Unary = unary("neg", { stablehlo: "negate", float: "neg", int: "negInt", partials: [() => -1] });
export const exp: Unary = unary("exp", {
  stablehlo: "exponential",
  float: "exp",
  partials: [(_, y) => y],
  unbounded: true,
  domain: [[[-3, 3]]],
});
export const log: Unary = unary("log", { float: "log", partials: [([x]) => div(1, x)], unbounded: true, domain: [[[0.2, 4]]] });
export const sqrt: Unary = unary("sqrt", { float: "sqrt", partials: [(_, y) => div(0.5, y)], unbounded: true, domain: [[[0.2, 4]]] });
export const sin: Unary = unary("sin", { stablehlo: "sine", float: "sin", partials: [([x]) => cos(x)] });
export const cos: Unary = unary("cos", { stablehlo: "cosine", float: "cos", partials: [([x]) => neg(sin(x))] });
export const tanh: Unary = unary("tanh", { float: "tanh", partials: [(_, y) => sub(1, mul(y, y))] });
/** 2/√π · e^(−x²) */
export const erf: Unary = unary("erf", { float: "erf", partials: [([x]) => mul(exp(neg(mul(x, x))), 2 / Math.sqrt(Math.PI))] });
/** Subgradient 0 at 0. */
export const abs: Unary = unary("abs", {
  float: "abs",
  int: "absInt",
  partials: [([x]) => where(greater(x, 0), 1, where(less(x, 0), -1, zerosLike(x)))],
  domain: [[[0.2, 3]], [[-3, -0.2]]],
});
/** A tie sends half to each side. */
export const maximum: Binary = binary("maximum", {
  float: "max",
  int: "max",
  partials: [([a, b]) => winner(a, b), ([a, b]) => winner(b, a)],
  domain: [
    [
      [-3, 0.9],
      [1.1, 3],
    ],
    [
      [1.1, 3],
      [-3, 0.9],
    ],
  ],
});
export const minimum: Binary = binary("minimum", {
  float: "min",
  int: "min",
  partials: [([a, b]) => winner(b, a), ([a, b]) => winner(a, b)],
  domain: [
    [
      [-3, 0.9],
      [1.1, 3],
    ],
    [
      [1.1, 3],
      [-3, 0.9],
    ],
  ],
});
const winner = (a: Value, b: Value): Value => where(greater(a, b), 1, where(equal(a, b), 0.5, zerosLike(a)));
/** ∂/∂a = b·a^(b−1), 0 where b = 0; ∂/∂b = y·ln a, 0 where a ≤ 0. */
export const pow: Binary = binary("pow", {
  stablehlo: "power",
  float: "pow",
  partials: [([a, b]) => strongMul(b, pow(a, sub(b, 1))), ([a], y) => where(greater(a, 0), mul(y, log(where(greater(a, 0), a, 1))), 0)],
  unbounded: true,
  domain: [
    [
      [0.3, 3],
      [-2, 3],
    ],
  ],
});

export const equal: Binary = comparison("equal", "equal");
export const less: Binary = comparison("less", "less");
export const lessEqual: Binary = comparison("lessEqual", "lessEqual", "less_equal");
/** The comparison that is `op` with its operands exchanged; what is wrong is said under its own name. */
const exchanged =
  (name: string, op: ElementOp) =>
  (a: Operand, b: Operand): Value =>
    makeValue(op, meet(name, [a, b]).reverse(), {});
export const greater: (a: Operand, b: Operand) => Value = exchanged("greater", less.op);
export const greaterEqual: (a: Operand, b: Operand) => Value = exchanged("greaterEqual", lessEqual.op);
export const notEqual = (a: Operand, b: Operand): Value => logicalNot(makeValue(equal.op, meet("notEqual", [a, b]), {}));
export const logicalAnd: Binary = binary("logicalAnd", { stablehlo: "and", bool: "and", result: "bool", partials: [] });
export const logicalOr: Binary = binary("logicalOr", { stablehlo: "or", bool: "or", result: "bool", partials: [] });
export const logicalNot: Unary = unary("logicalNot", { stablehlo: "not", bool: "not", result: "bool", partials: [] });

/** i32, by 0 to 31 bits; zeros come in from the left. */
export const shiftRight: Binary = binary("shiftRight", { stablehlo: "shift_right_logical", int: "shiftRight", partials: [] });

/** test ? a : b, elementwise and lazily: what is not taken does not exist, in the derivative too. */
export const selectOp: ElementOp = {
  name: "select",
  kind: "element",
  shape: ([test, a]) => {
    if (!test || !a) throw new Error("internal: select needs three arguments");
    if (test.dtype !== "bool") throw new Error(`where: the condition is bool, got ${test.dtype}`);
    return { shape: a.shape, dtype: a.dtype };
  },
  element: (args, index) => {
    const [test, a, b] = args.map((read) => read(...index)) as [Expr, Expr, Expr];
    return selectExpr(test, a, b);
  },
  derivative: {
    kind: "scalar",
    pull: (d, [test]) => [undefined, () => where(test as Value, d, zerosLike(d)), () => where(test as Value, zerosLike(d), d)],
  },
};
export function where(test: Operand, a: Operand, b: Operand): Value {
  const [x, y] = meet("where", [a, b]) as [Value, Value];
  if (!isTensor(test)) throw new Error("where: the condition is a bool tensor");
  const shape = broadcastShapes("where", test.shape, x.shape);
  return makeValue(selectOp, [broadcastTo(valueOf(test), shape), broadcastTo(x, shape), broadcastTo(y, shape)], {});
}
/** 0 everywhere. */
export const zerosLike = (x: Value): Value => broadcastTo(scalar(0, x.dtype), x.shape);

/** Between dtypes: to i32 rounds toward zero and saturates; to bool is x ≠ 0. StableHLO: convert. */
export const convertOp: ElementOp<{ dtype: DType }> = {
  name: "convert",
  kind: "element",
  shape: ([x], { dtype }) => ({ shape: x?.shape ?? [], dtype }),
  element: ([read], index, { attrs, args }) => {
    const x = (read as (...i: readonly Expr[]) => Expr)(...index);
    const from = args[0]?.dtype ?? "f32";
    const isFloat = (d: DType): boolean => d === "f32" || d === "f64";
    if (attrs.dtype === from) return x;
    if (attrs.dtype === "bool") return call("toBool", [x], "bool");
    if (attrs.dtype === "i32") return isFloat(from) ? call("toInt", [x], "i32") : selectExpr(x, constant(1, "i32"), constant(0, "i32"));
    return call("toFloat", [x], attrs.dtype);
  },
  // A cotangent goes back to x's dtype, a tangent on to y's.
  derivative: { kind: "scalar", pull: (d, [x], y) => [() => cast(d, d.dtype === y.dtype ? (x as Value).dtype : y.dtype)] },
};
export function cast(x: Operand, dtype: DType): Value {
  const v = toValue("cast", x);
  return v.dtype === dtype ? v : makeValue(convertOp, [v], { dtype });
}

/** x, seen as a constant by every derivative. */
export const stopGradientOp: ElementOp = {
  name: "stop_gradient",
  kind: "element",
  shape: ([x]) => ({ shape: x?.shape ?? [], dtype: x?.dtype ?? "f32" }),
  element: ([read], index) => (read as (...i: readonly Expr[]) => Expr)(...index),
  derivative: { kind: "zero" },
};
export const stopGradient = (x: Operand): Value => makeValue(stopGradientOp, [toValue("stopGradient", x)], {});
