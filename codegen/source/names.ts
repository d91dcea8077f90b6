/** Names: what an identifier stands for, how patterns bind and assign, and that a Value keeps the name it was first given. */
import { ts } from "ts-morph";
import { leavesOf } from "../../dsl/tree.ts";
import { isTensor, isValue, nameValue } from "../../dsl/value.ts";
import { insteadOf, messages } from "./diagnostic.ts";
import { describe, evaluate, iterable, keyOf, propertyName } from "./evaluate.ts";
import { outside } from "./fence.ts";
import { refuse, textOf } from "./place.ts";
import { define, find, mayChange, own, type Scope, settle } from "./scope.ts";

export function lookUp(node: ts.Identifier, scope: Scope): unknown {
  const { reading } = scope;
  const name = node.text;
  const found = find(scope, name);
  if (!found) {
    if (Object.hasOwn(reading.globals, name)) return reading.globals[name];
    return refuse(node, messages.unknownGlobal(name, insteadOf[name] ?? ""));
  }
  const { binding, home } = found;
  const value = settle(binding, name, node);
  const { frame } = reading;
  return frame && home.activation.kind === "function" && home.activation.age < frame.age ? frame.capture(binding, name) : value;
}

/** Gives the Values of a tree the user's name for it: `h`, and `p_hidden_w` for a leaf. */
function nameAll(value: unknown, name: string): void {
  if (isValue(value)) nameValue(value, name);
  else if (typeof value === "object" && value !== null && !isTensor(value))
    for (const leaf of leavesOf(value))
      if (isValue(leaf.value)) nameValue(leaf.value, `${name}_${leaf.path.replace(/[^\w$]+/g, "_").replace(/^_|_$/g, "")}`);
}

/** `const { w, b = zero } = layer`: defines what a pattern names. */
export function bind(pattern: ts.BindingName, value: unknown, scope: Scope): void {
  if (ts.isIdentifier(pattern)) {
    nameAll(value, pattern.text);
    define(scope, pattern.text, value);
  } else if (ts.isArrayBindingPattern(pattern)) bindTuple(pattern, value, scope);
  else bindObject(pattern, value, scope);
}

function bindTuple(pattern: ts.ArrayBindingPattern, value: unknown, scope: Scope): void {
  const list = parts(value, pattern, scope);
  for (const [i, element] of pattern.elements.entries()) {
    if (ts.isOmittedExpression(element)) continue;
    bind(element.name, element.dotDotDotToken ? own(scope.reading, list.slice(i)) : orDefault(list[i], element, scope), scope);
  }
}

function bindObject(pattern: ts.ObjectBindingPattern, value: unknown, scope: Scope): void {
  const object = fields(value, pattern);
  const taken = new Set<string>();
  for (const element of pattern.elements) {
    if (element.dotDotDotToken) {
      const rest = Object.fromEntries(Object.entries(object).filter(([key]) => !taken.has(key)));
      bind(element.name, own(scope.reading, rest), scope);
      continue;
    }
    const key = element.propertyName ? propertyName(element.propertyName, scope) : (element.name as ts.Identifier).text;
    taken.add(key);
    bind(element.name, orDefault(Object.hasOwn(object, key) ? object[key] : undefined, element, scope), scope);
  }
}

const orDefault = (value: unknown, { initializer }: { readonly initializer?: ts.Expression | undefined }, scope: Scope): unknown =>
  value === undefined && initializer ? evaluate(initializer, scope) : value;

function parts(value: unknown, pattern: ts.Node, scope: Scope): readonly unknown[] {
  if (value === undefined || value === null) refuse(pattern, messages.notIterable(String(value)));
  return Array.isArray(value) ? iterable(value, pattern as ts.Expression, scope) : refuse(pattern, messages.notIterable(describe(value)));
}
function fields(value: unknown, pattern: ts.Node): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null || isTensor(value) || typeof value !== "object")
    refuse(pattern, messages.otherSyntax(`a pattern for the fields of ${describe(value)}`));
  return value as Record<string, unknown>;
}

/** `target = value`: a local, an element of an object made in this function, or a pattern of such. */
export function assign(target: ts.Expression, value: unknown, scope: Scope): void {
  if (ts.isIdentifier(target)) assignName(target, value, scope);
  else if (ts.isParenthesizedExpression(target) || ts.isNonNullExpression(target)) assign(target.expression, value, scope);
  else if (ts.isElementAccessExpression(target)) {
    const object = evaluate(target.expression, scope);
    assignMember(target, object, keyOf(evaluate(target.argumentExpression, scope), target), value, scope);
  } else if (ts.isPropertyAccessExpression(target))
    assignMember(target, evaluate(target.expression, scope), target.name.text, value, scope);
  else if (ts.isArrayLiteralExpression(target)) {
    const list = parts(value, target, scope);
    for (const [i, element] of target.elements.entries()) {
      if (ts.isOmittedExpression(element)) continue;
      if (ts.isSpreadElement(element)) assign(element.expression, own(scope.reading, list.slice(i)), scope);
      else assignOrDefault(element, list[i], scope);
    }
  } else if (ts.isObjectLiteralExpression(target)) {
    const object = fields(value, target);
    for (const property of target.properties) {
      if (ts.isShorthandPropertyAssignment(property)) assignName(property.name, object[property.name.text], scope);
      else if (ts.isPropertyAssignment(property)) assignOrDefault(property.initializer, object[propertyName(property.name, scope)], scope);
      else refuse(property, outside(property));
    }
  } else refuse(target, outside(target));
}

function assignOrDefault(target: ts.Expression, value: unknown, scope: Scope): void {
  if (ts.isBinaryExpression(target) && target.operatorToken.kind === ts.SyntaxKind.EqualsToken)
    assign(target.left, value === undefined ? evaluate(target.right, scope) : value, scope);
  else assign(target, value, scope);
}

function assignName(target: ts.Identifier, value: unknown, scope: Scope): void {
  const found = find(scope, target.text);
  if (!found) refuse(target, messages.unknownGlobal(target.text, ""));
  if (found.home.activation !== scope.activation) refuse(target, messages.outerAssignment(target.text));
  if (found.binding.state !== "ready") refuse(target, messages.beforeDefinition(target.text));
  nameAll(value, target.text);
  found.binding.value = value;
}

function assignMember(target: ts.Expression, object: unknown, key: string, value: unknown, { reading }: Scope): void {
  const what = `\`${textOf(target)} = …\``;
  if (typeof object !== "object" || object === null || !mayChange(reading, object) || key === "__proto__")
    refuse(target, messages.mutation(what));
  if (Array.isArray(object) && !(Number.isInteger(Number(key)) && Number(key) >= 0 && Number(key) <= object.length))
    refuse(target, messages.mutation(what));
  (object as Record<string, unknown>)[key] = value;
}
