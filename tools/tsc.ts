import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, resolve } from "node:path";

/** The compilers that users check with. ts-morph reads with its own, 6.0. */
export const versions = ["7", "6"] as const;
export type Version = (typeof versions)[number];

/** `ok` when tsc left with 0; `output` is what it printed, paths relative to `cwd`. */
export type Checked = { readonly ok: boolean; readonly output: string };

export const root = resolve(import.meta.dirname, "..");

/** Both packages call their program `tsc`, so PATH cannot tell them apart: we go by the package. */
const packages = { "7": "typescript", "6": "typescript6" } as const satisfies Record<Version, string>;
const require = createRequire(import.meta.url);
const program = (version: Version): string => resolve(dirname(require.resolve(`${packages[version]}/package.json`)), "bin/tsc");

/** Runs one version of tsc: `await tsc("6", ["-p", "tsconfig.json"])`. Never rejects for a type error. */
export const tsc = (version: Version, args: readonly string[], cwd: string = root): Promise<Checked> =>
  new Promise((done) => {
    const options = { cwd, maxBuffer: 64 << 20 };
    execFile(process.execPath, [program(version), "--pretty", "false", ...args], options, (error, stdout, stderr) =>
      done({ ok: error === null, output: (stdout + stderr).replaceAll("\r\n", "\n").trim() }),
    );
  });
