/** The user's program in memory: their tsconfig's options, one file and what it imports, checked by TypeScript. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { Project, ts } from "ts-morph";
import { type Diagnostic, messages } from "./diagnostic.ts";
import { operatorCalls } from "./fence.ts";
import { diagnosticAt, shownPath, textOf } from "./place.ts";

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
/** What is unused is a matter of taste while a model is being written; it is no reason not to build. */
const always = {
  noEmit: true,
  composite: false,
  incremental: false,
  skipLibCheck: true,
  noUnusedLocals: false,
  noUnusedParameters: false,
} satisfies ts.CompilerOptions;

/** By the tsconfig they follow. A project keeps what is not the user's parsed: TypeScript's library, and `cotangent`. */
const projects = new Map<string, Project>();

/** `text` stands in for what the file holds. */
export function load(file: string, text: string | undefined): Load {
  const path = resolve(file);
  if (text === undefined && !existsSync(path)) return cannotRead(path, "there is no such file");
  if (text === undefined && !statSync(path).isFile()) return cannotRead(path, "it is not a file");
  const config = nearestConfig(dirname(path));
  let project: Project;
  try {
    project = projectOf(config);
  } catch (error) {
    return cannotRead(config ?? path, (error as Error).message);
  }
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
      fromTypeScript(found, reached, checker),
    ),
  );
  for (const { fileName } of userFiles) project.getSourceFile(fileName)?.forget();
  return diagnostics.length > 0 ? { ok: false, diagnostics } : { ok: true, loaded: { entry, checker, userFiles, importsTypeScript } };
}

function projectOf(config: string | undefined): Project {
  const key = config ? `${config}\n${readFileSync(config, "utf8")}` : "";
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

function fromTypeScript(found: ts.Diagnostic, reached: ts.SourceFile, checker: ts.TypeChecker): Diagnostic {
  const start = found.start ?? 0;
  return diagnosticAt(found.file ?? reached, start, start + (found.length ?? 0), {
    code: `TS${found.code}`,
    // Without the paths that it writes where a name is not in scope: they are this machine's.
    reason: ts.flattenDiagnosticMessageText(found.messageText, "\n").replaceAll(/import\("[^"]*"\)\./g, ""),
    wayOut: insteadOfOperator(found, found.file ?? reached, checker),
  });
}

/** An operator between tensors is an error of TypeScript's; what to call is ours to say. */
function insteadOfOperator({ code, start = 0 }: ts.Diagnostic, file: ts.SourceFile, checker: ts.TypeChecker): string {
  if (![2362, 2363, 2365, 2367].includes(code)) return "";
  const find = (node: ts.Node): ts.BinaryExpression | undefined => {
    const deeper = ts.forEachChild(node, (child) => (child.pos <= start && start < child.end ? find(child) : undefined));
    if (deeper || !ts.isBinaryExpression(node)) return deeper;
    return [node.left, node.right].some((side) => side.getStart(file) === start) ? node : undefined;
  };
  const node = find(file);
  const name = node && operatorCalls[node.operatorToken.kind];
  const isTensor = (side: ts.Expression): boolean => checker.getTypeAtLocation(side).symbol?.name === "Tensor";
  return name && (isTensor(node.left) || isTensor(node.right)) ? `Write \`${name}(${textOf(node.left)}, ${textOf(node.right)})\`.` : "";
}
