/**
 * The TypeScript that is read. What is listed here is accepted; what is refused with its own words is listed below; all else is refused as
 * "not part of the TypeScript that is read". Evaluators are held to these lists by their types.
 */
import { ts } from "ts-morph";
import { type Message, messages } from "./diagnostic.ts";

const K = ts.SyntaxKind;

export const expressions = [
  // values
  K.NumericLiteral,
  K.StringLiteral,
  K.NoSubstitutionTemplateLiteral,
  K.TemplateExpression,
  K.TrueKeyword,
  K.FalseKeyword,
  K.NullKeyword,
  K.Identifier,
  K.ArrayLiteralExpression,
  K.ObjectLiteralExpression,
  K.ArrowFunction,
  K.FunctionExpression,
  // what is done with them
  K.CallExpression,
  K.PropertyAccessExpression,
  K.ElementAccessExpression,
  K.BinaryExpression,
  K.PrefixUnaryExpression,
  K.PostfixUnaryExpression,
  K.ConditionalExpression,
  K.TypeOfExpression,
  // what only types see
  K.ParenthesizedExpression,
  K.AsExpression,
  K.SatisfiesExpression,
  K.NonNullExpression,
  K.TypeAssertionExpression,
] as const;
export type AcceptedExpression = (typeof expressions)[number];

export const statements = [
  K.VariableStatement,
  K.ExpressionStatement,
  K.ReturnStatement,
  K.IfStatement,
  K.ForStatement,
  K.ForOfStatement,
  K.BreakStatement,
  K.ContinueStatement,
  K.Block,
  K.EmptyStatement,
  // functions are hoisted; types are TypeScript's
  K.FunctionDeclaration,
  K.TypeAliasDeclaration,
  K.InterfaceDeclaration,
] as const;
export type AcceptedStatement = (typeof statements)[number];

/** What may stand at the top of a module besides: imports and exports. */
export const declarations: ReadonlySet<ts.SyntaxKind> = new Set([
  K.ImportDeclaration,
  K.ExportDeclaration,
  K.ExportAssignment,
  K.VariableStatement,
  K.FunctionDeclaration,
  K.TypeAliasDeclaration,
  K.InterfaceDeclaration,
  K.EmptyStatement,
]);

/** On two static values. */
export const binaryOperators: Partial<Record<ts.SyntaxKind, (a: never, b: never) => unknown>> = {
  [K.PlusToken]: (a: number, b: number) => a + b,
  [K.MinusToken]: (a: number, b: number) => a - b,
  [K.AsteriskToken]: (a: number, b: number) => a * b,
  [K.SlashToken]: (a: number, b: number) => a / b,
  [K.PercentToken]: (a: number, b: number) => a % b,
  [K.AsteriskAsteriskToken]: (a: number, b: number) => a ** b,
  [K.LessThanToken]: (a: number, b: number) => a < b,
  [K.LessThanEqualsToken]: (a: number, b: number) => a <= b,
  [K.GreaterThanToken]: (a: number, b: number) => a > b,
  [K.GreaterThanEqualsToken]: (a: number, b: number) => a >= b,
  [K.EqualsEqualsEqualsToken]: (a: unknown, b: unknown) => a === b,
  [K.ExclamationEqualsEqualsToken]: (a: unknown, b: unknown) => a !== b,
};
/** What to call in place of an operator where an operand is a tensor. */
export const operatorCalls: Partial<Record<ts.SyntaxKind, string>> = {
  [K.PlusToken]: "add",
  [K.MinusToken]: "sub",
  [K.AsteriskToken]: "mul",
  [K.SlashToken]: "div",
  [K.AsteriskAsteriskToken]: "pow",
  [K.LessThanToken]: "less",
  [K.LessThanEqualsToken]: "lessEqual",
  [K.GreaterThanToken]: "greater",
  [K.GreaterThanEqualsToken]: "greaterEqual",
  [K.EqualsEqualsEqualsToken]: "equal",
  [K.ExclamationEqualsEqualsToken]: "notEqual",
};
/** `a += b` is `a = a + b`. */
export const compoundOperators: Partial<Record<ts.SyntaxKind, ts.SyntaxKind>> = {
  [K.PlusEqualsToken]: K.PlusToken,
  [K.MinusEqualsToken]: K.MinusToken,
  [K.AsteriskEqualsToken]: K.AsteriskToken,
  [K.SlashEqualsToken]: K.SlashToken,
  [K.PercentEqualsToken]: K.PercentToken,
  [K.AsteriskAsteriskEqualsToken]: K.AsteriskAsteriskToken,
};

/** Methods that leave their object as it is. `push`, on an array that is made in the same function, is the one that does not. */
export const methods = {
  array: new Set(
    "at concat entries every filter find findIndex flat flatMap forEach includes indexOf join keys map reduce reduceRight slice some toReversed toSpliced values with".split(
      " ",
    ),
  ),
  string: new Set(
    "at charAt endsWith includes indexOf padEnd padStart repeat slice split startsWith toLowerCase toUpperCase trim".split(" "),
  ),
  number: new Set("toFixed toString".split(" ")),
} as const;

/** Syntax that has its own way out. */
const refused: Partial<Record<ts.SyntaxKind, Message>> = {
  [K.WhileStatement]: messages.whileLoop(),
  [K.DoStatement]: messages.whileLoop(),
  [K.ForInStatement]: messages.forIn(),
  [K.TryStatement]: messages.exception("`try`"),
  [K.ThrowStatement]: messages.exception("`throw`"),
  [K.AwaitExpression]: messages.asynchronous("`await`"),
  [K.YieldExpression]: messages.generator("`yield`"),
  [K.ClassDeclaration]: messages.classes("`class`"),
  [K.ClassExpression]: messages.classes("`class`"),
  [K.NewExpression]: messages.classes("`new`"),
  [K.ThisKeyword]: messages.classes("`this`"),
  [K.SuperKeyword]: messages.classes("`super`"),
  [K.GetAccessor]: messages.classes("a getter"),
  [K.SetAccessor]: messages.classes("a setter"),
  [K.SwitchStatement]: messages.switchCase(),
  [K.LabeledStatement]: messages.labelled("a label"),
  [K.RegularExpressionLiteral]: messages.otherSyntax("a regular expression"),
  [K.BigIntLiteral]: messages.otherSyntax("a bigint"),
  [K.TaggedTemplateExpression]: messages.otherSyntax("a tagged template"),
  [K.DeleteExpression]: messages.mutation("`delete`"),
  [K.VoidExpression]: messages.otherSyntax("`void`"),
  [K.EnumDeclaration]: messages.otherSyntax("`enum`"),
  [K.ModuleDeclaration]: messages.otherSyntax("`namespace`"),
  [K.DebuggerStatement]: messages.otherSyntax("`debugger`"),
  [K.MetaProperty]: messages.otherSyntax("`import.meta`"),
  [K.ImportKeyword]: messages.otherSyntax("`import()`"),
};

/** The refusal of a node that no list above has. */
export function outside(node: ts.Node): Message {
  return refused[node.kind] ?? messages.otherSyntax(`this ${wordsOf(ts.SyntaxKind[node.kind] as string)}`);
}
const wordsOf = (kind: string): string => kind.replace(/([a-z])([A-Z])/g, "$1 $2").toLowerCase();
