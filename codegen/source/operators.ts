/** Operators on static values; on run-time numbers, the ops they stand for; decisions, which only static values can make. */
import { ts } from "ts-morph";
import type { Operand } from "../../dsl/ops/operand.ts";
import * as ops from "../../dsl/ops/scalar.ts";
import type { AnyTensor } from "../../dsl/types.ts";
import { isTensor, type Value, withOrigin } from "../../dsl/value.ts";
import { originOf } from "./call.ts";
import { messages } from "./diagnostic.ts";
import { describe, evaluate } from "./evaluate.ts";
import { binaryOperators, compoundOperators, operatorCalls } from "./fence.ts";
import { assign } from "./names.ts";
import { refuse, textOf } from "./place.ts";
import { type Scope, spend } from "./scope.ts";

const K = ts.SyntaxKind;

/** On run-time numbers these stand for the ops: eagerly they are JavaScript's own. */
const arithmetic: Partial<Record<ts.SyntaxKind, (a: Operand, b: Operand) => Value>> = {
  [K.PlusToken]: ops.add,
  [K.MinusToken]: ops.sub,
  [K.AsteriskToken]: ops.mul,
  [K.SlashToken]: ops.div,
  [K.AsteriskAsteriskToken]: ops.pow,
};

export function binary(node: ts.BinaryExpression, scope: Scope): unknown {
  const operator = node.operatorToken.kind;
  if (operator === K.EqualsToken) return store(node.left, evaluate(node.right, scope), scope);
  const compound = compoundOperators[operator];
  if (compound) return store(node.left, combine(compound, node, evaluate(node.left, scope), evaluate(node.right, scope), scope), scope);
  if (operator === K.AmpersandAmpersandToken || operator === K.BarBarToken) {
    const left = evaluate(node.left, scope);
    return truth(left, node.left) === (operator === K.AmpersandAmpersandToken) ? evaluate(node.right, scope) : left;
  }
  if (operator === K.QuestionQuestionToken) return evaluate(node.left, scope) ?? evaluate(node.right, scope);
  if (!binaryOperators[operator]) refuse(node.operatorToken, messages.otherSyntax(`\`${node.operatorToken.getText()}\``));
  return combine(operator, node, evaluate(node.left, scope), evaluate(node.right, scope), scope);
}

function store(target: ts.Expression, value: unknown, scope: Scope): unknown {
  assign(target, value, scope);
  return value;
}

function combine(operator: ts.SyntaxKind, node: ts.BinaryExpression, a: unknown, b: unknown, scope: Scope): unknown {
  const isEquality = operator === K.EqualsEqualsEqualsToken || operator === K.ExclamationEqualsEqualsToken;
  const nothing = a === null || a === undefined || b === null || b === undefined;
  if ((isTensor(a) || isTensor(b)) && !(isEquality && nothing)) return onTensors(operator, node, a, b, scope);
  if (!isEquality) {
    for (const [value, side] of [
      [a, node.left],
      [b, node.right],
    ] as const)
      if (typeof value === "object" || typeof value === "function")
        refuse(side, messages.otherSyntax(`\`${node.operatorToken.getText()}\` on ${describe(value)}`));
  }
  for (const [value, side] of [
    [a, node.left],
    [b, node.right],
  ] as const)
    if (typeof value === "string") checkText(value, side, node, scope);
  const result = (binaryOperators[operator] as (a: unknown, b: unknown) => unknown)(a, b);
  if (typeof result === "string") spend(scope.reading, node, result.length / 100);
  return result;
}

/** A size that varies is a text while the model is read; nothing may be found out about it. */
function checkText(value: string, side: ts.Expression, node: ts.BinaryExpression, { reading }: Scope): void {
  if (reading.checker.getTypeAtLocation(side).symbol?.name === "DimValue")
    refuse(node, messages.symbolicSize(`\`${textOf(side)}\`, here "${value}"`, `\`${node.operatorToken.getText()}\``));
}

