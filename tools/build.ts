// `npm run build`: the package's dist/, from nothing.
import { rm } from "node:fs/promises";
import { resolve } from "node:path";
import { root, tsc } from "./tsc.ts";

await rm(resolve(root, "dist"), { recursive: true, force: true });
const { ok, output } = await tsc("7", ["-p", "tsconfig.build.json"]);
if (!ok) {
  console.error(output);
  process.exitCode = 1;
}
