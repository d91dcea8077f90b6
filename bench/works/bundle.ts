import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Train } from "../library.ts";
import { type Result, rowOf } from "../row.ts";
import type { TargetName } from "../targets/index.ts";
import { errorAfter, mlpTask } from "./mlp.ts";

const MOST_BYTES = 4096;

/** The page's program, for each target. */
const programs: Readonly<Record<TargetName, string>> = {
  loops: import.meta.resolve("../bundle/train.loops.ts"),
};

/** What a page downloads to train the MLP: that program bundled for the browser, minified, gzipped. The very bytes that are counted are then run and checked. */
export async function bundleResult(target: TargetName): Promise<Result> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(programs[target])],
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  const code = outputFiles[0]!.contents;
  const bytes = gzipSync(code, { level: 9 }).length;

  const out = join(import.meta.dirname, "..", "out");
  mkdirSync(out, { recursive: true });
  const file = join(out, `train.${target}.mjs`);
  writeFileSync(file, code);
  const { train } = (await import(pathToFileURL(file).href)) as { train: Train };
  const task = mlpTask(32);
  const error = errorAfter(3, task, await train(task, 3));

  const row = rowOf({
    id: `${target}/bundle-mlp-gzip/bytes`,
    ours: bytes,
    theirs: MOST_BYTES,
    unit: "bytes",
    better: "less",
    atLeast: 1,
    checked: { error, tolerance: 1e-3 },
  });
  return { id: row.id, row, note: `${code.length} bytes minified` };
}
