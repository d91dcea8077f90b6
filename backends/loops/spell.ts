/** Scalar expressions as TypeScript. No decisions here, only spelling: a new core function stops the build until it has a row. */
import type { CoreFn } from "../../dsl/core.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Dim, DType } from "../../dsl/types.ts";

/** Text with how tightly its outermost operator binds: 0 conditional … 9 atom. */
export interface Text {
  readonly text: string;
  readonly binds: number;
}
type Spelling = (...args: readonly Text[]) => Text;

export const atom = (text: string): Text => ({ text, binds: 9 });
const wrap = (x: Text | undefined, binds: number): string => (x === undefined ? "" : x.binds >= binds ? x.text : `(${x.text})`);
const infix =
  (operator: string, binds: number): Spelling =>
  (a, b) => ({ text: `${wrap(a, binds)} ${operator} ${wrap(b, binds + 1)}`, binds });
const named =
  (name: string): Spelling =>
  (...args) =>
    atom(`${name}(${args.map((x) => x.text).join(", ")})`);
const prefix =
  (operator: string): Spelling =>
  (x) => ({ text: `${operator}${wrap(x, 8)}`, binds: 7 });
const truncated =
  (inner: Spelling): Spelling =>
  (...args) => ({ text: `${wrap(inner(...args), 4)} | 0`, binds: 1 });

const calls = {
  add: infix("+", 4),
  sub: infix("-", 4),
  mul: infix("*", 5),
  div: infix("/", 5),
  neg: prefix("-"),
  exp: named("Math.exp"),
  log: named("Math.log"),
  sqrt: named("Math.sqrt"),
  sin: named("Math.sin"),
  cos: named("Math.cos"),
  tanh: named("Math.tanh"),
  erf: named("erf"),
  abs: named("Math.abs"),
  max: named("Math.max"),
  min: named("Math.min"),
  pow: named("Math.pow"),
  equal: infix("===", 2.5),
  less: infix("<", 3),
  lessEqual: infix("<=", 3),
  and: infix("&&", 1.5),
  or: infix("||", 1.2),
  not: prefix("!"),
  addInt: truncated(infix("+", 4)),
  subInt: truncated(infix("-", 4)),
  mulInt: named("Math.imul"),
  negInt: truncated(prefix("-")),
  absInt: truncated(named("Math.abs")),
  divInt: named("divInt"),
  remInt: named("remInt"),
  xor: infix("^", 1.8),
  shiftLeft: infix("<<", 3.5),
  shiftRight: (a, b) => ({ text: `${wrap(a, 3.5)} >>> ${wrap(b, 4)} | 0`, binds: 1 }),
  toInt: named("toInt"),
  toFloat: (x) => x as Text,
  toBool: (x) => ({ text: `${wrap(x, 4)} !== 0`, binds: 2.5 }),
} satisfies Record<CoreFn, Spelling>;

/** Core functions that a generated module imports, by the name it calls them. */
export const imported: ReadonlySet<string> = new Set(["erf", "divInt", "remInt", "toInt"]);

/** Where nothing can reach 2³¹: plain operators. */
const indexCalls: Partial<Record<CoreFn, Spelling>> = {
  addInt: infix("+", 4),
  subInt: infix("-", 4),
  mulInt: infix("*", 5),
  divInt: (a, b) => ({ text: `${wrap(a, 5)} / ${wrap(b, 6)} | 0`, binds: 1 }),
  remInt: infix("%", 5),
};

/** What names stand for where an expression is spelled. */
export interface Scope {
  index(name: string): Text;
  local(name: string): Text;
  dim(dim: Dim): Text;
  load(x: Expr & { readonly kind: "load" }): Text;
  /** A node that has a name by now. */
  bound(x: Expr): string | undefined;
  /** What is spelled says where an element lies, which is less than 2³¹. */
  readonly inAddress: boolean;
}

export function spell(x: Expr, scope: Scope): Text {
  const name = scope.bound(x);
  if (name !== undefined) return atom(name);
  const go = (y: Expr): Text => spell(y, scope);
  switch (x.kind) {
    case "const":
      return number(x.value, x.dtype);
    case "index":
      return scope.index(x.name);
    case "size":
      return scope.dim(x.dim);
    case "local":
      return scope.local(x.name);
    case "load":
      return scope.load(x);
    case "call": {
      const small = x.dtype === "i32" && (scope.inAddress ? !readsData(x) : staysSmall(x));
      const table: Partial<Record<CoreFn, Spelling>> = small ? { ...calls, ...indexCalls } : calls;
      if (x.fn === "toFloat" && x.args[0]?.dtype === "bool") return { text: `${wrap(go(x.args[0]), 1.1)} ? 1 : 0`, binds: 0 };
      return (table[x.fn] as Spelling)(...(isComparison(x.fn) ? x.args.map((y) => asStored(y, x, go)) : x.args.map(go)));
    }
    case "select":
      return { text: `${wrap(go(x.test), 1.1)} ? ${wrap(go(x.then), 1)} : ${wrap(go(x.else), 0)}`, binds: 0 };
    case "reduce":
      throw new Error("internal: a reduction inside of an expression");
  }
}

const isComparison = (fn: CoreFn): boolean => fn === "equal" || fn === "less" || fn === "lessEqual";
/**
 * Arithmetic is in f64 and rounds where it is stored; what is compared must not depend on which of the two sides was. So a constant is compared
 * as the f32 that it is, and equality is that of f32s: the entry that is the greatest equals the greatest, also where one of them is computed again.
 * (Only what is far below the least f32 rounds to 0: whether a number is 0 can be asked as it is.)
 */
function asStored(x: Expr, { fn, args }: Expr & { readonly kind: "call" }, go: (x: Expr) => Text): Text {
  if (x.dtype !== "f32") return go(x);
  if (x.kind === "const") return number(Math.fround(x.value), "f32");
  const rounds = fn === "equal" && x.kind !== "load" && !args.some((y) => y.kind === "const" && y.value === 0);
  return rounds ? atom(`Math.fround(${go(x).text})`) : go(x);
}

/** Sums, quotients and remainders of indices and sizes. A product may be a user's hash, and wrap. */
function staysSmall(x: Expr): boolean {
  if (x.kind === "index" || x.kind === "size") return true;
  if (x.kind === "const") return Math.abs(x.value) < 2 ** 30;
  if (x.kind !== "call") return false;
  const [a, b] = x.args;
  const sum = x.fn === "addInt" || x.fn === "subInt";
  const quotient =
    (x.fn === "divInt" || x.fn === "remInt") && b?.kind === "const" && b.value > 0 && !(a?.kind === "call" && a.fn === "subInt");
  return (sum || quotient) && x.args.every(staysSmall);
}

/** Whether integer arithmetic is on data, which may wrap, or only on indices and sizes. */
function readsData(x: Expr): boolean {
  if (x.kind === "load" || x.kind === "local" || x.kind === "select") return true;
  return x.kind === "call" && x.args.some(readsData);
}

function number(value: number, dtype: DType): Text {
  if (dtype === "bool") return atom(value ? "true" : "false");
  if (Number.isNaN(value)) return atom("NaN");
  if (!Number.isFinite(value)) return value > 0 ? atom("Infinity") : { text: "-Infinity", binds: 7 };
  return value < 0 || Object.is(value, -0) ? { text: Object.is(value, -0) ? "-0" : String(value), binds: 7 } : atom(String(value));
}
