/** Modules of the user's: what they define is made when it is first used, so that reading runs nothing that is not asked for. */
import { ts } from "ts-morph";
import { closureOf } from "./call.ts";
import { type Message, messages } from "./diagnostic.ts";
import { evaluate } from "./evaluate.ts";
import { declare, namesIn } from "./execute.ts";
import { declarations, outside } from "./fence.ts";
import { refuse } from "./place.ts";
import { isCotangent, type Linking, moduleName, targetOf } from "./project.ts";
import { activationOf, type Binding, blockOf, find, type Reading, type Scope, settle } from "./scope.ts";

export function moduleScope(file: ts.SourceFile, reading: Reading): Scope {
  const known = reading.modules.get(file);
  if (known) return known;
  const scope = activationOf(reading, undefined, "module");
  reading.modules.set(file, scope);
  for (const statement of file.statements) {
    if (!declarations.has(statement.kind)) refuse(statement, atTopOf(statement));
    if (ts.isImportDeclaration(statement)) importNames(statement, scope);
    else if (ts.isVariableStatement(statement)) defineLater(statement, scope);
    else if (ts.isFunctionDeclaration(statement) && statement.body)
      later(scope, statement.name?.text ?? "default", () => closureOf(statement, scope));
  }
  return scope;
}

function atTopOf(statement: ts.Statement): Message {
  if (ts.isDeclarationStatement(statement)) return outside(statement);
  return messages.topLevel(ts.isExpressionStatement(statement) ? "an expression" : "a statement");
}

/** A name whose value is made on first use, at the module's own level, whoever asks. */
function later(scope: Scope, name: string, value: () => unknown): void {
  const binding: Binding = { value: undefined, state: "waiting", make: () => ready(binding, atTop(scope, value)) };
  scope.bindings.set(name, binding);
}
const ready = (binding: Binding, value: unknown): void => void Object.assign(binding, { value, state: "ready" });

/** A module's own code knows nothing of the call that happens to need it first. */
function atTop<T>(scope: Scope, f: () => T): T {
  const { reading } = scope;
  const outer = { activation: reading.activation, frame: reading.frame };
  Object.assign(reading, { activation: scope.activation, frame: undefined });
  try {
    return f();
  } finally {
    Object.assign(reading, outer);
  }
}

/** One declaration may define several names: all are made together. */
function defineLater(statement: ts.VariableStatement, scope: Scope): void {
  for (const declaration of statement.declarationList.declarations) {
    const names = namesIn(declaration.name).map(({ text }) => text);
    const make = (): void => {
      const inner = blockOf(scope);
      atTop(scope, () => declare(declaration, inner));
      for (const name of names) ready(scope.bindings.get(name) as Binding, inner.bindings.get(name)?.value);
    };
    for (const name of names) scope.bindings.set(name, { value: undefined, state: "waiting", make });
  }
}

function importNames(link: ts.ImportDeclaration, scope: Scope): void {
  const clause = link.importClause;
  if (!clause || clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return;
  const { reading } = scope;
  const take = (name: ts.Identifier, imported: string): void => later(scope, name.text, () => linkedValue(link, imported, name, reading));
  if (clause.name) take(clause.name, "default");
  const bindings = clause.namedBindings;
  if (!bindings) return;
  if (ts.isNamespaceImport(bindings)) later(scope, bindings.name.text, () => namespaceOf(link, bindings.name, reading));
  else for (const { name, propertyName, isTypeOnly } of bindings.elements) if (!isTypeOnly) take(name, (propertyName ?? name).text);
}

/** What a module that is named in an import or an export gives under a name. */
function linkedValue(link: Linking, name: string, node: ts.Node, reading: Reading): unknown {
  if (isCotangent(link)) return fromLanguage(name, node, reading);
  const target = targetOf(link, reading.checker);
  if (!target || !reading.userFiles.has(target)) return refuse(node, messages.foreignImport(name, `"${moduleName(link)}"`));
  return exported(target, name, node, reading);
}

const fromLanguage = (name: string, node: ts.Node, { language }: Reading): unknown =>
  Object.hasOwn(language, name) ? language[name] : refuse(node, messages.foreignImport(name, `"cotangent"`));

/** `import * as layers`: an object whose fields are made on first use. */
function namespaceOf(link: Linking, node: ts.Node, reading: Reading): object {
  if (isCotangent(link)) return reading.language;
  const target = targetOf(link, reading.checker);
  if (!target || !reading.userFiles.has(target)) return refuse(node, messages.foreignImport(node.getText(), `"${moduleName(link)}"`));
  const namespace = {};
  for (const { name } of exportsOf(target, reading))
    Object.defineProperty(namespace, name, { enumerable: true, get: () => exported(target, name, node, reading) });
  return namespace;
}

export function exportsOf(file: ts.SourceFile, { checker }: Reading): ts.Symbol[] {
  const symbol = checker.getSymbolAtLocation(file);
  return symbol ? checker.getExportsOfModule(symbol) : [];
}

/** The value that a module exports under a name, however it comes by it. */
export function exported(file: ts.SourceFile, name: string, node: ts.Node, reading: Reading): unknown {
  const symbol = exportsOf(file, reading).find((one) => one.name === name);
  const declaration = symbol?.valueDeclaration ?? symbol?.declarations?.[0];
  if (!declaration) return refuse(node, messages.beforeDefinition(name));
  const home = declaration.getSourceFile();
  if (!reading.userFiles.has(home)) return fromLanguage(name, node, reading);
  const scope = moduleScope(home, reading);
  if (ts.isExportSpecifier(declaration)) {
    const link = declaration.parent.parent;
    const from = declaration.propertyName ?? declaration.name;
    return link.moduleSpecifier ? linkedValue(link, from.text, node, reading) : local(scope, from.text, node);
  }
  if (ts.isNamespaceExport(declaration)) return namespaceOf(declaration.parent, declaration.name, reading);
  if (ts.isExportAssignment(declaration)) return atTop(scope, () => evaluate(declaration.expression, scope));
  const own = ts.isFunctionDeclaration(declaration) ? declaration.name?.text : undefined;
  return local(scope, own ?? name, node);
}

function local(scope: Scope, name: string, node: ts.Node): unknown {
  const found = find(scope, name);
  return found ? settle(found.binding, name, node) : refuse(node, messages.beforeDefinition(name));
}
