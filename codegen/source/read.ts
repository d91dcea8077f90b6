/** The reader: one module of the user's source → a graph for each model that it exports, and for each derivative that it asks for. */
import { createHash } from "node:crypto";
import { ts } from "ts-morph";
import { leavesOf } from "../../dsl/tree.ts";
import { isValue } from "../../dsl/value.ts";
import { type Graph, makeParam } from "../graph.ts";
import { invoke } from "./call.ts";
import { type DerivativeFunction, type Derivatives, derivatives } from "./derivatives.ts";
import { type Diagnostic, messages } from "./diagnostic.ts";
import { describe } from "./evaluate.ts";
import { globalsFor } from "./globals.ts";
import { language } from "./language.ts";
import { exported, exportsOf, moduleScope } from "./modules.ts";
import { settled } from "./open.ts";
import { diagnosticAt, Refusal, refuse } from "./place.ts";
import { type Loaded, load } from "./project.ts";
import type { Fn, Reading } from "./scope.ts";
import { declaredParameters, typedParameters } from "./shapes.ts";

export interface SourceModule {
  readonly file: string;
  /** SHA-256 of the module's text and of all that it imports, for `--check`. */
  readonly hash: string;
  /** Whether what is written beside it may import it with the extension .ts. */
  readonly importsTypeScript: boolean;
  /** One for each exported model, in order. */
  readonly functions: readonly Graph[];
  /** What the module differentiates; a function that another's derivative needs comes first. */
  readonly derivatives: readonly DerivativeFunction[];
}
export type Read =
  | { readonly ok: true; readonly module: SourceModule }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

export interface ReadOptions {
  /** Steps that reading may take: expressions and statements. A million. */
  readonly budget?: number;
  /** The source, in place of what the file holds. */
  readonly text?: string;
}

/** Reads a module without running it. What is wrong with it comes back as diagnostics; what is thrown is a fault of the compiler's. */
export function readModule(file: string, options: ReadOptions = {}): Read {
  const loading = load(file, options.text);
  if (!loading.ok) return loading;
  const { loaded } = loading;
  const { reading, written, asked } = startReading(loaded, options.budget ?? 1_000_000);
  const diagnostics: Diagnostic[] = [];
  const attempt = <T>(f: () => T): T[] => {
    try {
      return [f()];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (!diagnostics.some((known) => known.line === error.diagnostic.line && known.code === error.diagnostic.code))
        diagnostics.push(error.diagnostic);
      return [];
    }
  };
  const { entry } = loaded;
  const functions = attempt(() => moduleScope(entry, reading)).flatMap(() =>
    exportedModels(entry, reading).flatMap((symbol) => attempt(() => readModel(symbol, reading, written, asked))),
  );
  if (functions.length === 0 && diagnostics.length === 0) diagnostics.push(diagnosticAt(entry, 0, 0, messages.noModel()));
  if (diagnostics.length > 0) return { ok: false, diagnostics };
  return {
    ok: true,
    module: { file: entry.fileName, hash: hashOf(loaded), importsTypeScript: loaded.importsTypeScript, functions, derivatives: asked.list },
  };
}

function startReading(loaded: Loaded, budget: number) {
  const lang = language(
    () => reading,
    () => asked,
  );
  const asked = derivatives((f) => {
    const call = lang.written(f) as Fn;
    const closure = typeof call === "function" ? reading.closures.get(call) : undefined;
    return closure && { call, closure };
  });
  const reading: Reading = {
    ...loaded,
    steps: budget,
    budget,
    depth: 0,
    site: loaded.entry,
    activation: undefined,
    ages: 0,
    loops: [],
    frame: undefined,
    open: undefined,
    closures: new WeakMap(),
    written: lang.written,
    owners: new WeakMap(),
    modules: new Map(),
    language: lang.names,
    globals: {},
  };
  return { reading: Object.assign(reading, { globals: globalsFor(reading) }), written: lang.written, asked };
}

/** By their types: what else a module exports is not read. */
function exportedModels(entry: ts.SourceFile, reading: Reading): ts.Symbol[] {
  const { checker } = reading;
  return exportsOf(entry, reading).filter((symbol) => {
    const target = aliased(symbol, reading);
    return (target.flags & (ts.SymbolFlags.Variable | ts.SymbolFlags.Property)) !== 0 && modelType(target, checker) !== undefined;
  });
}

const aliased = (symbol: ts.Symbol, { checker }: Reading): ts.Symbol =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;

/** `Model<P, R>` */
function modelType(symbol: ts.Symbol, checker: ts.TypeChecker): ts.TypeReference | undefined {
  const type = checker.getTypeOfSymbol(symbol);
  return type.symbol?.name === "Model" ? (type as ts.TypeReference) : undefined;
}

function readModel(symbol: ts.Symbol, reading: Reading, written: (f: unknown) => unknown, asked: Derivatives): Graph {
  const { name } = symbol;
  const target = aliased(symbol, reading);
  const declaration = symbol.declarations?.[0] ?? reading.entry;
  const node = ts.isVariableDeclaration(declaration) || ts.isExportSpecifier(declaration) ? declaration.name : declaration;
  if (name === "default") refuse(declaration, messages.noName());
  const f = written(exported(reading.entry, name, node, reading)) as Fn;
  const closure = reading.closures.get(f);
  const declared = closure
    ? declaredParameters(closure.node.parameters, reading)
    : typedParameters(modelType(target, reading.checker) as ts.TypeReference, node, reading);
  const { params, result, equalities } = settled(reading, asked.mark, (open) => {
    const made = declared.map(({ name: param, specs }) => makeParam(param, open.named(param, specs)));
    const trees = made.map(({ tree }) => tree);
    return { params: made, result: invoke(f, trees, node, reading), equalities: open.equalities() };
  });
  const odd = leavesOf(result).find(({ value }) => !isValue(value) && value !== null);
  if (odd) refuse(node, messages.result(name, odd.path === "" ? describe(odd.value) : `${describe(odd.value)} at \`${odd.path}\``));
  return { name, params, result, ...(equalities.length > 0 && { equalities }) };
}

function hashOf({ userFiles }: Loaded): string {
  const hash = createHash("sha256");
  for (const { text } of userFiles) hash.update(text.replace(/^\uFEFF/, "").replaceAll("\r\n", "\n")).update("\0");
  return hash.digest("hex");
}
