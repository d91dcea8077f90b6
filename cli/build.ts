/** `cotangent build`: reads a model, writes its adjoint and its compiled module beside it. Nothing is written unless all of it can be. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { emitModule } from "../backends/loops/emit.ts";
import type { Graph } from "../codegen/graph.ts";
import { type CompileOptions, compile } from "../codegen/pipeline.ts";
import type { Program } from "../codegen/program.ts";
import { type Diagnostic, messages, printDiagnostic } from "../codegen/source/diagnostic.ts";
import { shownPath } from "../codegen/source/place.ts";
import { readModule, type SourceModule } from "../codegen/source/read.ts";
import { writeAdjoint } from "../codegen/source/write.ts";
import { aboutOf, header as headerOf } from "../codegen/source/write-header.ts";
import { version } from "./version.ts";

/** What `--target` takes, and how each spells programs. */
const targets = {
  loops: emitModule,
} as const;
export type Target = keyof typeof targets;
export const targetNames = Object.keys(targets) as readonly Target[];

export interface BuildOptions {
  readonly target?: Target;
  /** Compare with what is there, write nothing. */
  readonly check?: boolean;
}

/** A file that a build makes. */
export interface Written {
  readonly path: string;
  readonly text: string;
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
function generate(file: string, { target = "loops" }: BuildOptions = {}): Written[] {
  const module = read(file);
  try {
    return spellOut(module, file, target);
  } catch (error) {
    if (!(error instanceof Error) || error.constructor !== Error || error.message.startsWith("internal:")) throw error;
    throw fault(file, error.message);
  }
}

function spellOut(module: SourceModule, file: string, target: Target): Written[] {
  const stem = file.replace(/\.[cm]?tsx?$/, "");
  const programs = module.functions.map((graph) => compile(graph));
  const about = { source: basename(file), hash: module.hash, version };
  const place = (origin: { readonly file: string; readonly line: number }): string => `${origin.file}:${origin.line}`;
  const compiled = targets[target](programs, { header: headerOf(about), source: importPath(module, file), place });
  const adjoint = module.derivatives.length > 0 ? [{ path: `${stem}.adjoint.ts`, text: writeAdjoint(module.derivatives, about) }] : [];
  return [...adjoint, { path: `${stem}.${target}.ts`, text: compiled }];
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
  const files = generate(file, options);
  const left = leftOver(file, files);
  if (options.check)
    return [
      ...files.filter(({ path, text }) => !existsSync(path) || normal(readFileSync(path, "utf8")) !== text).map((f) => f.path),
      ...left,
    ];
  writeAll(files, left, file);
  return files.map((f) => f.path);
}
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
  const aside = files.map(({ path, text }) => ({ path, text, temporary: join(dirname(path), `.${basename(path)}.${process.pid}.tmp`) }));
  const before = new Map<string, Buffer | undefined>();
  try {
    for (const { temporary, text } of aside) writeFileSync(temporary, text);
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
