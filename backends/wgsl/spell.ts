/** Scalar functions as WGSL. No decisions here, only spelling: a new core function stops the build until it has a row. */
import type { CoreFn } from "../../dsl/core.ts";
import type { DType } from "../../dsl/types.ts";

type Spelling = (a: string, b: string, from: DType) => string;
const infix =
  (operator: string): Spelling =>
  (a, b) =>
    `(${a} ${operator} ${b})`;
const named =
  (name: string): Spelling =>
  (a, b) =>
    `${name}(${b === undefined ? a : `${a}, ${b}`})`;

export const calls = {
  add: infix("+"),
  sub: infix("-"),
  mul: infix("*"),
  div: infix("/"),
  neg: named("-"),
  exp: named("exp"),
  log: named("log"),
  sqrt: named("sqrt"),
  sin: named("sin"),
  cos: named("cos"),
  tanh: named("tanh"),
  erf: named("core_erf"),
  abs: named("abs"),
  max: named("max"),
  min: named("min"),
  pow: named("core_pow"),
  equal: infix("=="),
  less: (a, b, from) => (from === "bool" ? `(!${a} && ${b})` : `(${a} < ${b})`),
  lessEqual: (a, b, from) => (from === "bool" ? `(!${a} || ${b})` : `(${a} <= ${b})`),
  and: infix("&&"),
  or: infix("||"),
  not: named("!"),
  addInt: infix("+"),
  subInt: infix("-"),
  mulInt: infix("*"),
  negInt: named("-"),
  absInt: named("abs"),
  divInt: (a, b) => `select(${a} / ${b}, 0i, ${b} == 0i)`,
  remInt: infix("%"),
  xor: infix("^"),
  shiftLeft: (a, b) => `(${a} << u32(${b}))`,
  shiftRight: (a, b) => `i32(u32(${a}) >> u32(${b}))`,
  toInt: (a) => `select(i32(${a}), 2147483647, ${a} >= 2147483648)`,
  toFloat: named("f32"),
  toBool: named("bool"),
} satisfies Record<CoreFn, Spelling>;

/** What WGSL lacks: erf (Abramowitz & Stegun 7.1.26: to 1.5e-7), powers of what is negative, infinity as a literal. */
export const prelude = `@group(0) @binding(0) var<storage, read_write> arena: array<u32>;
var<private> infinity: u32 = 0x7f800000u;
fn core_erf(x: f32) -> f32 {
  let t = 1 / (1 + 0.3275911 * abs(x));
  return sign(x) * (1 - t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) * exp(-x * x));
}
fn core_pow(x: f32, y: f32) -> f32 {
  let size = pow(abs(x), y);
  return select(select(size, -size, x < 0 && abs(y % 2) == 1), 1, y == 0);
}
`;

export const typeOf = (dtype: DType): string => {
  if (dtype === "f64") throw new Error("wgsl: there is no f64");
  return dtype;
};
export const fromWord = (dtype: DType, word: string): string =>
  dtype === "bool" ? `(${word} != 0)` : `bitcast<${typeOf(dtype)}>(${word})`;
export const toWord = (dtype: DType, x: string): string => (dtype === "bool" ? `u32(${x})` : `bitcast<u32>(${x})`);
export function literal(value: number, dtype: DType): string {
  if (dtype === "bool") return value ? "true" : "false";
  if (dtype === "i32") return value < 0 ? `i32(${value})` : `${value}i`;
  if (Number.isNaN(value)) return "bitcast<f32>(infinity + 1)";
  return Number.isFinite(value) ? `f32(${Object.is(value, -0) ? "-0.0" : value})` : `${value < 0 ? "-" : ""}bitcast<f32>(infinity)`;
}
