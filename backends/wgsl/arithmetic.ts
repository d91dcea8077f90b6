/** Integers of a shader, with what is known of them: n · 1 is n. */
import type { Dim } from "../../dsl/types.ts";
import { type Code, code, infix, level } from "./code.ts";
import type { Sizes } from "./sizes.ts";

export const int = (n: number): Code => code(String(n), n < 0 ? level.unary : level.primary);
const known = ({ text }: Code): number | undefined => (/^\d+$/.test(text) ? Number(text) : undefined);

type Rule = (x: number | undefined, y: number | undefined, a: Code, b: Code) => Code | undefined;
const operation = (operator: string, at: Code["level"], rule: Rule) => {
  const spelled = infix(operator, at);
  return (a: Code, b: Code): Code => rule(known(a), known(b), a, b) ?? spelled(a, b);
};
export const plus = operation("+", level.sum, (x, y, a, b) =>
  x !== undefined && y !== undefined ? int(x + y) : x === 0 ? b : y === 0 ? a : undefined,
);
export const minus = operation("-", level.sum, (_, y, a) => (y === 0 ? a : undefined));
export const times = operation("*", level.product, (x, y, a, b) =>
  x !== undefined && y !== undefined ? int(x * y) : x === 1 ? b : y === 1 ? a : x === 0 || y === 0 ? int(0) : undefined,
);
/** Rounded down, of what is not negative. */
export const over = operation("/", level.product, (x, y, a) => (y === 1 ? a : x !== undefined && y ? int(Math.floor(x / y)) : undefined));
export const modulo = operation("%", level.product, (x, y) => (y === 1 ? int(0) : x !== undefined && y ? int(x % y) : undefined));

/** ⌈dim / per⌉ */
export function parts(sizes: Sizes, dim: Dim, per: number): Code {
  if (typeof dim === "number") return int(Math.ceil(dim / per));
  return per === 1 ? sizes.size(dim) : over(plus(sizes.size(dim), int(per - 1)), int(per));
}
