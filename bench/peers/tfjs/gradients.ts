import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * Gives tfjs its gradients: tfjs-core's Node entry has none, and the module that registers them is written for bundlers (imports of
 * folders), so it is bundled first. The copies of tfjs share one engine and one registry through the global object. The umbrella
 * package `@tensorflow/tfjs` would do it too, at 240 MB.
 */
export async function registerGradients(): Promise<void> {
  const out = join(import.meta.dirname, "../../out");
  mkdirSync(out, { recursive: true });
  const outfile = join(out, "tfjs-gradients.cjs");
  const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-core/dist/register_all_gradients.js");
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    mainFields: ["module", "main"],
    logLevel: "error",
  });
  await import(pathToFileURL(outfile).href);
}
