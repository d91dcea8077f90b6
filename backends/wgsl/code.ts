/** WGSL expressions as text that knows how strongly it binds, so that no parenthesis is written that is not needed. */
import type { DType } from "../../dsl/types.ts";

/** How strongly the outermost operator binds. Shifts, `&`, `|`, `^`, `&&` and `||` mix with nothing: all are `loose`. */
export const level = { loose: 0, relation: 1, sum: 2, product: 3, unary: 4, primary: 5 } as const;
type Level = (typeof level)[keyof typeof level];

export interface Code {
  readonly text: string;
  readonly level: Level;
  /** Four elements, which lie or are wanted side by side; otherwise one. */
  readonly wide: boolean;
}

export const code = (text: string, at: Level = level.primary, wide = false): Code => ({ text, level: at, wide });

/** The text where an operator that binds as strongly as `at` stands around it. */
export const within = (x: Code, at: Level): string => (x.level >= at ? x.text : `(${x.text})`);

/** `a operator b`; operators of one strength go from left to right. */
export const infix =
  (operator: string, at: Level) =>
  (a: Code, b: Code): Code => {
    const [left, right] = operandLevels(operator, at);
    return code(`${within(a, left)} ${operator} ${within(b, right)}`, at, a.wide || b.wide);
  };
function operandLevels(operator: string, at: Level): readonly [Level, Level] {
  if (at === level.sum) return [level.sum, level.product];
  if (at === level.product) return [level.product, level.unary];
  if (at === level.relation) return [level.sum, level.sum];
  return operator === "&&" || operator === "||" ? [level.relation, level.relation] : [level.unary, level.unary];
}
export const prefix =
  (operator: string) =>
  (a: Code): Code =>
    code(`${operator}${within(a, level.primary)}`, level.unary, a.wide);

/** `f(a, b)`; where one argument is wide, all are. */
export function callOf(name: string, ...args: readonly Code[]): Code {
  const wide = args.some((x) => x.wide);
  return code(`${name}(${args.map((x) => (wide ? widened(x) : x).text).join(", ")})`, level.primary, wide);
}
/** One element in all four places. */
export const widened = (x: Code): Code => (x.wide ? x : code(`vec4(${x.text})`, level.primary, true));

/** The type of an element, or of four. WGSL has no f64. */
export function typeOf(dtype: DType, wide = false): string {
  if (dtype === "f64") throw new Error('cotangent: WGSL has no f64; cast(…, "f32"), or build with --target wasm');
  return wide ? `vec4<${dtype}>` : dtype;
}

/** A bool, an integer, or a float that is finite: a shader may be refused for others. */
export function literal(value: number, dtype: DType): Code {
  if (dtype === "bool") return code(value ? "true" : "false");
  if (dtype === "i32") return code(`${value}`, value < 0 ? level.unary : level.primary);
  const text = shortest(value);
  return code(text, text.startsWith("-") ? level.unary : level.primary);
}

/** Of all f32. */
export const GREATEST = (2 - 2 ** -23) * 2 ** 127;

/** The shortest decimal that is rounded to this f32, and is not beyond the greatest one. */
function shortest(value: number): string {
  const wanted = Math.fround(value);
  for (let digits = 1; digits < 10; digits++) {
    const text = wanted.toPrecision(digits);
    if (Math.fround(Number(text)) === wanted && Math.abs(Number(text)) <= GREATEST)
      return asFloat(Object.is(wanted, -0) ? "-0" : String(Number(text)));
  }
  return asFloat(String(wanted));
}
const asFloat = (text: string): string => (/[.e]/.test(text) ? text : `${text}.0`);
