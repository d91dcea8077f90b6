/** Element rules composed: what one element of a value is, in terms of the values that are stored. */
import { constant, type Expr, indexVar, int, load, operandsOf, type Read, rewrite, visitExpr } from "../dsl/expr.ts";
import type { ElementOp } from "../dsl/op.ts";
import type { Value } from "../dsl/value.ts";

/** Composes element rules down to stored values. Equal elements are one shared node. */
export function inliner(isStored: (v: Value) => boolean): (v: Value, index: readonly Expr[]) => Expr {
  const memo = new Map<Value, Map<string, Expr>>();
  const read = (v: Value, index: readonly Expr[]): Expr => {
    const known = memo.get(v) ?? new Map<string, Expr>();
    memo.set(v, known);
    const key = index.map(keyOf).join();
    let expr = known.get(key);
    if (!expr) known.set(key, (expr = isStored(v) ? load(v, index) : element(v, index)));
    return expr;
  };
  const element = (v: Value, index: readonly Expr[]): Expr => {
    const scalar = v.op.kind === "leaf" && v.shape.length === 0 && v.concrete && v.buffer;
    if (scalar) return { kind: "const", dtype: v.dtype, value: scalar[0] as number };
    if (v.op.kind !== "element") throw new Error(`internal: ${v.op.name} is not an element rule`);
    const reads = v.args.map(
      (arg): Read =>
        (...at) =>
          read(arg, at),
    );
    return tidyReductions(v.op.element(reads, index, v));
  };
  return element;
}

/** A number that needs no slot in memory. */
export const isInlineConstant = (v: Value): boolean => v.op.kind === "leaf" && v.shape.length === 0 && v.concrete;

/** Reduction indices are made fresh by each call of an element rule; here they get the names `k0, k1, …`, so that text is stable. */
function tidyReductions(x: Expr): Expr {
  if (x.kind !== "reduce") return x;
  const names = new Map(x.over.map((loop, k) => [loop.index, `k${k}`]));
  const body = rewrite(x.body, (node) =>
    node.kind === "index" && names.has(node.name) ? { ...node, name: names.get(node.name) as string } : node,
  );
  return { ...x, over: x.over.map((loop) => ({ ...loop, index: names.get(loop.index) as string })), body };
}

const keys = new WeakMap<Expr, string>();
const ids = new WeakMap<Value, number>();
let nextId = 0;
const idOf = (v: Value): number => {
  let id = ids.get(v);
  if (id === undefined) ids.set(v, (id = nextId++));
  return id;
};

/** Equal keys mean equal expressions. A long description becomes a number: written out, a threefry would have 2²⁰ nodes. */
export function keyOf(x: Expr): string {
  let key = keys.get(x);
  if (key === undefined) keys.set(x, (key = abbreviated(describe(x))));
  return key;
}
const numbers = new Map<string, string>();
function abbreviated(description: string): string {
  if (description.length < 40) return description;
  let number = numbers.get(description);
  if (number === undefined) numbers.set(description, (number = `#${numbers.size}`));
  return number;
}
function describe(x: Expr): string {
  switch (x.kind) {
    case "const":
      return `${Object.is(x.value, -0) ? "-0" : x.value}:${x.dtype}`;
    case "size":
      return `<${x.dim}>`;
    case "index":
    case "local":
      return x.name;
    case "load":
      return `%${idOf(x.source)}[${x.index.map(keyOf).join()}]`;
    case "call":
      return `${x.fn}:${x.dtype}(${x.args.map(keyOf).join()})`;
    case "select":
      return `(${keyOf(x.test)}?${keyOf(x.then)}:${keyOf(x.else)})`;
    case "reduce":
      return `${x.combine}{${x.over.map((loop) => `${loop.index}<${loop.extent}`).join()}}${keyOf(x.body)}`;
  }
}

/** What an element costs beyond reading: arithmetic 1, division and roots 4, transcendental functions 20. Index arithmetic is free. */
export function costOf(x: Expr): number {
  let total = 0;
  const seen = new Set<Expr>();
  const go = (node: Expr): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === "call") total += weights[node.fn] ?? 1;
    if (node.kind === "load") return;
    for (const operand of operandsOf(node)) go(operand);
  };
  go(x);
  return total;
}
const weights: Readonly<Record<string, number>> = {
  toFloat: 0,
  toBool: 0,
  div: 4,
  sqrt: 4,
  exp: 20,
  log: 20,
  sin: 20,
  cos: 20,
  tanh: 20,
  erf: 40,
  pow: 40,
};

/** All loads in an expression, guarded ones too. */
export function loadsOf(x: Expr): (Expr & { readonly kind: "load" })[] {
  const loads: (Expr & { readonly kind: "load" })[] = [];
  visitExpr(x, (node) => {
    if (node.kind === "load") loads.push(node);
  });
  return loads;
}

/** Whether the element rule of `v` folds over indices of its own. */
export function isReduction(v: Value): boolean {
  if (v.op.kind !== "element") return false;
  let known = reductions.get(v);
  if (known === undefined) {
    const index = v.shape.map((_, axis): Expr => ({ kind: "index", dtype: "i32", name: `i${axis}` }));
    const reads = v.args.map(
      (arg): Read =>
        (...at) =>
          load(arg, at),
    );
    reductions.set(v, (known = (v.op as ElementOp).element(reads, index, v).kind === "reduce"));
  }
  return known;
}
const reductions = new WeakMap<Value, boolean>();

/** The index variables i0, i1, … of an element of `v`; an axis of size 1 has only 0. */
export const indicesOf = (v: Value): Expr[] => v.shape.map((d, axis) => (d === 1 ? int(0) : indexVar(`i${axis}`)));

/** Reads a stored value, or a number that needs no memory. */
export const readOf =
  (arg: Value): Read =>
  (...at) =>
    isInlineConstant(arg) ? constant(arg.buffer?.[0] as number, arg.dtype) : load(arg, at);
