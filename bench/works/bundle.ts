import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { Absent, orAbsent } from "../absent.ts";
import { bundle } from "../bundle/bundle.ts";
import type { Train } from "../library.ts";
import { type Result, rowOf } from "../row.ts";
import type { TargetName } from "../targets/index.ts";
import { errorAfter, smallMlp } from "./mlp.ts";

const MOST_BYTES: Readonly<Record<TargetName, number>> = { loops: 4096, wasm: 6144 };

/** What a page downloads to train the MLP: a program bundled for the browser, minified, gzipped, and the module that it loads. The very bytes that are counted are then run and checked. */
export async function bundleResult(target: TargetName): Promise<Result> {
  const id = `${target}/bundle-mlp-gzip/bytes`;
  const bundled = await orAbsent(bundle(import.meta.resolve("../bundle/train.ts"), target, "browser"));
  if (bundled instanceof Absent) return { id, note: `skipped: ${bundled.message}` };
  const { file, code, module } = bundled;
  const [loader, loaded] = [gzippedSize(code), module ? gzippedSize(module) : 0];

  const { train } = (await import(pathToFileURL(file).href)) as { train: Train };
  const task = smallMlp(32);
  const error = errorAfter(3, task, await train(task, 3));

  const row = rowOf({
    id,
    ours: loader + loaded,
    theirs: MOST_BYTES[target],
    unit: "bytes",
    better: "less",
    atLeast: 1,
    checked: { error, tolerance: 1e-3 },
  });
  return { id, row, note: module ? `${loader} + ${loaded} of WebAssembly` : `${code.length} bytes minified` };
}

const gzippedSize = (bytes: Uint8Array): number => gzipSync(bytes, { level: 9 }).length;
