import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Plugin } from "esbuild";
import { Absent } from "../absent.ts";
import type { TargetName } from "../targets/index.ts";

const models = join(import.meta.dirname, "../models");
const out = join(import.meta.dirname, "../out");

export interface Bundle {
  readonly file: string;
  readonly code: Uint8Array;
  /** What the program loads besides, of which there are variants: the one that this machine takes. */
  readonly module?: Uint8Array | undefined;
}

/** A program, by its URL, as one file, minified, over the MLP that a target built. Throws `Absent` where it is not built. */
export async function bundle(program: string, target: TargetName, platform: "browser" | "node"): Promise<Bundle> {
  const model = `mlp.${target}.ts`;
  if (!existsSync(join(models, model))) throw new Absent(`models/${model} is not built`);
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(program)],
    bundle: true,
    minify: true,
    format: "esm",
    platform,
    target: "es2022",
    plugins: [modelsOf(target)],
    legalComments: "none",
    write: false,
    logLevel: "error",
  });
  const { contents: code, text } = outputFiles[0]!;
  const file = join(out, `${basename(program, ".ts")}.${target}.mjs`);
  mkdirSync(out, { recursive: true });
  writeFileSync(file, code);
  return { file, code, module: putBeside(text).find((module) => WebAssembly.validate(module)) };
}

/** Imports of `x.loops.ts` become those of `x.<target>.ts`. */
function modelsOf(target: TargetName): Plugin {
  return {
    name: `models of ${target}`,
    setup({ onResolve }) {
      onResolve({ filter: /\.loops\.ts$/ }, ({ path, resolveDir }) => ({
        path: resolve(resolveDir, path.replace(/loops\.ts$/, `${target}.ts`)),
      }));
      // Loaded where threads are asked for, and only then.
      onResolve({ filter: /\/team\.ts$/ }, ({ path }) => ({ path, external: true }));
    },
  };
}

/** A bundler leaves `new URL("./x.wasm", import.meta.url)` alone; the file has to be where the bundle is. In the order of preference. */
function putBeside(text: string): Uint8Array<ArrayBuffer>[] {
  return [...text.matchAll(/\.\/([\w.-]+\.wasm)/g)].map(([, name]) => {
    const module = readFileSync(join(models, name!));
    writeFileSync(join(out, name!), module);
    return Uint8Array.from(module);
  });
}
