/**
 * The scalar expression of one element: the one language in which ops say what they compute. The interpreter evaluates it, fusion inlines
 * it, backends spell it. Nodes may be shared: who walks an expression visits each node once, who spells it computes each once.
 */
import type { CoreFn } from "./core.ts";
import { core } from "./core.ts";
import { evaluateDim } from "./dim.ts";
import type { Dim, DType } from "./types.ts";
import type { Value } from "./value.ts";

export type Expr =
  | { readonly kind: "const"; readonly dtype: DType; readonly value: number }
  /** An index variable: of the output, or of an enclosing reduction. */
  | { readonly kind: "index"; readonly dtype: "i32"; readonly name: string }
  /** A size known at run time. */
  | { readonly kind: "size"; readonly dtype: "i32"; readonly dim: Dim }
  | { readonly kind: "load"; readonly dtype: DType; readonly source: Value; readonly index: readonly Expr[] }
  /** A row local of a kernel: the result of an earlier stage. */
  | { readonly kind: "local"; readonly dtype: DType; readonly name: string }
  | { readonly kind: "call"; readonly dtype: DType; readonly fn: CoreFn; readonly args: readonly Expr[] }
  /** Lazy: only the branch taken is evaluated, so it may guard a load. */
  | { readonly kind: "select"; readonly dtype: DType; readonly test: Expr; readonly then: Expr; readonly else: Expr }
  /** Folds `body` over all indices of `over`, the last fastest; `add` starts at 0, `max` at -Infinity. */
  | { readonly kind: "reduce"; readonly dtype: DType; readonly combine: Combine; readonly over: readonly Loop[]; readonly body: Expr };

export type Combine = "add" | "max";
export interface Loop {
  readonly index: string;
  readonly extent: Dim;
}
/** Reads one element of an argument. */
export type Read = (...index: readonly Expr[]) => Expr;

/** What a reduction starts from, by dtype. */
export const identityOf = (combine: Combine, dtype: DType): number =>
  combine === "add" ? 0 : dtype === "i32" ? -2147483648 : Number.NEGATIVE_INFINITY;

/** The core function that combines two partial results. */
export const combiner = (combine: Combine, dtype: DType): CoreFn => (combine === "max" ? "max" : dtype === "i32" ? "addInt" : "add");

export const constant = (value: number, dtype: DType): Expr => ({ kind: "const", dtype, value });
export const int = (value: number): Expr => constant(value, "i32");
export const indexVar = (name: string): Expr => ({ kind: "index", dtype: "i32", name });
export const size = (dim: Dim): Expr => (typeof dim === "number" ? int(dim) : { kind: "size", dtype: "i32", dim });
export const load = (source: Value, index: readonly Expr[]): Expr => ({ kind: "load", dtype: source.dtype, source, index });
export const local = (name: string, dtype: DType): Expr => ({ kind: "local", dtype, name });

/** A call of a core function; integer identities and constants fold. */
export function call(fn: CoreFn, args: readonly Expr[], dtype: DType): Expr {
  const [a, b] = args;
  if (a && b && dtype === "i32") {
    if (fn === "addInt" && isInt(b, 0)) return a;
    if (fn === "addInt" && isInt(a, 0)) return b;
    if (fn === "subInt" && isInt(b, 0)) return a;
    if (fn === "mulInt" && isInt(b, 1)) return a;
    if (fn === "mulInt" && isInt(a, 1)) return b;
    if (fn === "mulInt" && (isInt(a, 0) || isInt(b, 0))) return int(0);
    if (fn === "divInt" && isInt(b, 1)) return a;
    if (fn === "remInt" && isInt(b, 1)) return int(0);
  }
  if (dtype !== "f32" && dtype !== "f64" && args.every((x) => x.kind === "const")) {
    const f = core[fn] as (...values: number[]) => number;
    return constant(f(...args.map((x) => (x.kind === "const" ? x.value : 0))), dtype);
  }
  return { kind: "call", dtype, fn, args };
}

export const addInt = (a: Expr, b: Expr): Expr => call("addInt", [a, b], "i32");
export const subInt = (a: Expr, b: Expr): Expr => call("subInt", [a, b], "i32");
export const mulInt = (a: Expr, b: Expr): Expr => call("mulInt", [a, b], "i32");
export const divInt = (a: Expr, b: Expr): Expr => call("divInt", [a, b], "i32");
/** (x % n) % n is x % n. */
export const remInt = (a: Expr, b: Expr): Expr =>
  a.kind === "call" && a.fn === "remInt" && b.kind === "const" && a.args[1]?.kind === "const" && a.args[1].value === b.value
    ? a
    : call("remInt", [a, b], "i32");
