/** Tensor SSA: a `Value` is an immutable node, and every tensor is one. Calling an op makes one; with concrete arguments it is evaluated at once. */
import { showShape, sizeOf } from "./dim.ts";
import { evaluate, workOf } from "./interpret.ts";
import type { Attr, Attrs, LeafOp, Op } from "./op.ts";
import type { Buffer } from "./storage.ts";
import { copyOf, tensorMethods } from "./tensor.ts";
import type { AnyTensor, Dim, DType, Shape, Tensor } from "./types.ts";

/** The user's call that a value comes from. Lines and columns count from 1. */
export interface Origin {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Value extends Tensor<Shape, DType> {
  readonly op: Op;
  readonly args: readonly Value[];
  readonly attrs: Attrs;
  readonly shape: readonly Dim[];
  readonly dtype: DType;
  /** Every argument had its elements, so this has. */
  readonly concrete: boolean;
  /** The elements of a concrete value. */
  readonly buffer: Buffer | undefined;
  /** Made from nothing but numbers (a constant, an iota, a broadcast of one), so it stays an expression and is evaluated when asked for. */
  readonly generated: boolean;
  /** Its arguments are kept even though it is concrete: a `grad` in progress wants them. */
  readonly traced: boolean;
  readonly origin: Origin | undefined;
}

const names = new WeakMap<Value, string>();
const suggested = new WeakMap<Value, string>();
let currentOrigin: Origin | undefined;
let currentMeter: ((work: number) => void) | undefined;

function metered(v: Value): Buffer {
  currentMeter?.(workOf(v));
  return evaluate(v);
}

/** The result of `op` on `args`. Throws the op's own message where shapes or dtypes do not fit. */
export function makeValue<A extends Attrs>(op: Op<A>, args: readonly Value[], attrs: A): Value {
  const { shape, dtype } = op.shape(args, attrs);
  const traced = args.some((arg) => arg.traced);
  const symbolic = !args.every((arg) => arg.concrete) || shape.some((d) => typeof d !== "number") || mentionsDims(attrs);
  const generated =
    args.every((arg) => arg.generated) &&
    (args.length === 0 || Number(sizeOf(shape)) > args.reduce((n, arg) => n + Number(sizeOf(arg.shape)), 0));
  const node = makeNode({ op, args, attrs, shape, dtype, traced, generated }, symbolic ? undefined : metered);
  if (symbolic || traced || generated) return node;
  return concrete(node.buffer as Buffer, shape, dtype);
}

/** An unknown tensor: what a parameter is while a model is being built. `number`: it stands for a parameter of type `number`. */
export function parameter(shape: Shape, dtype: DType, name?: string, number = false): Value {
  const node = makeNode({ ...leafFields(parameterOp), attrs: { number }, shape, dtype }, undefined);
  return name === undefined ? node : nameValue(node, name);
}

/** A concrete tensor. The buffer is not copied. */
export function concrete(buffer: Buffer, shape: Shape, dtype: DType): Value {
  return makeNode({ ...leafFields(constantOp), shape, dtype }, buffer);
}

/** `x` itself as a node of its own whose history is kept: what a derivative is taken with respect to. */
export function alias(x: Value): Value {
  const node = makeNode({ op: aliasOp, args: [x], attrs: {}, shape: x.shape, dtype: x.dtype, traced: true, generated: false }, x.buffer);
  const name = nameOf(x);
  return name === undefined ? node : nameValue(node, name);
}

/** `x` with its history forgotten, where it is concrete. */
export function detach(x: Value): Value {
  return x.buffer ? concrete(x.buffer, x.shape, x.dtype) : x;
}

/** Gives `v` the user's name for it; the first name stays. */
export function nameValue(v: Value, name: string): Value {
  if (!names.has(v)) names.set(v, name);
  return v;
}
/** A name for `v` where its user gives it none: the model that made it. */
export function suggestName(v: Value, name: string): void {
  if (!suggested.has(v)) suggested.set(v, name);
}
export const nameOf = (v: Value): string | undefined => names.get(v) ?? suggested.get(v);

/** Values made while `f` runs carry this origin. */
export function withOrigin<T>(origin: Origin | undefined, f: () => T): T {
  const outer = currentOrigin;
  currentOrigin = origin;
  try {
    return f();
  } finally {
    currentOrigin = outer;
  }
}

/** While `f` runs, `meter` is told the work of each evaluation before it is done, in element operations; it may throw. */
export function withMeter<T>(meter: (work: number) => void, f: () => T): T {
  const outer = currentMeter;
  currentMeter = meter;
  try {
    return f();
  } finally {
    currentMeter = outer;
  }
}

/** Any tensor as the node it is. A tensor that a compiled session returned becomes a concrete one. */
export function valueOf(t: AnyTensor): Value {
  if (isValue(t)) return t;
  if (isTensor(t)) return concrete(copyOf(t), t.shape, t.dtype);
  throw new Error(`expected a tensor, got ${(t as unknown) && typeof t}`);
}
export const isTensor = (x: unknown): x is AnyTensor => typeof x === "object" && x !== null && "dtype" in x && "shape" in x && "data" in x;
export const isValue = (x: unknown): x is Value => isTensor(x) && "op" in x && "args" in x;

export const showValue = (v: Value): string => `${v.op.name} ${showShape(v.shape)} ${v.dtype}`;

type Fields = Pick<Value, "op" | "args" | "attrs" | "shape" | "dtype" | "traced" | "generated">;

function makeNode(fields: Fields, elements: Buffer | ((v: Value) => Buffer) | undefined): Value {
  let buffer = typeof elements === "function" ? undefined : elements;
  const node: Value = {
    ...fields,
    ...tensorMethods,
    origin: currentOrigin,
    concrete: elements !== undefined,
    get buffer() {
      if (typeof elements === "function") buffer ??= elements(node);
      return buffer;
    },
  };
  if (fields.traced && node.concrete) void node.buffer;
  return node;
}

/** A dim with a name in it is known only once the model runs. */
function mentionsDims(attrs: Attrs): boolean {
  const isSymbolic = (attr: Attr): boolean => (Array.isArray(attr) ? attr.some(isSymbolic) : typeof attr === "string");
  return Object.entries(attrs).some(([key, attr]) => key !== "dtype" && isSymbolic(attr));
}

const leafFields = (op: LeafOp): Omit<Fields, "shape" | "dtype"> => ({ op, args: [], attrs: {}, traced: false, generated: false });
const leaf = (name: string): LeafOp => ({
  name,
  kind: "leaf",
  // Never asked: a leaf has the shape that it was made with.
  shape: () => ({ shape: [], dtype: "f32" }),
  derivative: { kind: "zero" },
});
export const parameterOp: LeafOp = /* @__PURE__ */ leaf("parameter");
const constantOp: LeafOp = /* @__PURE__ */ leaf("constant");

/** Identity. Its derivative is the identity too: it makes one argument distinct from another that happens to be the same tensor. */
export const aliasOp: Op = {
  name: "alias",
  kind: "element",
  shape: ([x]) => ({ shape: x?.shape ?? [], dtype: x?.dtype ?? "f32" }),
  element: ([x], index) => {
    if (!x) throw new Error("internal: alias takes one argument");
    return x(...index);
  },
  derivative: { kind: "linear", transpose: (ct) => [() => ct] },
};
