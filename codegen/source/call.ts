/** Calls: of the user's functions, which are read, and of `cotangent`'s, which run on Values. */
import { posix } from "node:path";
import { ts } from "ts-morph";
import { leavesOf } from "../../dsl/tree.ts";
import { isTensor, isValue, type Origin, suggestName, withMeter, withOrigin } from "../../dsl/value.ts";
import { callMethod, hasMethods, member } from "./access.ts";
import { insteadOf, type Message, messages } from "./diagnostic.ts";
import { describe, evaluate, items } from "./evaluate.ts";
import { runBody } from "./execute.ts";
import { outside } from "./fence.ts";
import { closedName } from "./globals.ts";
import { bind } from "./names.ts";
import { Refusal, refuse, textOf } from "./place.ts";
import { activationOf, at, type Fn, type FunctionNode, own, type Reading, type Scope, spend } from "./scope.ts";

/** The user's calls inside each other. */
const MAX_DEPTH = 100;

/** A function of the user's as a JavaScript function, so that `grad`, `model` and `.map` may call it: it reads its body. */
export function closureOf(node: FunctionNode, scope: Scope): Fn {
  const { reading } = scope;
  if (node.asteriskToken) refuse(node.asteriskToken, messages.generator("`function*`"));
  const async = node.modifiers?.find(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword);
  if (async) refuse(async, messages.asynchronous("`async`"));
  const closure: Fn = (...args) => {
    if (reading.depth >= MAX_DEPTH) refuse(reading.site, messages.recursion(String(MAX_DEPTH)));
    const inner = activationOf(reading, scope, "function");
    const outer = reading.activation;
    reading.depth++;
    reading.activation = inner.activation;
    try {
      bindArguments(node, args, inner);
      return runBody(node, inner);
    } finally {
      reading.depth--;
      reading.activation = outer;
    }
  };
  reading.closures.set(closure, { node, scope });
  return closure;
}

function bindArguments({ parameters }: FunctionNode, args: readonly unknown[], scope: Scope): void {
  for (const [i, { name, initializer, dotDotDotToken }] of parameters.entries()) {
    const given = dotDotDotToken ? own(scope.reading, args.slice(i)) : args[i];
    bind(name, given === undefined && initializer ? evaluate(initializer, scope) : given, scope);
  }
}

export function callExpression(node: ts.CallExpression, scope: Scope): unknown {
  const { reading } = scope;
  const callee = unwrapped(node.expression);
  if (callee.kind === ts.SyntaxKind.ImportKeyword || callee.kind === ts.SyntaxKind.SuperKeyword) refuse(callee, outside(callee));
  let f: unknown;
  if (ts.isPropertyAccessExpression(callee)) {
    const object = evaluate(callee.expression, scope);
    const name = callee.name.text;
    if (hasMethods(object)) {
      const args = items(node.arguments, scope);
      return guard(node, args, reading, () => at(reading, node, () => callMethod(object, name, args, callee, scope)));
    }
    f = member(object, name, callee);
  } else f = evaluate(callee, scope);
  if ((f === undefined || f === null) && node.flags & ts.NodeFlags.OptionalChain) return undefined;
  if (typeof f !== "function") return refuse(callee, notAFunction(f, callee));
  const result = invoke(f as Fn, items(node.arguments, scope), node, reading);
  // What the user's own function gives, and no one names, is called as the function.
  if (ts.isIdentifier(callee) && isValue(result) && reading.closures.has(reading.written(f) as object)) suggestName(result, callee.text);
  return result;
}

function notAFunction(f: unknown, callee: ts.Expression): Message {
  const global = typeof f === "object" && f !== null ? closedName(f) : undefined;
  return global
    ? messages.unknownGlobal(`${global}(…)`, insteadOf[`${global}(…)`] ?? "")
    : messages.notCallable(textOf(callee), describe(f));
}

/** Without parentheses and what only types see. */
function unwrapped(node: ts.Expression): ts.Expression {
  return ts.isParenthesizedExpression(node) || ts.isNonNullExpression(node) || ts.isAsExpression(node) || ts.isSatisfiesExpression(node)
    ? unwrapped(node.expression)
    : node;
}

export function invoke(f: Fn, args: readonly unknown[], node: ts.Node, reading: Reading): unknown {
  return reading.closures.has(f)
    ? at(reading, node, () => f(...args))
    : withMeter(
        (work) => spend(reading, node, work / 100),
        () => guard(node, args, reading, () => at(reading, node, () => withOrigin(originOf(node, reading), () => f(...args)))),
      );
}

/** What `f` throws as a refusal of `node`: a shape rule's words are the user's; a fault of the compiler's stays one, with the place. */
function guard<T>(node: ts.Node, args: readonly unknown[], reading: Reading, f: () => T): T {
  try {
    return f();
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error) || error.message.startsWith("internal:")) throw error;
    if (error instanceof RangeError && error.message.includes("call stack"))
      refuse(reading.site, messages.recursion(String(reading.depth)));
    if (error.constructor === Error) return refuse(node, ruleMessage(error.message));
    if (args.some(hasScalar) && mentionsNumber(node, reading)) refuse(node, messages.staticWanted(`\`${textOf(node)}\``));
    const { file, line, column } = originOf(node, reading);
    throw new Error(`internal: ${file}:${line}:${column}: ${error.message}`, { cause: error });
  }
}

/** `op: what: values; write this` ends in its own way out. */
function ruleMessage(text: string): ReturnType<typeof messages.rule> {
  const [reason = "", wayOut] = text.split(/; (?=write |take )/);
  const sentence = wayOut && `${wayOut[0]?.toUpperCase()}${wayOut.slice(1)}.`;
  return messages.rule(`${reason}.`, sentence ?? "");
}

const hasScalar = (arg: unknown): boolean =>
  typeof arg === "object" && leavesOf(arg).some(({ value }) => isTensor(value) && value.shape.length === 0);
/** Something in it has the type `number`, and is not written out. */
const mentionsNumber = (node: ts.Node, { checker }: Reading): boolean => {
  const isNumber = (part: ts.Node): boolean => ts.isIdentifier(part) && (checker.getTypeAtLocation(part).flags & ts.TypeFlags.Number) !== 0;
  const visit = (part: ts.Node): boolean => isNumber(part) || (ts.forEachChild(part, (child) => visit(child) || undefined) ?? false);
  return visit(node);
};

/** The place of a call, its file as seen from the module that is being read. */
export function originOf(node: ts.Node, reading: Reading): Origin {
  const file = node.getSourceFile();
  const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
  return { file: posix.relative(posix.dirname(reading.entry.fileName), file.fileName), line: line + 1, column: character + 1 };
}
