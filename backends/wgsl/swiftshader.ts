/**
 * A GPU in software, for tests: Dawn (npm `webgpu`) over SwiftShader, a Vulkan driver for the CPU that `@sparticuz/chromium` carries along
 * with the Vulkan loader. Nothing of it needs to be installed on the machine. Subgroups of 4, no f16, 16 KB of workgroup memory.
 */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { constants } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliDecompressSync } from "node:zlib";

/** The libraries are there for Linux on x64 alone. */
export const hasSoftwareGpu: boolean = process.platform === "linux" && process.arch === "x64";

let gpu: Promise<GPU> | undefined;
/** The same one at each call: Dawn's instance must not be collected while its devices live. Not in a worker thread, whose environment is its own. */
export const softwareGpu = (): Promise<GPU> => (gpu ??= makeGpu());

async function makeGpu(): Promise<GPU> {
  const folder = await unpacked();
  process.env.VK_ICD_FILENAMES = join(folder, "vk_swiftshader_icd.json");
  keepLoaded(join(folder, "libvulkan.so.1"));
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  return create([]);
}

/** The folder of the libraries, 15 MB: unpacked into `node_modules/.cache` by who comes first, so that `npm ci` clears it. */
async function unpacked(): Promise<string> {
  const entry = import.meta.resolve("@sparticuz/chromium");
  const cache = fileURLToPath(new URL("../../../../.cache/", entry));
  const folder = join(cache, "swiftshader");
  if (existsSync(folder)) return folder;
  const archive = await readFile(new URL("../../bin/swiftshader.tar.br", entry));
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(`${folder}-`);
  for (const { name, data } of tarFiles(brotliDecompressSync(archive))) await writeFile(join(aside, name), data);
  await rename(aside, folder).catch(() => rm(aside, { recursive: true }));
  return folder;
}

/** The files of a tar archive (POSIX ustar): a header of 512 bytes with the name and the octal size, then the data in whole blocks. */
function* tarFiles(tar: Buffer): Generator<{ name: string; data: Buffer }> {
  const field = (from: number, to: number): string => tar.toString("latin1", from, to).replace(/\0.*$/s, "");
  for (let at = 0; tar[at]; ) {
    const size = Number.parseInt(field(at + 124, at + 136), 8);
    yield { name: field(at, at + 100), data: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

/**
 * Maps a library into this process, where Dawn's `dlopen("libvulkan.so.1")` then finds it by name. Node takes it for an addon, which it is not,
 * and says so; RTLD_NODELETE keeps it all the same.
 */
function keepLoaded(library: string): void {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch (error) {
    if (!String(error).includes("did not self-register")) throw error;
  }
}
