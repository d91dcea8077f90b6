/** Programs for tsc, written beside nothing: in a folder of their own, with this repository's options. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { root, tsc, type Version } from "../../tools/tsc.ts";

export interface Found {
  /** From 0. */
  readonly column: number;
  /** The message, with its details indented on lines of their own. */
  readonly text: string;
}
export interface Report {
  /** By line of the program, counted from 0 after the prelude (−1: in the prelude). */
  readonly errors: ReadonlyMap<number, readonly Found[]>;
  /** How many types the compiler had to instantiate. */
  readonly instantiations: number;
}

/** Checks `prelude` followed by one statement a line. */
export async function check(version: Version, prelude: string, lines: readonly string[]): Promise<Report> {
  const folder = await mkdtemp(join(tmpdir(), "cotangent-types-"));
  try {
    await writeFile(join(folder, "package.json"), '{ "type": "module" }');
    await writeFile(join(folder, "program.ts"), `${prelude.trimEnd()}\n${lines.join("\n")}\nexport {};\n`);
    const compilerOptions = { types: [], noUnusedLocals: false };
    await writeFile(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: resolve(root, "tsconfig.json"), compilerOptions, include: [], files: ["program.ts"] }),
    );
    const { output } = await tsc(version, ["-p", ".", "--extendedDiagnostics"], folder);
    return {
      errors: errorsByLine(output, prelude.trimEnd().split("\n").length),
      instantiations: Number(/Instantiations:\s+(\d+)/.exec(output)?.[1]),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function errorsByLine(output: string, preludeLines: number): Map<number, Found[]> {
  const errors = new Map<number, Found[]>();
  for (const [, row, column, text = ""] of output.matchAll(/^program\.ts\((\d+),(\d+)\): error TS\d+: (.*(?:\n .*)*)/gm)) {
    const line = Math.max(-1, Number(row) - 1 - preludeLines);
    errors.set(line, [...(errors.get(line) ?? []), { column: Number(column) - 1, text }]);
  }
  return errors;
}
