/** Scalar functions as WebAssembly instructions, one at a time and four at a time. A new core function stops the build until it has a row. */
import type { CoreFn } from "../../dsl/core.ts";
import type { DType } from "../../dsl/types.ts";
import { type Code, type Func, f32, f64, i32 } from "./assembler.ts";

/** A call's operands: what they are, and what is wanted. */
export interface On {
  readonly f: Func;
  readonly from: DType;
  readonly to: DType;
}
type Spelling = (on: On, a: Code, b: Code) => Code;
interface Row {
  /** One at a time; a bool is an i32, 0 or 1. */
  readonly one: Spelling | "import" | "polynomial";
  /** Four at a time, where there is an instruction; a bool is a mask. */
  readonly four: Spelling | "lanes" | "polynomial";
}

const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64";
export const scalarType = (dtype: DType): typeof i32 => (dtype === "f32" ? f32 : dtype === "f64" ? f64 : i32);

/** The operations of an operand's own type. */
const own = ({ f, from }: On) => (from === "f32" ? f.m.f32 : f.m.f64);
const cmp = ({ f, from }: On) => (from === "f32" ? f.m.f32 : from === "f64" ? f.m.f64 : f.m.i32);
const lanes = ({ f, from }: On) => (from === "f32" ? f.m.f32x4 : f.m.i32x4);

const table = {
  add: { one: (on, a, b) => own(on).add(a, b), four: ({ f }, a, b) => f.m.f32x4.add(a, b) },
  sub: { one: (on, a, b) => own(on).sub(a, b), four: ({ f }, a, b) => f.m.f32x4.sub(a, b) },
  mul: { one: (on, a, b) => own(on).mul(a, b), four: ({ f }, a, b) => f.m.f32x4.mul(a, b) },
  div: { one: (on, a, b) => own(on).div(a, b), four: ({ f }, a, b) => f.m.f32x4.div(a, b) },
  neg: { one: (on, a) => own(on).neg(a), four: ({ f }, a) => f.m.f32x4.neg(a) },
  exp: { one: "polynomial", four: "polynomial" },
  log: { one: "polynomial", four: "polynomial" },
  sqrt: { one: (on, a) => own(on).sqrt(a), four: ({ f }, a) => f.m.f32x4.sqrt(a) },
  sin: { one: "polynomial", four: "polynomial" },
  cos: { one: "polynomial", four: "polynomial" },
  tanh: { one: "polynomial", four: "polynomial" },
  erf: { one: "polynomial", four: "polynomial" },
  abs: { one: (on, a) => own(on).abs(a), four: ({ f }, a) => f.m.f32x4.abs(a) },
  max: {
    one: (on, a, b) => (isFloat(on.from) ? own(on).max(a, b) : pick(on, a, b, "gt_s")),
    four: (on, a, b) => (on.from === "f32" ? on.f.m.f32x4.max(a, b) : on.from === "i32" ? on.f.m.i32x4.max_s(a, b) : on.f.m.v128.or(a, b)),
  },
  min: {
    one: (on, a, b) => (isFloat(on.from) ? own(on).min(a, b) : pick(on, a, b, "lt_s")),
    four: (on, a, b) => (on.from === "f32" ? on.f.m.f32x4.min(a, b) : on.from === "i32" ? on.f.m.i32x4.min_s(a, b) : on.f.m.v128.and(a, b)),
  },
  pow: { one: "polynomial", four: "polynomial" },
  equal: { one: (on, a, b) => cmp(on).eq(a, b), four: (on, a, b) => lanes(on).eq(a, b) },
  less: {
    one: (on, a, b) => (isFloat(on.from) ? own(on).lt(a, b) : on.f.m.i32.lt_s(a, b)),
    four: (on, a, b) =>
      on.from === "f32" ? on.f.m.f32x4.lt(a, b) : on.from === "i32" ? on.f.m.i32x4.lt_s(a, b) : on.f.m.v128.andnot(b, a),
  },
  lessEqual: {
    one: (on, a, b) => (isFloat(on.from) ? own(on).le(a, b) : on.f.m.i32.le_s(a, b)),
    four: (on, a, b) =>
      on.from === "f32" ? on.f.m.f32x4.le(a, b) : on.from === "i32" ? on.f.m.i32x4.le_s(a, b) : on.f.m.v128.or(b, on.f.m.v128.not(a)),
  },
  and: { one: ({ f }, a, b) => f.m.i32.and(a, b), four: ({ f }, a, b) => f.m.v128.and(a, b) },
  or: { one: ({ f }, a, b) => f.m.i32.or(a, b), four: ({ f }, a, b) => f.m.v128.or(a, b) },
  not: { one: ({ f }, a) => f.m.i32.eqz(a), four: ({ f }, a) => f.m.v128.not(a) },
  addInt: { one: ({ f }, a, b) => f.m.i32.add(a, b), four: ({ f }, a, b) => f.m.i32x4.add(a, b) },
  subInt: { one: ({ f }, a, b) => f.m.i32.sub(a, b), four: ({ f }, a, b) => f.m.i32x4.sub(a, b) },
  mulInt: { one: ({ f }, a, b) => f.m.i32.mul(a, b), four: ({ f }, a, b) => f.m.i32x4.mul(a, b) },
  negInt: { one: ({ f }, a) => f.m.i32.sub(f.int(0), a), four: ({ f }, a) => f.m.i32x4.neg(a) },
  absInt: { one: (on, a) => absolute(on, a), four: ({ f }, a) => f.m.i32x4.abs(a) },
  divInt: { one: (on, a, b) => quotient(on, a, b), four: "lanes" },
  remInt: { one: (on, a, b) => remainder(on, a, b), four: "lanes" },
  xor: { one: ({ f }, a, b) => f.m.i32.xor(a, b), four: ({ f }, a, b) => f.m.v128.xor(a, b) },
  shiftLeft: { one: ({ f }, a, b) => f.m.i32.shl(a, b), four: "lanes" },
  shiftRight: { one: ({ f }, a, b) => f.m.i32.shr_u(a, b), four: "lanes" },
  toInt: { one: ({ f, from }, a) => f.m.i32.trunc_s_sat[from as "f32"](a), four: ({ f }, a) => f.m.i32x4.trunc_sat_f32x4_s(a) },
  toFloat: {
    one: ({ f, from, to }, a) =>
      from === to ? a : from === "f32" ? f.m.f64.promote(a) : from === "f64" ? f.m.f32.demote(a) : f.m[to as "f32"].convert_s.i32(a),
    four: ({ f, from }, a) => (from === "f32" ? a : from === "i32" ? f.m.f32x4.convert_i32x4_s(a) : f.m.v128.and(a, f.splat(1))),
  },
  toBool: {
    one: (on, a) => cmp(on).ne(a, cmp(on).const(0)),
    four: (on, a) =>
      on.from === "bool" ? a : on.from === "f32" ? on.f.m.f32x4.ne(a, on.f.splat(0)) : on.f.m.i32x4.ne(a, on.f.splatInt(0)),
  },
} satisfies Record<CoreFn, Row>;
export const instructions: Readonly<Record<CoreFn, Row>> = table;

