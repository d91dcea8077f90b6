/** Core functions as WGSL, of one element or of four: no decisions here, only spelling. A new core function stops the build until it has a row. */
import type { CoreFn } from "../../dsl/core.ts";
import type { DType } from "../../dsl/types.ts";
import { type Code, callOf, code, infix, level, literal, prefix, typeOf, widened } from "./code.ts";

export interface On {
  /** Of the first operand. */
  readonly from: DType;
  readonly wide: boolean;
  /** A function that is written out (`functions.ts`), of one element or of four: its name. */
  readonly use: (name: string) => string;
}
type Operation = (on: On, a: Code, b: Code) => Code;

const add = infix("+", level.sum);
const sub = infix("-", level.sum);
const mul = infix("*", level.product);
const div = infix("/", level.product);
const relation =
  (operator: string): Operation =>
  ({ wide }, a, b) =>
    wide ? infix(operator, level.relation)(widened(a), widened(b)) : infix(operator, level.relation)(a, b);
const own =
  (name: string): Operation =>
  ({ use }, a, b) =>
    b === undefined ? callOf(use(name), a) : callOf(use(name), a, b);
const builtin =
  (name: string): Operation =>
  (_, a) =>
    callOf(name, a);
const logical =
  (one: string, four: string): Operation =>
  ({ wide }, a, b) =>
    infix(wide ? four : one, level.loose)(wide ? widened(a) : a, wide ? widened(b) : b);
const cast =
  (to: "f32" | "i32" | "u32") =>
  (a: Code): Code =>
    code(`${a.wide ? `vec4<${to}>` : to}(${a.text})`, level.primary, a.wide);
const shift = (operator: "<<" | ">>"): Operation => {
  const spelled = infix(operator, level.loose);
  return ({ wide }, a, b) => (wide ? spelled(widened(a), cast("u32")(widened(b))) : spelled(a, cast("u32")(b)));
};
const zero = literal(0, "i32");
const isLiteral = (x: Code): boolean => /^-?\d+$/.test(x.text);
const isZero = (x: Code): boolean => isLiteral(x) && Number(x.text) === 0;
const select = (otherwise: Code, then: Code, test: Code): Code => callOf("select", otherwise, then, test);

const operations = {
  add: (_, a, b) => add(a, b),
  sub: (_, a, b) => sub(a, b),
  mul: (_, a, b) => mul(a, b),
  div: (_, a, b) => div(a, b),
  neg: (_, a) => prefix("-")(a),
  exp: own("expf"),
  log: own("logf"),
  sqrt: builtin("sqrt"),
  sin: own("sinf"),
  cos: own("cosf"),
  tanh: own("tanhf"),
  erf: own("erff"),
  abs: builtin("abs"),
  max: (on, a, b) => (on.from === "f32" ? own("maxf")(on, a, b) : callOf("max", a, b)),
  min: (on, a, b) => (on.from === "f32" ? own("minf")(on, a, b) : callOf("min", a, b)),
  pow: own("powf"),
  equal: relation("=="),
  less: (on, a, b) => (on.from === "bool" ? logical("&&", "&")(on, prefix("!")(a), b) : relation("<")(on, a, b)),
  lessEqual: (on, a, b) => (on.from === "bool" ? logical("||", "|")(on, prefix("!")(a), b) : relation("<=")(on, a, b)),
  and: logical("&&", "&"),
  or: logical("||", "|"),
  not: (_, a) => prefix("!")(a),
  addInt: (_, a, b) => add(a, b),
  subInt: (_, a, b) => sub(a, b),
  mulInt: (_, a, b) => mul(a, b),
  negInt: (_, a) => prefix("-")(a),
  absInt: builtin("abs"),
  /** WGSL's x / 0 is x; its −2³¹ / −1 wraps. A literal 0 it refuses. */
  divInt: (on, a, b) => (isZero(b) ? b : isLiteral(b) ? div(a, b) : select(div(a, b), zero, relation("==")(on, b, zero))),
  /** WGSL's x % 0 is 0. */
  remInt: (_, a, b) => (isZero(b) ? b : infix("%", level.product)(a, b)),
  xor: ({ wide }, a, b) => infix("^", level.loose)(wide ? widened(a) : a, wide ? widened(b) : b),
  shiftLeft: shift("<<"),
  shiftRight: (on, a, b) => cast("i32")(shift(">>")(on, cast("u32")(a), b)),
  toInt: own("truncated"),
  toFloat: ({ from }, a) => (from === "f32" ? a : cast("f32")(a)),
  toBool: ({ from, wide }, a) => {
    if (from === "bool") return a;
    return infix("!=", level.relation)(a, wide ? widened(literal(0, from)) : literal(0, from));
  },
} satisfies Record<CoreFn, Operation>;

export const operationOf = (fn: string): Operation => operations[fn as CoreFn];

/** What the words of the arena are taken for: a bool is 0 or 1 there. */
export type Word = "f32" | "i32" | "u32";
/** Reads a word of the arena, or four, as elements. */
export function fromWords(dtype: DType, word: Word, x: Code): Code {
  if (dtype === "bool") return infix("!=", level.relation)(x, x.wide ? widened(code("0")) : code("0"));
  return dtype === word ? x : code(`bitcast<${typeOf(dtype, x.wide)}>(${x.text})`, level.primary, x.wide);
}
export function toWords(dtype: DType, word: Word, x: Code): Code {
  if (dtype === "bool") return cast(word)(x);
  return dtype === word ? x : code(`bitcast<${x.wide ? `vec4<${word}>` : word}>(${x.text})`, level.primary, x.wide);
}
