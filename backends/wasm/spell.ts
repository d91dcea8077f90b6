/** Scalar functions as WebAssembly instructions. No decisions here, only spelling: a new core function stops the build until it has a row. */
import binaryen from "binaryen";
import type { CoreFn } from "../../dsl/core.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { DType } from "../../dsl/types.ts";

export type Code = binaryen.ExpressionRef;
export type Module = binaryen.Module;

/** A bool is an i32, 0 or 1, in memory and in locals alike. */
export const stackOf = (dtype: DType): "f32" | "f64" | "i32" => (dtype === "bool" ? "i32" : dtype);
export const typeOf = (dtype: DType): binaryen.Type => binaryen[stackOf(dtype)];

/** A call's instructions: of its operands' type (`t`, `f` where they are floats), of integers. */
interface On {
  readonly m: Module;
  readonly t: Module["f32"] | Module["f64"] | Module["i32"];
  readonly f: Module["f32"] | Module["f64"];
  readonly i: Module["i32"];
  readonly from: DType;
  readonly to: DType;
}
type Spelling = (on: On, a: Code, b: Code) => Code;
const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64";

/** Null: there is no instruction; it is imported from `dsl/core.ts`. */
const calls = {
  add: ({ f }, a, b) => f.add(a, b),
  sub: ({ f }, a, b) => f.sub(a, b),
  mul: ({ f }, a, b) => f.mul(a, b),
  div: ({ f }, a, b) => f.div(a, b),
  neg: ({ f }, a) => f.neg(a),
  exp: null,
  log: null,
  sqrt: ({ f }, a) => f.sqrt(a),
  sin: null,
  cos: null,
  tanh: null,
  erf: null,
  abs: ({ f }, a) => f.abs(a),
  max: ({ m, f, from }, a, b) => (isFloat(from) ? f.max(a, b) : m.call("max_i32", [a, b], binaryen.i32)),
  min: ({ m, f, from }, a, b) => (isFloat(from) ? f.min(a, b) : m.call("min_i32", [a, b], binaryen.i32)),
  pow: null,
  equal: ({ t }, a, b) => t.eq(a, b),
  less: ({ f, i, from }, a, b) => (isFloat(from) ? f.lt(a, b) : i.lt_s(a, b)),
  lessEqual: ({ f, i, from }, a, b) => (isFloat(from) ? f.le(a, b) : i.le_s(a, b)),
  and: ({ i }, a, b) => i.and(a, b),
  or: ({ i }, a, b) => i.or(a, b),
  not: ({ i }, a) => i.eqz(a),
  addInt: ({ i }, a, b) => i.add(a, b),
  subInt: ({ i }, a, b) => i.sub(a, b),
  mulInt: ({ i }, a, b) => i.mul(a, b),
  negInt: ({ i }, a) => i.sub(i.const(0), a),
  absInt: null,
  divInt: null,
  remInt: null,
  xor: ({ i }, a, b) => i.xor(a, b),
  shiftLeft: ({ i }, a, b) => i.shl(a, b),
  shiftRight: ({ i }, a, b) => i.shr_u(a, b),
  toInt: ({ i, from }, a) => i.trunc_s_sat[from as "f32"](a),
  toFloat: ({ m, from, to }, a) =>
    !isFloat(from) ? m[to as "f32"].convert_s.i32(a) : from === to ? a : to === "f64" ? m.f64.promote(a) : m.f32.demote(a),
  toBool: ({ t }, a) => t.ne(a, t.const(0)),
} satisfies Record<CoreFn, Spelling | null>;

export function spellCall(m: Module, x: Expr & { readonly kind: "call" }, args: readonly Code[]): Code {
  const from = (x.args[0] as Expr).dtype;
  const type = stackOf(from);
  const spelling: Spelling | null = calls[x.fn];
  if (!spelling) return m.call(`${x.fn}_${type}`, args, binaryen[type]);
  return spelling({ m, t: m[type], f: m[type as "f32"], i: m.i32, from, to: x.dtype }, args[0] as Code, args[1] as Code);
}