function onTensors(operator: ts.SyntaxKind, node: ts.BinaryExpression, a: unknown, b: unknown, { reading }: Scope): Value {
  const text = node.operatorToken.getText();
  const what = [a, b].every((x) => !isTensor(x) || x.shape.length === 0) ? "a run-time number" : "a tensor";
  const name = operatorCalls[operator];
  if (!name || !isOperand(a) || !isOperand(b)) return refuse(node, messages.otherSyntax(`\`${text}\` on ${what}`));
  const written = `${name}(${textOf(node.left)}, ${textOf(node.right)})`;
  const op = arithmetic[operator];
  if (op && what === "a tensor") return refuse(node, messages.arithmetic(text, what, written));
  if (op) return withOrigin(originOf(node, reading), () => op(a, b));
  const construct = constructOf(node);
  return refuse(node, construct ? messages.conditionOnTensor(construct, what, written) : messages.comparison(text, what, written));
}
const isOperand = (x: unknown): x is number | AnyTensor => typeof x === "number" || isTensor(x);

/** The construct that a test decides, if it does. */
function constructOf(test: ts.Node): string | undefined {
  const { parent } = test;
  if (ts.isIfStatement(parent) && parent.expression === test) return "`if`";
  if (ts.isForStatement(parent) && parent.condition === test) return "`for`";
  if (ts.isConditionalExpression(parent) && parent.condition === test) return "`? :`";
  if (ts.isParenthesizedExpression(parent)) return constructOf(parent);
  if (ts.isPrefixUnaryExpression(parent) && parent.operator === K.ExclamationToken) return constructOf(parent) ?? "`!`";
  if (!ts.isBinaryExpression(parent)) return undefined;
  const text = parent.operatorToken.getText();
  return text === "&&" || text === "||" ? (constructOf(parent) ?? (parent.left === test ? `\`${text}\`` : undefined)) : undefined;
}

/** Whether a test holds. */
export const decide = (test: ts.Expression, scope: Scope): boolean => truth(evaluate(test, scope), test);

function truth(value: unknown, test: ts.Expression): boolean {
  if (!isTensor(value)) return Boolean(value);
  const what = value.dtype === "bool" || value.shape.length > 0 ? "a tensor" : "a run-time number";
  const written = value.dtype === "bool" ? textOf(test) : `notEqual(${textOf(test)}, 0)`;
  return refuse(test, messages.conditionOnTensor(constructOf(test) ?? "a decision", what, written));
}

export function prefix(node: ts.PrefixUnaryExpression, scope: Scope): unknown {
  const { operator, operand } = node;
  if (operator === K.PlusPlusToken || operator === K.MinusMinusToken) return step(node, scope)[1];
  const value = evaluate(operand, scope);
  if (operator === K.ExclamationToken) return !truth(value, operand);
  if (operator === K.TildeToken) refuse(node, messages.otherSyntax("`~`"));
  const negative = operator === K.MinusToken;
  if (typeof value === "number") return negative ? -value : value;
  if (!isTensor(value)) return refuse(operand, messages.otherSyntax(`\`${negative ? "-" : "+"}\` on ${describe(value)}`));
  if (value.shape.length > 0) refuse(node, messages.arithmetic(negative ? "-" : "+", "a tensor", `neg(${textOf(operand)})`));
  return negative ? withOrigin(originOf(node, scope.reading), () => ops.neg(value)) : value;
}

export const postfix = (node: ts.PostfixUnaryExpression, scope: Scope): unknown => step(node, scope)[0];

/** `i++`: what it was, what it is. */
function step(node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression, scope: Scope): [number, number] {
  const before = evaluate(node.operand, scope);
  if (typeof before !== "number")
    return refuse(node, isTensor(before) ? messages.staticWanted("a counter") : messages.otherSyntax(`\`${node.getText()}\``));
  const after = node.operator === K.PlusPlusToken ? before + 1 : before - 1;
  assign(node.operand, after, scope);
  return [before, after];
}
