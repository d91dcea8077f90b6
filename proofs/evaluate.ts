/**
 * What a graph means in another field. Tensors of floats hold the field's elements; tensors of integers and truth values hold what they hold:
 * they are read, compared and used as indices. Written without the interpreter, from `element` alone.
 */
import { core } from "../dsl/core.ts";
import { topological } from "../dsl/differentiate.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { type Expr, identityOf, indexVar, load } from "../dsl/expr.ts";
import { elementsOf } from "../dsl/tensor.ts";
import type { DType } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { type Field, NotRational } from "./field.ts";

/** Elements in row-major order: of the field where the dtype is a float, else plain numbers. */
export type Elements<T> = readonly (T | number)[];

const isFloat = (dtype: DType): boolean => dtype === "f32" || dtype === "f64";

/** The elements of `outputs`, where the leaves in `given` have theirs. */
export function evaluateIn<T>(field: Field<T>, outputs: readonly Value[], given: ReadonlyMap<Value, Elements<T>>): Elements<T>[] {
  const known = new Map(given);
  for (const v of topological(outputs, new Set(given.keys()))) if (!known.has(v)) known.set(v, evaluateOne(field, v, known));
  return outputs.map((v) => known.get(v) as Elements<T>);
}

function evaluateOne<T>(field: Field<T>, v: Value, known: ReadonlyMap<Value, Elements<T>>): Elements<T> {
  const { op } = v;
  if (op.kind === "leaf") return Array.from(elementsOf(v), (x) => (isFloat(v.dtype) ? field.of(x) : x));
  const reads = v.args.map(
    (arg) =>
      (...index: readonly Expr[]) =>
        load(arg, index),
  );
  const shape = v.shape.map((d) => evaluateDim(d, {}));
  const run = (x: Expr, at: Env): T | number => evaluateExpr(field, x, at, known);
  const element = op.kind === "element" ? op.element(reads, axes(shape), v) : op.initial(reads, axes(shape), v);
  const out = [...places(shape)].map((at) => run(element, at));
  if (op.kind === "element") return out;
  const space = op.updates(v.args, v.attrs).map((d) => evaluateDim(d, {}));
  const { target, value, inside } = op.scatter(reads, axes(space), v);
  for (const at of places(space)) {
    if (!run(inside, at)) continue;
    const place = offset(
      shape,
      target.map((x) => run(x, at) as number),
    );
    out[place] = sum(field, v.dtype, out[place] as T | number, run(value, at));
  }
  return out;
}

type Env = Readonly<Record<string, number>>;
const axes = (shape: readonly number[]): Expr[] => shape.map((_, axis) => indexVar(`i${axis}`));
const offset = (shape: readonly number[], index: readonly number[]): number =>
  index.reduce((sum, i, axis) => sum * (shape[axis] as number) + i, 0);

/** Every index of a shape, in row-major order. */
function* places(shape: readonly number[], names: readonly string[] = shape.map((_, axis) => `i${axis}`), outer: Env = {}): Generator<Env> {
  const [n, ...rest] = shape;
  const [name, ...others] = names;
  if (n === undefined || name === undefined) yield outer;
  else for (let i = 0; i < n; i++) yield* places(rest, others, { ...outer, [name]: i });
}

const sum = <T>(field: Field<T>, dtype: DType, a: T | number, b: T | number): T | number =>
  isFloat(dtype) ? field.add(a as T, b as T) : core.addInt(a as number, b as number);

function evaluateExpr<T>(field: Field<T>, x: Expr, at: Env, known: ReadonlyMap<Value, Elements<T>>): T | number {
  const go = (y: Expr): T | number => evaluateExpr(field, y, at, known);
  switch (x.kind) {
    case "const":
      return isFloat(x.dtype) ? field.of(x.value) : x.value;
    case "size":
      return evaluateDim(x.dim, {});
    case "index":
      return at[x.name] as number;
    case "load": {
      const place = offset(
        x.source.shape.map((d) => evaluateDim(d, {})),
        x.index.map((i) => go(i) as number),
      );
      return (known.get(x.source) as Elements<T>)[place] as T | number;
    }
    case "select":
      return go(x.test) ? go(x.then) : go(x.else);
    case "call":
      return evaluateCall(field, x, x.args.map(go));
    case "reduce": {
      if (isFloat(x.dtype) && x.combine === "max") throw new NotRational("max");
      const extents = x.over.map((loop) => evaluateDim(loop.extent, {}));
      const names = x.over.map((loop) => loop.index);
      const start = isFloat(x.dtype) ? field.of(0) : identityOf(x.combine, x.dtype);
      let total = start;
      for (const inner of places(extents, names, at)) {
        const next = evaluateExpr(field, x.body, inner, known);
        total = x.combine === "add" ? sum(field, x.dtype, total, next) : Math.max(total as number, next as number);
      }
      return total;
    }
    case "local":
      throw new Error("internal: a row local outside of a kernel");
  }
}

function evaluateCall<T>(field: Field<T>, x: Expr & { kind: "call" }, args: readonly (T | number)[]): T | number {
  const from = x.args[0]?.dtype ?? x.dtype;
  if (x.fn === "toFloat") return isFloat(from) ? (args[0] as T) : field.of(args[0] as number);
  if (!isFloat(from)) return (core[x.fn] as (...numbers: readonly number[]) => number)(...(args as number[]));
  const [a, b] = args as [T, T];
  switch (x.fn) {
    case "add":
      return field.add(a, b);
    case "sub":
      return field.add(a, field.neg(b));
    case "mul":
      return field.mul(a, b);
    case "div":
      return field.mul(a, field.inverse(b));
    case "neg":
      return field.neg(a);
    case "equal":
      return +field.equal(a, b);
    default:
      throw new NotRational(x.fn);
  }
}
