/** The small part of TypeScript that adjoints are written in: calls of the package's own functions. What a call makes can be asked for. */
import * as cotangent from "../../dsl/index.ts";
import type { Dim } from "../../dsl/types.ts";
import { isValue, type Value } from "../../dsl/value.ts";

export type Fn = keyof typeof cotangent;
const functions = cotangent as unknown as Readonly<Record<Fn, (...args: readonly unknown[]) => unknown>>;

/** `fn(args…)` */
export interface Call {
  readonly kind: "call";
  readonly fn: Fn;
  readonly args: readonly Argument[];
}
/** A size in value position: a symbolic one is read from a tensor that has it. */
export interface Size {
  readonly kind: "size";
  readonly dim: string;
}
/** A dtype. */
export interface Text {
  readonly kind: "text";
  readonly text: string;
}
export interface Options {
  readonly kind: "options";
  readonly entries: Readonly<Record<string, Argument>>;
}
export type Argument = Value | Call | Size | Text | Options | number | boolean | null | readonly Argument[];

export const isList = (x: Argument): x is readonly Argument[] => Array.isArray(x);
export const isCall = (x: Argument): x is Call => typeof x === "object" && x !== null && "kind" in x && x.kind === "call";
export const isSize = (x: Argument): x is Size => typeof x === "object" && x !== null && "kind" in x && x.kind === "size";

/** A call; arguments left out at the end are `undefined`. */
export const call = (fn: Fn, ...args: readonly (Argument | undefined)[]): Call => {
  const given = args.findLastIndex((arg) => arg !== undefined) + 1;
  return { kind: "call", fn, args: args.slice(0, given) as Argument[] };
};
export const size = (dim: Dim): Size | number => (typeof dim === "number" ? dim : { kind: "size", dim });
export const sizes = (shape: readonly Dim[]): Argument => shape.map(size);
export const text = (of: string): Text => ({ kind: "text", text: of });
export const options = (entries: Readonly<Record<string, Argument>>): Options => ({ kind: "options", entries });

/** Every node of an argument, itself first. */
export function* nodesOf(x: Argument): Generator<Argument> {
  yield x;
  for (const child of childrenOf(x)) yield* nodesOf(child);
}
const childrenOf = (x: Argument): readonly Argument[] =>
  isList(x) ? x : isCall(x) ? x.args : isOptions(x) ? Object.values(x.entries) : [];
const isOptions = (x: Argument): x is Options => typeof x === "object" && x !== null && "kind" in x && x.kind === "options";

/** The tensors that a call is made of, as often as they stand in it. */
export const valuesOf = (x: Argument): Value[] => [...nodesOf(x)].filter(isValue);

/** `x` with `f` of every tensor and every size in it. */
export function mapLeaves(x: Argument, f: (leaf: Value | Size) => Argument): Argument {
  if (isList(x)) return x.map((item) => mapLeaves(item, f));
  if (typeof x !== "object" || x === null) return x;
  if (isValue(x)) return f(x);
  switch (x.kind) {
    case "call":
      return { ...x, args: x.args.map((arg) => mapLeaves(arg, f)) };
    case "options":
      return { ...x, entries: Object.fromEntries(Object.entries(x.entries).map(([key, arg]) => [key, mapLeaves(arg, f)])) };
    case "size":
      return f(x);
    case "text":
      return x;
  }
}

/** What `x` is once it runs on symbolic tensors. Throws what the function throws. */
export function evaluate(x: Argument): unknown {
  if (isList(x)) return x.map(evaluate);
  if (typeof x !== "object" || x === null || isValue(x)) return x;
  switch (x.kind) {
    case "call":
      return functions[x.fn](...x.args.map(evaluate));
    case "options":
      return Object.fromEntries(Object.entries(x.entries).map(([key, arg]) => [key, evaluate(arg)]));
    case "size":
      return x.dim;
    case "text":
      return x.text;
  }
}
