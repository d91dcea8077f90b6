/** The page as a folder of plain files, which any server of files can serve. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build as bundle, type Plugin } from "esbuild";
import { packagedData } from "../mnist/data.ts";

/** How many digits a page fetches of each set; 17 MB in all. */
const COUNTS = { train: 20_000, t10k: 2_000 } as const;

const source = join(import.meta.dirname, "page");
const root = join(import.meta.dirname, "../..");

/** Writes the page into `folder`, anew. `model`: the source beside which `cotangent build` wrote its modules for wasm and wgsl. */
export async function buildPage(folder: string, model: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(source)) if (!file.endsWith(".ts")) copyFileSync(join(source, file), join(folder, file));
  for (const [set, count] of Object.entries(COUNTS))
    for (const file of [`${set}-images-idx3-ubyte`, `${set}-labels-idx1-ubyte`])
      writeFileSync(join(folder, file), firstOf(readFileSync(join(packagedData(), file)), count));
  await bundleInto(folder, join(source, "main.ts"), [withModel(model)]);
}

/** Bundles a program, and with it what it names by URL: modules of WebAssembly are copied, programs of workers bundled. */
export async function bundleInto(folder: string, program: string, plugins: Plugin[] = []): Promise<void> {
  const { metafile } = await bundle({
    entryPoints: [program],
    outdir: folder,
    bundle: true,
    minify: true,
    sourcemap: true,
    metafile: true,
    format: "esm",
    splitting: true,
    target: "es2022",
    absWorkingDir: root,
    plugins,
    logLevel: "warning",
  });
  for (const input of Object.keys(metafile.inputs))
    for (const file of besides(resolve(root, input))) {
      const target = join(folder, basename(file).replace(/\.ts$/, ".js"));
      if (existsSync(target)) continue;
      if (file.endsWith(".wasm")) copyFileSync(file, target);
      else await bundleInto(folder, file);
    }
}

/** What a file names as `new URL("./x", import.meta.url)`: esbuild leaves that alone, so `x` has to lie beside the bundle. */
function besides(file: string): string[] {
  const named = readFileSync(file, "utf8").matchAll(/new URL\("\.\/([\w.-]+)", import\.meta\.url\)/g);
  return [...named]
    .map(([, name]) => join(dirname(file), name!))
    .flatMap((path) => [path, path.replace(/\.js$/, ".ts")].find(existsSync) ?? []);
}

/** The page's imports of built modules are of those beside `model`. */
const withModel = (model: string): Plugin => ({
  name: "model",
  setup({ onResolve }) {
    onResolve({ filter: /\/mlp\.(wasm|wgsl)\.ts$/ }, ({ path }) => ({ path: join(dirname(model), basename(path)) }));
  },
});

/** The first `count` elements of an IDX file: the first dim is the big-endian u32 at byte 4. */
function firstOf(idx: Buffer, count: number): Uint8Array {
  const header = 4 + 4 * idx.readUInt8(3);
  const size = (idx.length - header) / idx.readUInt32BE(4);
  const first = Buffer.from(idx.subarray(0, header + count * size));
  first.writeUInt32BE(count, 4);
  return first;
}
