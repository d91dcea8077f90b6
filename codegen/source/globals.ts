/** The part of JavaScript's library that is read, on static values; on run-time numbers, the functions of `Math` that are ops. */

import type { Operand } from "../../dsl/ops/operand.ts";
import * as ops from "../../dsl/ops/scalar.ts";
import { isTensor, type Value } from "../../dsl/value.ts";
import { messages } from "./diagnostic.ts";
import { refuse } from "./place.ts";
import { own, type Reading, spend } from "./scope.ts";

/** `Math.max(lr, 0.1)` where `lr` is known only at run time. */
const onRunTimeNumbers: Readonly<Record<string, (...args: Operand[]) => Value>> = {
  abs: (x) => ops.abs(x as Operand),
  exp: (x) => ops.exp(x as Operand),
  log: (x) => ops.log(x as Operand),
  sqrt: (x) => ops.sqrt(x as Operand),
  sin: (x) => ops.sin(x as Operand),
  cos: (x) => ops.cos(x as Operand),
  tanh: (x) => ops.tanh(x as Operand),
  pow: (x, y) => ops.pow(x as Operand, y as Operand),
  max: (...xs) => xs.reduce(ops.maximum) as Value,
  min: (...xs) => xs.reduce(ops.minimum) as Value,
};
const constants = ["PI", "E", "LN2", "LN10", "LOG2E", "LOG10E", "SQRT2", "SQRT1_2"] as const;
const functions = [
  ...["abs", "sign", "ceil", "floor", "round", "trunc", "min", "max", "sqrt", "cbrt", "hypot", "pow", "exp", "expm1"],
  ...["log", "log2", "log10", "log1p", "sin", "cos", "tan", "asin", "acos", "atan", "atan2", "sinh", "cosh", "tanh"],
] as const;

const math = (reading: Reading, name: string): unknown => {
  const onNumbers = Math[name as "sqrt"] as (...args: unknown[]) => unknown;
  return (...args: unknown[]) => {
    if (!args.some(isTensor)) return onNumbers(...args);
    const op = onRunTimeNumbers[name];
    return op ? op(...(args as Operand[])) : refuse(reading.site, messages.staticWanted(`\`Math.${name}\``));
  };
};

export function globalsFor(reading: Reading): Readonly<Record<string, unknown>> {
  const array = <T>(list: T[]): T[] => {
    spend(reading, reading.site, list.length);
    return own(reading, list);
  };
  const ofObject =
    <T>(f: (object: object) => T[]) =>
    (object: unknown): T[] => {
      if (typeof object !== "object" || object === null || isTensor(object)) throw new Error("Object: the keys of objects and tuples only");
      return array(f(object));
    };
  const { fromEntries } = Object;
  return {
    undefined,
    NaN: Number.NaN,
    Infinity: Number.POSITIVE_INFINITY,
    Math: closed("Math", [
      ...constants.map((name): [string, unknown] => [name, Math[name]]),
      ...functions.map((name): [string, unknown] => [name, math(reading, name)]),
    ]),
    Object: closed("Object", [
      ["keys", ofObject(Object.keys)],
      ["values", ofObject(Object.values)],
      ["entries", ofObject((object) => Object.entries(object).map((pair) => own(reading, pair)))],
      ["fromEntries", (entries: [string, unknown][]) => own(reading, fromEntries(entries.filter(([key]) => key !== "__proto__")))],
    ]),
    Array: closed("Array", [
      ["isArray", Array.isArray],
      ["of", (...items: unknown[]) => array(items)],
      [
        "from",
        (source: ArrayLike<unknown>, f: (item: unknown, i: number) => unknown = (item) => item) => {
          if (!Number.isInteger(source?.length)) throw new Error("Array.from: an array, or `{ length: n }` with a constant n");
          spend(reading, reading.site, source.length);
          return own(
            reading,
            Array.from({ length: source.length }, (_, i) => f(source[i], i)),
          );
        },
      ],
    ]),
    Number: closed("Number", [
      ["isInteger", Number.isInteger],
      ["isFinite", Number.isFinite],
      ["isNaN", Number.isNaN],
      ["EPSILON", Number.EPSILON],
      ["MAX_SAFE_INTEGER", Number.MAX_SAFE_INTEGER],
    ]),
  };
}

const closedNames = new WeakMap<object, string>();
/** An object of which nothing else is known than what is in it. */
function closed(name: string, members: readonly (readonly [string, unknown])[]): object {
  const object = Object.fromEntries(members);
  closedNames.set(object, name);
  return object;
}
export const closedName = (object: object): string | undefined => closedNames.get(object);
