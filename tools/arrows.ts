// `npm run arrows`: imports point one way, `dsl ← codegen ← backends ← proofs ← cli ← examples ← bench`, and packages stay in their homes.
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { posix, resolve } from "node:path";
import ts from "typescript6";

type Folder = keyof typeof below;
type Import = { readonly from: string; readonly line: number; readonly specifier: string; readonly typeOnly: boolean };

/** Whom a folder may import besides itself. Examples and what users write see the package by its name, `cotangent`. */
const below = {
  dsl: [],
  codegen: ["dsl"],
  backends: ["dsl", "codegen"],
  proofs: ["dsl", "codegen", "backends"],
  cli: ["dsl", "codegen", "backends", "proofs"],
  examples: ["cli"],
  bench: ["dsl", "codegen", "backends", "proofs", "cli", "examples"],
} as const satisfies Record<string, readonly string[]>;

/** Heavy packages load in one place only, tests included: 24 MB and 104 MB that nobody should pay for by accident. */
const homes: Readonly<Record<string, readonly string[]>> = {
  "ts-morph": ["codegen/source/", "bench/"],
  binaryen: ["backends/wasm/"],
};

/** What else the published folders may load; Node's own modules wherever there is an entry at all. `dsl` has none: it is browser-safe. */
const packages: Readonly<Record<string, readonly string[]>> = {
  codegen: ["ts-morph"],
  backends: ["binaryen", "webgpu"],
  proofs: ["fast-check"],
  cli: ["commander"],
};

const isFolder = (name: string): name is Folder => Object.hasOwn(below, name);
const folderOf = (path: string): string => path.slice(0, path.indexOf("/"));
const isTest = (path: string): boolean => /\.test(-\w+)?\.ts$/.test(path);
const isRuntime = (path: string): boolean => /^backends\/\w+\/runtime\.ts$/.test(path);
const isRelative = (specifier: string): boolean => /^\.\.?(\/|$)/.test(specifier);
const packageOf = (specifier: string): string =>
  isBuiltin(specifier) ? "node:" : specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");

/** `import`, `export … from`, `import()` and `import("…").T` of one file. Only a whole `import type` vanishes at run time (verbatimModuleSyntax). */
const importsOf = (path: string, text: string): readonly Import[] => {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest);
  const found: Import[] = [];
  const add = (node: ts.Node | undefined, typeOnly: boolean): void => {
    if (node === undefined || !ts.isStringLiteralLike(node)) return;
    found.push({ from: path, line: file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1, specifier: node.text, typeOnly });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
    else if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, node.isTypeOnly);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0], false);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
};

const targetOf = ({ from, specifier }: Import): string => posix.join(posix.dirname(from), specifier);

/** The complaint about one import on its own, if there is one. Tests may reach anywhere: they prove a layer with what stands on it. */
const complaint = (found: Import): string | undefined => {
  const { from, specifier } = found;
  const folder = folderOf(from);
  if (!isFolder(folder)) return undefined;

  if (isRelative(specifier)) {
    const target = folderOf(targetOf(found));
    const allowed: readonly string[] = [folder, ...below[folder]];
    return isTest(from) || allowed.includes(target)
      ? undefined
      : `${folder} may not import ${target}: it imports ${below[folder].join(", ") || "nothing"}`;
  }

  const name = packageOf(specifier);
  const home = homes[name];
  if (home !== undefined && !home.some((prefix) => from.startsWith(prefix))) return `${name} may be imported in ${home.join(", ")} only`;
  if (isTest(from) || folder === "examples" || folder === "bench") return undefined;
  if (name === "cotangent") return `${folder} is part of the package: import its files`;
  const allowed = packages[folder];
  if (allowed === undefined) return `${folder} has no dependencies: ${specifier}`;
  return name === "node:" || allowed.includes(name) ? undefined : `${folder} may not depend on ${name}`;
};

/** Everything that a shipped runtime loads lies in `backends`, and is no package: from `dsl` it takes types only. */
const runtimeComplaints = (imports: ReadonlyMap<string, readonly Import[]>): readonly string[] => {
  const complaints: string[] = [];
  const follow = (path: string, seen: Set<string>): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const found of imports.get(path) ?? []) {
      if (found.typeOnly) continue;
      if (isRelative(found.specifier) && folderOf(targetOf(found)) === "backends") follow(targetOf(found), seen);
      else complaints.push(`${path}:${found.line}  a backend's runtime ships alone: only \`import type\` of ${found.specifier}`);
    }
  };
  const seen = new Set<string>();
  for (const path of imports.keys()) if (isRuntime(path)) follow(path, seen);
  return complaints;
};

/** Files by path from the repository's root, `/`-separated → complaints, `path:line  what`. */
export const check = (files: ReadonlyMap<string, string>): readonly string[] => {
  const imports = new Map([...files].map(([path, text]) => [path, importsOf(path, text)]));
  const one = [...imports.values()].flat().flatMap((found) => {
    const what = complaint(found);
    return what === undefined ? [] : [`${found.from}:${found.line}  ${what}`];
  });
  return [...one, ...runtimeComplaints(imports)];
};

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..");
  const paths = globSync(`{${Object.keys(below).join(",")}}/**/*.ts`, { cwd: root, exclude: ["**/node_modules", "**/out"] });
  const complaints = check(new Map(paths.map((path) => [path.replaceAll("\\", "/"), readFileSync(resolve(root, path), "utf8")])));
  for (const line of complaints) console.error(line);
  if (complaints.length > 0) process.exitCode = 1;
}