export const lessInt = (a: Expr, b: Expr): Expr => call("less", [a, b], "bool");
export const both = (a: Expr, b: Expr): Expr => (isTrue(a) ? b : isTrue(b) ? a : call("and", [a, b], "bool"));

export function select(test: Expr, then: Expr, otherwise: Expr): Expr {
  if (test.kind === "const") return test.value ? then : otherwise;
  return { kind: "select", dtype: then.dtype, test, then, else: otherwise };
}

let reductions = 0;
/** Σ (or max) of `body(index…)` over the extents; the index variables are fresh. */
export function reduce(combine: Combine, extents: readonly Dim[], body: (index: readonly Expr[]) => Expr): Expr {
  if (extents.length === 0) return body([]);
  const over = extents.map((extent) => ({ index: `r${reductions++}`, extent }));
  const inner = body(over.map((loop) => indexVar(loop.index)));
  return { kind: "reduce", dtype: inner.dtype, combine, over, body: inner };
}

/** 0 ≤ i < n */
export const inRange = (i: Expr, n: Dim): Expr => both(call("lessEqual", [int(0), i], "bool"), lessInt(i, size(n)));

const isInt = (x: Expr, value: number): boolean => x.kind === "const" && x.value === value;
const isTrue = (x: Expr): boolean => x.kind === "const" && x.value !== 0;

/** The direct operands of a node. */
export function operandsOf(x: Expr): readonly Expr[] {
  switch (x.kind) {
    case "load":
      return x.index;
    case "call":
      return x.args;
    case "select":
      return [x.test, x.then, x.else];
    case "reduce":
      return [x.body];
    default:
      return [];
  }
}

/** Rebuilds an expression bottom-up; `visit` sees each distinct node once, its operands already rebuilt. Sharing is kept. */
export function rewrite(root: Expr, visit: (x: Expr) => Expr, memo: Map<Expr, Expr> = new Map()): Expr {
  const known = memo.get(root);
  if (known) return known;
  const go = (x: Expr): Expr => rewrite(x, visit, memo);
  const out = visit(withOperands(root, operandsOf(root).map(go)));
  memo.set(root, out);
  return out;
}

function withOperands(x: Expr, to: readonly Expr[]): Expr {
  const from = operandsOf(x);
  if (from.every((operand, i) => operand === to[i])) return x;
  const [a, b, c] = to as [Expr, Expr, Expr];
  switch (x.kind) {
    case "load":
      return { ...x, index: to };
    case "call":
      return call(x.fn, to, x.dtype);
    case "select":
      return select(a, b, c);
    case "reduce":
      return { ...x, body: a };
    default:
      return x;
  }
}

/** Calls `visit` on every distinct node, operands first. */
export function visitExpr(root: Expr, visit: (x: Expr) => void, seen: Set<Expr> = new Set()): void {
  if (seen.has(root)) return;
  seen.add(root);
  for (const operand of operandsOf(root)) visitExpr(operand, visit, seen);
  visit(root);
}

/** An integer expression as Σ coefficient · variable + constant, where a variable is an index or a size times an index; undefined if it is not affine. */
export interface Affine {
  readonly constant: number;
  readonly terms: ReadonlyMap<string, number>;
}
/** `x` as an affine function of index variables with numeric coefficients, once every size has the value that `env` gives it. */
export function affine(x: Expr, env: Readonly<Record<string, number>>): Affine | undefined {
  switch (x.kind) {
    case "const":
      return { constant: x.value, terms: new Map() };
    case "size":
      return { constant: evaluateDim(x.dim, env), terms: new Map() };
    case "index":
      return { constant: 0, terms: new Map([[x.name, 1]]) };
    case "call": {
      if (x.fn !== "addInt" && x.fn !== "subInt" && x.fn !== "mulInt") return undefined;
      const [a, b] = x.args.map((arg) => affine(arg, env));
      if (!a || !b) return undefined;
      if (x.fn !== "mulInt") return addAffine(a, b, x.fn === "addInt" ? 1 : -1);
      return a.terms.size === 0 ? scaleAffine(b, a.constant) : b.terms.size === 0 ? scaleAffine(a, b.constant) : undefined;
    }
    default:
      return undefined;
  }
}

export function addAffine(a: Affine, b: Affine, sign: number): Affine {
  const terms = new Map(a.terms);
  for (const [name, k] of b.terms) {
    const sum = (terms.get(name) ?? 0) + sign * k;
    if (sum === 0) terms.delete(name);
    else terms.set(name, sum);
  }
  return { constant: a.constant + sign * b.constant, terms };
}

export function scaleAffine(a: Affine, k: number): Affine {
  return k === 0
    ? { constant: 0, terms: new Map() }
    : { constant: a.constant * k, terms: new Map([...a.terms].map(([name, c]) => [name, c * k])) };
}
