/** The user's program in memory: their tsconfig's options, one file and what it imports, checked by TypeScript. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Project, ts } from "ts-morph";
import { type Diagnostic, messages } from "./diagnostic.ts";
import { diagnosticAt, shownPath } from "./place.ts";

export interface Loaded {
  readonly entry: ts.SourceFile;
  readonly checker: ts.TypeChecker;
  /** The entry and the modules of the user's that it reaches: what may be interpreted. */
  readonly userFiles: ReadonlySet<ts.SourceFile>;
  /** Whether files here may import each other with the extension .ts. */
  readonly importsTypeScript: boolean;
}
export type Load = { readonly ok: true; readonly loaded: Loaded } | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** Where there is no tsconfig.json. */
const defaults = {
  strict: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleDetection: ts.ModuleDetectionKind.Force,
  allowImportingTsExtensions: true,
  types: [],
} satisfies ts.CompilerOptions;
const always = { noEmit: true, composite: false, incremental: false, skipLibCheck: true } satisfies ts.CompilerOptions;

/** By the tsconfig they follow: a project keeps the library and `cotangent` parsed. */
const projects = new Map<string, Project>();

/** `text` stands in for what the file holds. */
export function load(file: string, text: string | undefined): Load {
  const path = resolve(file);
  if (text === undefined && !existsSync(path)) return cannotRead(path, "there is no such file");
  const config = nearestConfig(dirname(path));
  let project: Project;
  try {
    project = projectOf(config);
  } catch (error) {
    return cannotRead(config ?? path, (error as Error).message);
  }
  forgetChanges(project);
  const source = text === undefined ? project.addSourceFileAtPath(path) : project.createSourceFile(path, text, { overwrite: true });
  const program = project.getProgram().compilerObject;
  const entry = program.getSourceFile(source.getFilePath());
  if (!entry) return cannotRead(path, "TypeScript does not find it");
  const checker = program.getTypeChecker();
  const { allowImportingTsExtensions, rewriteRelativeImportExtensions } = program.getCompilerOptions();
  const importsTypeScript = Boolean(allowImportingTsExtensions || rewriteRelativeImportExtensions);
  const userFiles = reachable(entry, program, checker);
  const diagnostics = [...userFiles].flatMap((reached) =>
    [...program.getSyntacticDiagnostics(reached), ...program.getSemanticDiagnostics(reached)].map((found) =>
      fromTypeScript(found, reached),
    ),
  );
  project.removeSourceFile(source);
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, loaded: { entry, checker, userFiles, importsTypeScript } };
}

function projectOf(config: string | undefined): Project {
  const key = config ?? "";
  let project = projects.get(key);
  if (!project) {
    project = config
      ? new Project({ tsConfigFilePath: config, skipAddingFilesFromTsConfig: true, compilerOptions: always })
      : new Project({ compilerOptions: { ...defaults, ...always } });
    projects.set(key, project);
  }
  return project;
}

function nearestConfig(folder: string): string | undefined {
  const config = join(folder, "tsconfig.json");
  if (existsSync(config)) return config;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestConfig(parent);
}

/** What an earlier read took in, as the disk has it now. */
function forgetChanges(project: Project): void {
  for (const file of project.getSourceFiles()) {
    if (file.isInNodeModules() || file.isDeclarationFile()) continue;
    file.refreshFromFileSystemSync();
  }
}

/** The file and what it imports, as far as it is the user's own source. */
function reachable(entry: ts.SourceFile, program: ts.Program, checker: ts.TypeChecker): Set<ts.SourceFile> {
  const found = new Set([entry]);
  for (const file of found) {
    for (const statement of file.statements) {
      if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue;
      if (isCotangent(statement)) continue;
      const target = targetOf(statement, checker);
      if (target && !target.isDeclarationFile && !program.isSourceFileFromExternalLibrary(target)) found.add(target);
    }
  }
  return found;
}

export type Linking = ts.ImportDeclaration | ts.ExportDeclaration;

export const moduleName = ({ moduleSpecifier }: Linking): string =>
  moduleSpecifier && ts.isStringLiteral(moduleSpecifier) ? moduleSpecifier.text : "";
export const isCotangent = (link: Linking): boolean => moduleName(link) === "cotangent";

export function targetOf({ moduleSpecifier }: Linking, checker: ts.TypeChecker): ts.SourceFile | undefined {
  const declared = moduleSpecifier && checker.getSymbolAtLocation(moduleSpecifier)?.valueDeclaration;
  return declared && ts.isSourceFile(declared) ? declared : undefined;
}

function cannotRead(path: string, why: string): Load {
  const shown = shownPath(path);
  const diagnostic = { ...messages.cannotRead(shown, why), file: shown, line: 0, column: 0, excerpt: [] };
  return { ok: false, diagnostics: [diagnostic] };
}

function fromTypeScript(found: ts.Diagnostic, reached: ts.SourceFile): Diagnostic {
  const start = found.start ?? 0;
  return diagnosticAt(found.file ?? reached, start, start + (found.length ?? 0), {
    code: `TS${found.code}`,
    reason: ts.flattenDiagnosticMessageText(found.messageText, "\n"),
    wayOut: insteadOfOperator(found, reached),
  });
}

/** An operator between tensors is an error of TypeScript's: what to call is ours to say. */
function insteadOfOperator(_found: ts.Diagnostic, _reached: ts.SourceFile): string {
  return "";
}