/** The greater or the smaller of two integers. */
function pick({ f }: On, a: Code, b: Code, by: "gt_s" | "lt_s"): Code {
  const [x, y] = [f.let(i32, a), f.let(i32, b)];
  return f.m.select(f.m.i32[by](f.get(x), f.get(y)), f.get(x), f.get(y));
}
function absolute({ f }: On, a: Code): Code {
  const x = f.let(i32, a);
  return f.m.select(f.m.i32.lt_s(f.get(x), f.int(0)), f.m.i32.sub(f.int(0), f.get(x)), f.get(x));
}
/** x / 0 is 0; −2³¹ / −1 wraps, where `div_s` traps. */
function quotient({ f }: On, a: Code, b: Code): Code {
  const [x, y] = [f.let(i32, a), f.let(i32, b)];
  const minus = f.m.i32.sub(f.int(0), f.get(x));
  const safe = f.m.if(f.get(y), f.m.i32.div_s(f.get(x), f.get(y)), f.int(0));
  return f.m.if(f.m.i32.eq(f.get(y), f.int(-1)), minus, safe);
}
/** x % 0 is 0. */
function remainder({ f }: On, a: Code, b: Code): Code {
  const [x, y] = [f.let(i32, a), f.let(i32, b)];
  return f.m.if(f.get(y), f.m.i32.rem_s(f.get(x), f.get(y)), f.int(0));
}
