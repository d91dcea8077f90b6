/** Members: fields of objects, elements of arrays, the shape of a tensor, and the methods of arrays and strings. */
import { ts } from "ts-morph";
import { showShape } from "../../dsl/dim.ts";
import type { AnyTensor } from "../../dsl/types.ts";
import { isTensor } from "../../dsl/value.ts";
import { insteadOf, messages } from "./diagnostic.ts";
import { describe, evaluate, keyOf } from "./evaluate.ts";
import { methods, outside } from "./fence.ts";
import { closedName } from "./globals.ts";
import { refuse, textOf } from "./place.ts";
import { type Fn, mayChange, own, type Scope, spend } from "./scope.ts";

export function propertyAccess(node: ts.PropertyAccessExpression, scope: Scope): unknown {
  return member(evaluate(receiver(node), scope), node.name.text, node);
}

export function elementAccess(node: ts.ElementAccessExpression, scope: Scope): unknown {
  const object = evaluate(receiver(node), scope);
  if (isNothing(object) && node.flags & ts.NodeFlags.OptionalChain) return undefined;
  const key = evaluate(node.argumentExpression, scope);
  return member(object, keyOf(key, node.argumentExpression), node);
}

function receiver({ expression }: ts.PropertyAccessExpression | ts.ElementAccessExpression): ts.Expression {
  return ts.isMetaProperty(expression) || expression.kind === ts.SyntaxKind.SuperKeyword
    ? refuse(expression, outside(expression))
    : expression;
}

const isNothing = (x: unknown): x is null | undefined => x === null || x === undefined;

export function member(object: unknown, name: string, node: ts.Expression): unknown {
  if (isNothing(object))
    return (node.flags & ts.NodeFlags.OptionalChain) !== 0 ? undefined : refuse(node, messages.ofNothing(name, String(object)));
  if (isTensor(object)) return ofTensor(object, name, node);
  if (typeof object === "string" || Array.isArray(object)) {
    if (name === "length") return object.length;
    if (/^\d+$/.test(name)) return element(object, Number(name), node);
    return refuse(
      node,
      messages.unknownMember(name, describe(object), [...methods[Array.isArray(object) ? "array" : "string"]].join(", ")),
    );
  }
  if (Object.hasOwn(object, name) && (typeof object === "object" || closedName(object) || name === "def"))
    return (object as Record<string, unknown>)[name];
  if (typeof object !== "object") return refuse(node, messages.unknownMember(name, describe(object), ""));
  const closed = closedName(object);
  if (closed) refuse(node, messages.unknownGlobal(`${closed}.${name}`, insteadOf[`${closed}.${name}`] ?? ""));
  return undefined;
}

const varyingShapes = new WeakSet<object>();

function ofTensor(x: AnyTensor, name: string, node: ts.Expression): unknown {
  if (name === "dtype") return x.dtype;
  if (name !== "shape") return refuse(node, messages.dataOfTensor(name));
  const varies = x.shape.some((d) => typeof d !== "number");
  const { parent } = node;
  const isPart = (ts.isElementAccessExpression(parent) || ts.isPropertyAccessExpression(parent)) && parent.expression === node;
  if (varies && !isPart) refuse(node, messages.symbolicSize(`\`${textOf(node)}\`, here ${showShape(x.shape)}`, "the use"));
  const shape = [...x.shape];
  if (varies) varyingShapes.add(shape);
  return shape;
}

function element(list: string | readonly unknown[], i: number, node: ts.Expression): unknown {
  const item = list[i];
  if (typeof item === "string" && typeof list === "object" && varyingShapes.has(list))
    refuse(node, messages.symbolicSize(`\`${textOf(node)}\`, here "${item}"`, "the use"));
  return item;
}

export const hasMethods = (object: unknown): object is string | number | unknown[] =>
  typeof object === "string" || typeof object === "number" || Array.isArray(object);

/** `xs.map(f)` and its like, by JavaScript's own; `f` is a closure that reads its body. */
export function callMethod(
  object: string | number | unknown[],
  name: string,
  args: readonly unknown[],
  node: ts.Expression,
  scope: Scope,
): unknown {
  const { reading } = scope;
  const kind = Array.isArray(object) ? "array" : (typeof object as "string" | "number");
  if (Array.isArray(object) && name === "push") {
    if (!mayChange(reading, object)) refuse(node, messages.mutation("`.push(…)`"));
    return object.push(...args);
  }
  if (!methods[kind].has(name)) refuse(node, messages.unknownMember(name, describe(object), [...methods[kind]].join(", ")));
  if (Array.isArray(object) && varyingShapes.has(object)) refuse(node, messages.symbolicSize(`\`${textOf(node)}\``, "the use"));
  const longest = args.reduce<number>((n, arg) => (typeof arg === "number" && kind !== "array" ? Math.max(n, arg) : n), 0);
  spend(reading, node, kind === "array" ? (object as unknown[]).length : (String(object).length * Math.max(1, longest)) / 100);
  const result = (object as unknown as Record<string, Fn>)[name]?.apply(object, args as unknown[]);
  if (Array.isArray(result)) return own(reading, result);
  return typeof result === "object" && result !== null && !isTensor(result) && Symbol.iterator in result
    ? own(reading, [...(result as Iterable<unknown>)])
    : result;
}
