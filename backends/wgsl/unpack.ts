/** What the npm package `@sparticuz/chromium` carries in archives: a headless Chromium, its libraries, a software Vulkan. For tests. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";

/** It is there for Linux on x64 alone. */
export const carriesChromium: boolean = process.platform === "linux" && process.arch === "x64";

/** What lies in the package's `bin/`; with `.br` after it. */
type Archive = "chromium" | "swiftshader.tar" | "al2023.tar" | "fonts.tar";

/** The folder of some archives, unpacked by who comes first into `node_modules/.cache`, so that `npm ci` clears it. */
export async function unpacked(name: string, archives: readonly Archive[]): Promise<string> {
  const entry = import.meta.resolve("@sparticuz/chromium");
  const cache = fileURLToPath(new URL("../../../../.cache/", entry));
  const folder = join(cache, name);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const aside = await mkdtemp(`${folder}-`);
  for (const archive of archives) {
    const data = await promisify(brotliDecompress)(await readFile(new URL(`../../bin/${archive}.br`, entry)));
    for (const file of archive.endsWith(".tar") ? tarFiles(data) : [{ name: archive, data }]) {
      const path = join(aside, file.name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, file.data, { mode: 0o755 });
    }
  }
  await rename(aside, folder).catch(() => rm(aside, { recursive: true }));
  return folder;
}

/** The files of a tar archive (POSIX ustar): a header of 512 bytes with the name and the octal size, then the data in whole blocks. */
function* tarFiles(tar: Buffer): Generator<{ name: string; data: Buffer }> {
  const field = (from: number, to: number): string => tar.toString("latin1", from, to).replace(/\0.*$/s, "");
  for (let at = 0; tar[at]; ) {
    const size = Number.parseInt(field(at + 124, at + 136), 8);
    const name = field(at, at + 100);
    if (!name.endsWith("/")) yield { name, data: tar.subarray(at + 512, at + 512 + size) };
    at += 512 + Math.ceil(size / 512) * 512;
  }
}
