/** `cotangent build`: reads a model, writes its adjoint and its compiled module beside it. Nothing is written unless all of it can be. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Graph } from "../codegen/graph.ts";
import { type CompileOptions, compile } from "../codegen/pipeline.ts";
import type { Program } from "../codegen/program.ts";
import { type Diagnostic, messages, printDiagnostic } from "../codegen/source/diagnostic.ts";
import { shownPath } from "../codegen/source/place.ts";
import { readModule, type SourceModule } from "../codegen/source/read.ts";
import { writeAdjoint } from "../codegen/source/write.ts";
import { aboutOf, header as headerOf } from "../codegen/source/write-header.ts";
import { sizeNames, specialize } from "../codegen/specialize.ts";
import { defaultTarget, type Target, targets } from "./targets.ts";
import { version } from "./version.ts";

export interface BuildOptions {
  readonly target?: Target;
  /** Run-time sizes that become numbers: `{ B: 32 }`. */
  readonly specialize?: Readonly<Record<string, number>>;
  /** One file: the modules in base64. */
  readonly inline?: boolean;
  /** Also the WebAssembly text. */
  readonly debug?: boolean;
  /** Compare with what is there, write nothing. */
  readonly check?: boolean;
}

/** A file that a build makes. */
export interface Written {
  readonly path: string;
  readonly content: string | Uint8Array;
}

/** The model cannot be built; `diagnostics` say why, for people. */
export class BuildError extends Error {
  readonly diagnostics: readonly Diagnostic[];
  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map(printDiagnostic).join("\n\n"));
    this.name = "BuildError";
    this.diagnostics = diagnostics;
  }
}

/** What a build of `file` consists of, without writing it. Throws `BuildError`. */
async function generate(file: string, options: BuildOptions): Promise<Written[]> {
  const module = read(file);
  try {
    return await spellOut(module, file, options);
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error || error.message.startsWith("internal:")) throw error;
    throw fault(file, error.message);
  }
}

async function spellOut(
  module: SourceModule,
  file: string,
  { target = defaultTarget, specialize: sizes, inline, debug }: BuildOptions,
): Promise<Written[]> {
  const stem = file.replace(/\.[cm]?tsx?$/, "");
  const { align, emitter } = targets[target];
  const emit = await emitter();
  const programs = fixed(module.functions, sizes).map((graph) => compile(graph, { align }));
  const about = { source: basename(file), hash: module.hash, version };
  const place = (origin: { readonly file: string; readonly line: number }): string => `${origin.file}:${origin.line}`;
  const { text, beside } = emit(programs, {
    header: headerOf(about, flagsOf({ target, ...(sizes ? { specialize: sizes } : {}), ...(inline ? { inline } : {}) })),
    source: importPath(module, file),
    place,
    stem: basename(stem),
    ...(inline ? { inline } : {}),
    ...(debug ? { debug } : {}),
  });
  return [
    ...(module.derivatives.length > 0 ? [{ path: `${stem}.adjoint.ts`, content: writeAdjoint(module.derivatives, about) }] : []),
    { path: `${stem}.${target}.ts`, content: text },
    ...beside.map(({ name, content }) => ({ path: join(dirname(file), name), content })),
  ];
}

/** How the command line says it. */
export const flagsOf = ({ target = defaultTarget, specialize: sizes, inline }: BuildOptions): string[] => [
  ...(target === defaultTarget ? [] : [`--target ${target}`]),
  ...(sizes ? [`--specialize ${Object.entries(sizes).map(([name, size]) => `${name}=${size}`)}`] : []),
  ...(inline ? ["--inline"] : []),
];

/** The graphs for fixed sizes; a name that none of them has is a mistake. */
function fixed(graphs: readonly Graph[], sizes: Readonly<Record<string, number>> = {}): readonly Graph[] {
  const names = new Set(graphs.flatMap(sizeNames));
  for (const name of Object.keys(sizes))
    if (!names.has(name)) throw new Error(`--specialize: no model has a size ${name}; they have ${[...names].sort().join(", ") || "none"}`);
  return Object.keys(sizes).length === 0 ? graphs : graphs.map((graph) => specialize(graph, sizes));
}

/** The graphs of a module. Throws `BuildError`. */
export function read(file: string): SourceModule {
  const result = readModule(file);
  if (!result.ok) throw new BuildError(result.diagnostics);
  return result.module;
}

/** The programs of a module, for `explain`. */
export const programsOf = (module: SourceModule, options?: CompileOptions): { readonly graph: Graph; readonly program: Program }[] =>
  module.functions.map((graph) => ({ graph, program: compile(graph, options) }));

/** Builds `file`; returns what was written or, with `check`, which files are stale. */
export async function build(file: string, options: BuildOptions = {}): Promise<readonly string[]> {
  const files = await generate(file, options);
  const left = leftOver(file, files);
  if (options.check) return [...files.filter((written) => !isWritten(written)).map((f) => f.path), ...left];
  writeAll(files, left, file);
  return files.map((f) => f.path);
}
const isWritten = ({ path, content }: Written): boolean =>
  existsSync(path) &&
  (typeof content === "string" ? normal(readFileSync(path, "utf8")) === content : Buffer.compare(readFileSync(path), content) === 0);
/** Checked-out line ends do not make a file stale. */
const normal = (text: string): string => text.replaceAll("\r\n", "\n");

/** The adjoint of a model that no longer asks for a derivative. */
function leftOver(file: string, files: readonly Written[]): string[] {
  const path = file.replace(/\.[cm]?tsx?$/, ".adjoint.ts");
  if (files.some((f) => f.path === path) || !existsSync(path)) return [];
  return aboutOf(readFileSync(path, "utf8"))?.source === basename(file) ? [path] : [];
}

/** All files or none: written aside first, then moved into place; if that fails, what was there is put back. */
function writeAll(files: readonly Written[], gone: readonly string[], file: string): void {
  const aside = files.map(({ path, content }) => ({
    path,
    content,
    temporary: join(dirname(path), `.${basename(path)}.${process.pid}.tmp`),
  }));
  const before = new Map<string, Buffer | undefined>();
  try {
    for (const { temporary, content } of aside) writeFileSync(temporary, content);
    for (const { temporary, path } of aside) {
      const old = existsSync(path) ? readFileSync(path) : undefined;
      renameSync(temporary, path);
      before.set(path, old);
    }
    for (const path of gone) rmSync(path);
  } catch (error) {
    for (const [path, old] of before) old === undefined ? rmSync(path) : writeFileSync(path, old);
    throw fault(file, `cannot write: ${(error as Error).message}`);
  } finally {
    for (const { temporary } of aside) rmSync(temporary, { force: true });
  }
}

/** A build error about a file as a whole. */
const fault = (file: string, reason: string): BuildError =>
  new BuildError([{ ...messages.notCompiled(reason), file: shownPath(file), line: 0, column: 0, excerpt: [] }]);

/** As the user's own files import each other: with `.ts` where the compiler settings allow it, else `.js`. */
const importPath = (module: SourceModule, file: string): string =>
  `./${basename(file).replace(/\.([cm]?)tsx?$/, module.importsTypeScript ? ".$1ts" : ".$1js")}`;
