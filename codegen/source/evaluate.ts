/** Expressions: from a node and a scope to a static value or a Value. */
import { ts } from "ts-morph";
import { isTensor } from "../../dsl/value.ts";
import { elementAccess, propertyAccess } from "./access.ts";
import { callExpression, closureOf } from "./call.ts";
import { messages } from "./diagnostic.ts";
import { type AcceptedExpression, outside } from "./fence.ts";
import { lookUp } from "./names.ts";
import { binary, decide, postfix, prefix } from "./operators.ts";
import { refuse, textOf } from "./place.ts";
import { own, type Scope, spend } from "./scope.ts";

export function evaluate(node: ts.Expression, scope: Scope): unknown {
  spend(scope.reading, node);
  const evaluator = evaluators[node.kind as AcceptedExpression];
  return evaluator ? evaluator(node as never, scope) : refuse(node, outside(node));
}

type Evaluator = (node: never, scope: Scope) => unknown;
const constant = (value: unknown) => () => value;
const inner = (node: { readonly expression: ts.Expression }, scope: Scope): unknown => evaluate(node.expression, scope);

const evaluators: Readonly<Record<AcceptedExpression, Evaluator>> = {
  [ts.SyntaxKind.NumericLiteral]: (node: ts.NumericLiteral) => Number(node.text),
  [ts.SyntaxKind.StringLiteral]: (node: ts.StringLiteral) => node.text,
  [ts.SyntaxKind.NoSubstitutionTemplateLiteral]: (node: ts.NoSubstitutionTemplateLiteral) => node.text,
  [ts.SyntaxKind.TemplateExpression]: template,
  [ts.SyntaxKind.TrueKeyword]: constant(true),
  [ts.SyntaxKind.FalseKeyword]: constant(false),
  [ts.SyntaxKind.NullKeyword]: constant(null),
  [ts.SyntaxKind.Identifier]: lookUp,
  [ts.SyntaxKind.ArrayLiteralExpression]: arrayLiteral,
  [ts.SyntaxKind.ObjectLiteralExpression]: objectLiteral,
  [ts.SyntaxKind.ArrowFunction]: closureOf,
  [ts.SyntaxKind.FunctionExpression]: closureOf,
  [ts.SyntaxKind.CallExpression]: callExpression,
  [ts.SyntaxKind.PropertyAccessExpression]: propertyAccess,
  [ts.SyntaxKind.ElementAccessExpression]: elementAccess,
  [ts.SyntaxKind.BinaryExpression]: binary,
  [ts.SyntaxKind.PrefixUnaryExpression]: prefix,
  [ts.SyntaxKind.PostfixUnaryExpression]: postfix,
  [ts.SyntaxKind.ConditionalExpression]: (node: ts.ConditionalExpression, scope: Scope) =>
    evaluate(decide(node.condition, scope) ? node.whenTrue : node.whenFalse, scope),
  [ts.SyntaxKind.TypeOfExpression]: typeOf,
  [ts.SyntaxKind.ParenthesizedExpression]: inner,
  [ts.SyntaxKind.AsExpression]: inner,
  [ts.SyntaxKind.SatisfiesExpression]: inner,
  [ts.SyntaxKind.NonNullExpression]: inner,
  [ts.SyntaxKind.TypeAssertionExpression]: inner,
};

function template(node: ts.TemplateExpression, scope: Scope): string {
  let text = node.head.text;
  for (const { expression, literal } of node.templateSpans) {
    const value = evaluate(expression, scope);
    if (typeof value === "object" || typeof value === "function")
      refuse(expression, messages.otherSyntax(`text made of ${describe(value)}`));
    text += String(value) + literal.text;
  }
  spend(scope.reading, node, text.length / 100);
  return text;
}

function arrayLiteral(node: ts.ArrayLiteralExpression, scope: Scope): unknown[] {
  return own(scope.reading, items(node.elements, scope));
}

/** The values of a list in which `...` may stand. */
export function items(nodes: readonly ts.Expression[], scope: Scope): unknown[] {
  const list: unknown[] = [];
  for (const node of nodes) {
    if (!ts.isSpreadElement(node)) list.push(evaluate(node, scope));
    else for (const item of iterable(evaluate(node.expression, scope), node.expression, scope)) list.push(item);
  }
  return list;
}

export function iterable(value: unknown, node: ts.Expression, { reading }: Scope): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(node, messages.notIterable(`\`${textOf(node)}\``));
  spend(reading, node, value.length);
  return value;
}

function objectLiteral(node: ts.ObjectLiteralExpression, scope: Scope): object {
  const object: Record<string, unknown> = {};
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) Object.assign(object, spread(property, scope));
    else if (ts.isPropertyAssignment(property)) object[propertyName(property.name, scope)] = evaluate(property.initializer, scope);
    else if (ts.isShorthandPropertyAssignment(property)) object[property.name.text] = lookUp(property.name, scope);
    else if (ts.isMethodDeclaration(property)) object[propertyName(property.name, scope)] = closureOf(property, scope);
    else refuse(property, outside(property));
  }
  return own(scope.reading, object);
}

function spread({ expression }: ts.SpreadAssignment, scope: Scope): object {
  const value = evaluate(expression, scope) ?? {};
  if (typeof value !== "object" || isTensor(value)) refuse(expression, messages.otherSyntax(`\`...\` of ${describe(value)}`));
  spend(scope.reading, expression, Object.keys(value).length);
  return value;
}

export function propertyName(name: ts.PropertyName, scope: Scope): string {
  if (ts.isIdentifier(name) || ts.isStringLiteral(name) || ts.isNumericLiteral(name)) return plainKey(name.text, name);
  if (ts.isComputedPropertyName(name)) return plainKey(keyOf(evaluate(name.expression, scope), name.expression), name);
  return refuse(name, outside(name));
}
export function keyOf(value: unknown, node: ts.Node): string {
  if (isTensor(value)) refuse(node, messages.staticWanted("an index"));
  if (typeof value !== "string" && typeof value !== "number") refuse(node, messages.otherSyntax(`${describe(value)} as a key`));
  return String(value);
}
const plainKey = (key: string, node: ts.Node): string => (key === "__proto__" ? refuse(node, messages.otherSyntax("`__proto__`")) : key);

/** What JavaScript would say when the model is called: a run-time number is a `number`. */
function typeOf({ expression }: ts.TypeOfExpression, scope: Scope): string {
  const value = evaluate(expression, scope);
  const isNumber = isTensor(value) && (scope.reading.checker.getTypeAtLocation(expression).flags & ts.TypeFlags.NumberLike) !== 0;
  return isNumber ? "number" : typeof value;
}

export function describe(value: unknown): string {
  if (isTensor(value)) return "a tensor";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "function") return "a function";
  if (typeof value === "object" && value !== null) return "an object";
  return typeof value === "string" ? `the text "${value}"` : String(value);
}
