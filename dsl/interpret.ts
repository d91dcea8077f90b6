/**
 * The meaning of an op, executed: each element's expression is compiled to closures and evaluated in row-major order. Arithmetic is float64,
 * rounded once, where an element is stored. This is the reference that every backend is held to, and it is eager mode.
 */
import { core } from "./core.ts";
import { evaluateDim } from "./dim.ts";
import {
  type Affine,
  addAffine,
  affine,
  combiner,
  type Expr,
  identityOf,
  indexVar,
  load,
  operandsOf,
  scaleAffine,
  visitExpr,
} from "./expr.ts";
import { type Buffer, storage } from "./storage.ts";
import { elementsOf } from "./tensor.ts";
import type { Value } from "./value.ts";

type Thunk = () => number;
/** The current value of every index variable, by slot; `moment` changes whenever one of them does. */
interface Frame {
  readonly slots: Map<string, number>;
  readonly at: number[];
  moment: number;
}

/** The elements of a value whose arguments are all concrete. */
export function evaluate(v: Value): Buffer {
  const shape = v.shape as readonly number[];
  const out = new storage[v.dtype](shape.reduce((a, b) => a * b, 1));
  const reads = v.args.map(
    (arg) =>
      (...index: readonly Expr[]) =>
        load(arg, index),
  );
  const { op } = v;
  if (op.kind === "leaf") return elementsOf(v);
  const index = shape.map((_, axis) => indexVar(`i${axis}`));
  const element = op.kind === "element" ? op.element(reads, index, v) : op.initial(reads, index, v);
  forEach(shape, element, (value, at) => {
    out[at] = value();
  });
  if (op.kind === "scatter") {
    const space = op.updates(v.args, v.attrs) as readonly number[];
    const { target, value, inside } = op.scatter(
      reads,
      space.map((_, axis) => indexVar(`i${axis}`)),
      v,
    );
    const frame = newFrame(space.length);
    const compile = compiler(frame, [value, inside, ...target]);
    const [add, test, ...place] = [value, inside, ...target].map(compile) as [Thunk, Thunk, ...Thunk[]];
    walk(frame, space, 0, () => {
      if (test()) {
        const at = place.reduce((offset, axis, d) => offset * (shape[d] ?? 1) + axis(), 0);
        out[at] = (out[at] ?? 0) + add();
      }
    });
  }
  return out;
}

/** How many element operations evaluating `v` takes: elements, times what each folds over. */
export function workOf(v: Value): number {
  const { op } = v;
  const sizeOf = (shape: readonly unknown[]): number => shape.reduce<number>((n, d) => n * Number(d), 1);
  if (op.kind === "leaf") return 0;
  if (op.kind === "scatter") return sizeOf(v.shape) + sizeOf(op.updates(v.args, v.attrs));
  const reads = v.args.map(
    (arg) =>
      (...index: readonly Expr[]) =>
        load(arg, index),
  );
  let folds = 1;
  visitExpr(
    op.element(
      reads,
      v.shape.map((_, axis) => indexVar(`i${axis}`)),
      v,
    ),
    (x) => {
      if (x.kind === "reduce") folds *= sizeOf(x.over.map((loop) => loop.extent));
    },
  );
  return sizeOf(v.shape) * folds;
}

function forEach(shape: readonly number[], element: Expr, visit: (value: Thunk, at: number) => void): void {
  const frame = newFrame(shape.length);
  const value = compiler(frame, [element])(element);
  let at = 0;
  walk(frame, shape, 0, () => visit(value, at++));
}

const newFrame = (rank: number): Frame => ({
  slots: new Map(Array.from({ length: rank }, (_, axis) => [`i${axis}`, axis])),
  at: Array.from({ length: rank }, () => 0),
  moment: 0,
});

function walk(frame: Frame, shape: readonly number[], axis: number, visit: () => void): void {
  const n = shape[axis];
  if (n === undefined) {
    frame.moment++;
    visit();
    return;
  }
  for (let i = 0; i < n; i++) {
    frame.at[axis] = i;
    walk(frame, shape, axis + 1, visit);
  }
}

/** Compiles expressions over one frame. A node used twice is evaluated once per moment. */
function compiler(frame: Frame, roots: readonly Expr[]): (x: Expr) => Thunk {
  const uses = new Map<Expr, number>();
  const seen = new Set<Expr>();
  for (const root of roots)
    visitExpr(
      root,
      (x) => {
        for (const operand of operandsOf(x)) uses.set(operand, (uses.get(operand) ?? 0) + 1);
      },
      seen,
    );
  const done = new Map<Expr, Thunk>();
  const compile = (x: Expr): Thunk => {
    let thunk = done.get(x);
    if (!thunk) {
      thunk = node(x);
      if ((uses.get(x) ?? 0) > 1 && operandsOf(x).length > 0) thunk = oncePerMoment(frame, thunk);
      done.set(x, thunk);
    }
    return thunk;
  };
  const node = (x: Expr): Thunk => {
    switch (x.kind) {
      case "const": {
        const { value } = x;
        return () => value;
      }
      case "size": {
        const value = evaluateDim(x.dim, {});
        return () => value;
      }
      case "index": {
        const slot = slotOf(frame, x.name);
        const { at } = frame;
        return () => at[slot] as number;
      }
      case "load":
        return compileLoad(frame, x, compile);
      case "call":
        return compileCall(core[x.fn] as (...args: number[]) => number, x.args.map(compile));
      case "select": {
        const [test, then, otherwise] = [compile(x.test), compile(x.then), compile(x.else)];
        return () => (test() ? then() : otherwise());
      }
      case "reduce":
        return compileReduce(frame, x, compile);
      case "local":
        throw new Error("internal: a row local outside of a kernel");
    }
  };
  return compile;
}

