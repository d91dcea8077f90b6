/** Statements: run one after the other; each may end the function or the turn of a loop. */
import { ts } from "ts-morph";
import { closureOf } from "./call.ts";
import { messages } from "./diagnostic.ts";
import { evaluate, iterable } from "./evaluate.ts";
import { type AcceptedStatement, outside } from "./fence.ts";
import { bind } from "./names.ts";
import { decide } from "./operators.ts";
import { refuse } from "./place.ts";
import { blockOf, define, type FunctionNode, type Scope, spend } from "./scope.ts";

type Completion = { readonly kind: "return"; readonly value: unknown } | { readonly kind: "break" | "continue" } | undefined;

/** What a call of a function gives; its parameters are bound in `scope`. */
export function runBody({ body }: FunctionNode, scope: Scope): unknown {
  if (!body) return undefined;
  if (!ts.isBlock(body)) return evaluate(body, scope);
  const completion = runAll(body.statements, blockOf(scope));
  return completion?.kind === "return" ? completion.value : undefined;
}

function runAll(statements: readonly ts.Statement[], scope: Scope): Completion {
  announce(statements, scope);
  for (const statement of statements) {
    const completion = execute(statement, scope);
    if (completion) return completion;
  }
  return undefined;
}

function execute(node: ts.Statement, scope: Scope): Completion {
  spend(scope.reading, node);
  const executor = executors[node.kind as AcceptedStatement];
  return executor ? executor(node as never, scope) : refuse(node, outside(node));
}

type Executor = (node: never, scope: Scope) => Completion;
const nothing = (): undefined => undefined;

const executors: Readonly<Record<AcceptedStatement, Executor>> = {
  [ts.SyntaxKind.VariableStatement]: (node: ts.VariableStatement, scope: Scope) => declareAll(node.declarationList, scope),
  [ts.SyntaxKind.ExpressionStatement]: (node: ts.ExpressionStatement, scope: Scope) => void evaluate(node.expression, scope),
  [ts.SyntaxKind.ReturnStatement]: (node: ts.ReturnStatement, scope: Scope) => ({
    kind: "return",
    value: node.expression && evaluate(node.expression, scope),
  }),
  [ts.SyntaxKind.IfStatement]: (node: ts.IfStatement, scope: Scope) => {
    const taken = decide(node.expression, scope) ? node.thenStatement : node.elseStatement;
    return taken && execute(taken, scope);
  },
  [ts.SyntaxKind.ForStatement]: forLoop,
  [ts.SyntaxKind.ForOfStatement]: forOf,
  [ts.SyntaxKind.BreakStatement]: (node: ts.BreakStatement) =>
    node.label ? refuse(node, messages.labelled("a label")) : { kind: "break" },
  [ts.SyntaxKind.ContinueStatement]: (node: ts.ContinueStatement) =>
    node.label ? refuse(node, messages.labelled("a label")) : { kind: "continue" },
  [ts.SyntaxKind.Block]: (node: ts.Block, scope: Scope) => runAll(node.statements, blockOf(scope)),
  [ts.SyntaxKind.EmptyStatement]: nothing,
  [ts.SyntaxKind.FunctionDeclaration]: nothing,
  [ts.SyntaxKind.TypeAliasDeclaration]: nothing,
  [ts.SyntaxKind.InterfaceDeclaration]: nothing,
};

/** Functions are there from the start of their block; constants have their names reserved, so that none reaches out to a namesake. */
function announce(statements: readonly ts.Statement[], scope: Scope): void {
  for (const statement of statements) {
    if (ts.isFunctionDeclaration(statement) && statement.name && statement.body)
      define(scope, statement.name.text, closureOf(statement, scope));
    else if (ts.isVariableStatement(statement))
      for (const { name } of statement.declarationList.declarations)
        for (const { text } of namesIn(name)) scope.bindings.set(text, { value: undefined, state: "waiting" });
  }
}

export function namesIn(name: ts.BindingName): ts.Identifier[] {
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) => (ts.isOmittedExpression(element) ? [] : namesIn(element.name)));
}

function declareAll(list: ts.VariableDeclarationList, scope: Scope): undefined {
  for (const declaration of list.declarations) declare(declaration, scope);
}

export function declare(declaration: ts.VariableDeclaration, scope: Scope): void {
  const { parent, name, initializer } = declaration;
  if (!(parent.flags & (ts.NodeFlags.Let | ts.NodeFlags.Const))) refuse(parent, messages.varDeclaration());
  if ((parent.flags & ts.NodeFlags.Using) === ts.NodeFlags.Using) refuse(parent, messages.otherSyntax("`using`"));
  bind(name, initializer && evaluate(initializer, scope), scope);
}

/** Each turn has loop variables of its own, as closures in it expect. */
function forLoop(node: ts.ForStatement, outer: Scope): Completion {
  let scope = blockOf(outer);
  const { initializer, condition, incrementor, statement } = node;
  if (initializer && ts.isVariableDeclarationList(initializer)) declareAll(initializer, scope);
  else if (initializer) evaluate(initializer, scope);
  return looping(node, scope, (turn) => {
    while (!condition || decide(condition, scope)) {
      const end = turn(statement, scope);
      if (end) return end;
      const next: Scope = { ...scope, bindings: new Map([...scope.bindings].map(([name, binding]) => [name, { ...binding }])) };
      scope = next;
      if (incrementor) evaluate(incrementor, scope);
    }
    return undefined;
  });
}

function forOf(node: ts.ForOfStatement, outer: Scope): Completion {
  if (node.awaitModifier) refuse(node.awaitModifier, messages.asynchronous("`for await`"));
  const { initializer, expression, statement } = node;
  if (!ts.isVariableDeclarationList(initializer)) return refuse(initializer, messages.otherSyntax("a loop over a variable from outside"));
  const [declaration] = initializer.declarations;
  const list = iterable(evaluate(expression, outer), expression, outer);
  return looping(node, outer, (turn) => {
    for (const item of list) {
      const scope = blockOf(outer);
      bind((declaration as ts.VariableDeclaration).name, item, scope);
      const end = turn(statement, scope);
      if (end) return end;
    }
    return undefined;
  });
}

type Turn = (body: ts.Statement, scope: Scope) => Completion;

/** Counts turns while a loop runs. A `break` ends it; a `return` ends what is around it, too. */
function looping(node: ts.Statement, { reading }: Scope, run: (turn: Turn) => Completion): Completion {
  const loop = { node, count: 0 };
  reading.loops.push(loop);
  try {
    const end = run((body, scope) => {
      loop.count++;
      const completion = execute(body, scope);
      return completion?.kind === "continue" ? undefined : completion;
    });
    return end?.kind === "break" ? undefined : end;
  } finally {
    reading.loops.pop();
  }
}