function slotOf(frame: Frame, name: string): number {
  let slot = frame.slots.get(name);
  if (slot === undefined) frame.slots.set(name, (slot = frame.at.push(0) - 1));
  return slot;
}

function oncePerMoment(frame: Frame, thunk: Thunk): Thunk {
  let value = 0;
  let computed = -1;
  return () => {
    if (computed !== frame.moment) {
      value = thunk();
      computed = frame.moment;
    }
    return value;
  };
}

function compileCall(f: (...args: number[]) => number, args: readonly Thunk[]): Thunk {
  const [a, b] = args as [Thunk, Thunk];
  return args.length === 1 ? () => f(a()) : () => f(a(), b());
}

function compileLoad(frame: Frame, x: Expr & { kind: "load" }, compile: (x: Expr) => Thunk): Thunk {
  const buffer = elementsOf(x.source);
  const shape = x.source.shape as readonly number[];
  const offset = offsetOf(x);
  if (offset) {
    const { at } = frame;
    const { constant } = offset;
    const terms = [...offset.terms].map(([name, k]) => ({ slot: slotOf(frame, name), k }));
    const [p, q] = terms;
    if (!p) return () => buffer[constant] as number;
    if (!q) return () => buffer[constant + p.k * (at[p.slot] as number)] as number;
    if (terms.length === 2) return () => buffer[constant + p.k * (at[p.slot] as number) + q.k * (at[q.slot] as number)] as number;
    return () => buffer[terms.reduce((sum, { slot, k }) => sum + k * (at[slot] as number), constant)] as number;
  }
  const axes = x.index.map(compile);
  return () => buffer[axes.reduce((sum, axis, d) => sum * (shape[d] as number) + axis(), 0)] as number;
}

/** The row-major offset of a load whose indices are affine. */
function offsetOf(x: Expr & { kind: "load" }): Affine | undefined {
  let total: Affine = { constant: 0, terms: new Map() };
  for (const [d, i] of x.index.entries()) {
    const axis = affine(i, {});
    if (!axis) return undefined;
    total = addAffine(scaleAffine(total, x.source.shape[d] as number), axis, 1);
  }
  return total;
}

function compileReduce(frame: Frame, x: Expr & { kind: "reduce" }, compile: (x: Expr) => Thunk): Thunk {
  const loops = x.over.map(({ index, extent }) => ({ slot: slotOf(frame, index), n: evaluateDim(extent, {}) }));
  const fast = compileDot(frame, x);
  if (fast) return fast;
  const body = compile(x.body);
  const combine = core[combiner(x.combine, x.dtype)] as (a: number, b: number) => number;
  const start = identityOf(x.combine, x.dtype);
  let total = start;
  const go = (depth: number): void => {
    const loop = loops[depth];
    if (!loop) {
      frame.moment++;
      total = combine(total, body());
      return;
    }
    for (let i = 0; i < loop.n; i++) {
      frame.at[loop.slot] = i;
      go(depth + 1);
    }
  };
  return () => {
    const outer = total;
    total = start;
    go(0);
    const result = total;
    total = outer;
    return result;
  };
}

/** Σ load · load over one index with affine offsets: the same sum in the same order, in one loop. Eager matmul lives on it. */
function compileDot(frame: Frame, x: Expr & { kind: "reduce" }): Thunk | undefined {
  const [loop, more] = x.over;
  if (!loop || more || x.combine !== "add" || x.body.kind !== "call" || x.body.fn !== "mul") return undefined;
  const [a, b] = x.body.args;
  if (a?.kind !== "load" || b?.kind !== "load") return undefined;
  const sides = [a, b].map((side) => ({ side, offset: offsetOf(side) }));
  const [left, right] = sides.map(({ side, offset }) => {
    if (!offset) return undefined;
    const fixed = [...offset.terms].filter(([name]) => name !== loop.index).map(([name, k]) => ({ slot: slotOf(frame, name), k }));
    const { at } = frame;
    const start = (): number => fixed.reduce((sum, { slot, k }) => sum + k * (at[slot] as number), offset.constant);
    return { buffer: elementsOf(side.source), stride: offset.terms.get(loop.index) ?? 0, start };
  });
  if (!left || !right) return undefined;
  const n = evaluateDim(loop.extent, {});
  return () => dot(left.buffer, left.start(), left.stride, right.buffer, right.start(), right.stride, n);
}

function dot(a: Buffer, a0: number, da: number, b: Buffer, b0: number, db: number, n: number): number {
  let total = 0;
  for (let k = 0, p = a0, q = b0; k < n; k++, p += da, q += db) total += (a[p] as number) * (b[q] as number);
  return total;
}
