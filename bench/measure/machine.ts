import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { arch, cpus, platform } from "node:os";

/** Where the numbers come from. */
export function describeMachine(): { cpu: string; cores: number; platform: string } {
  const all = cpus();
  return { cpu: all[0]?.model.trim() ?? "unknown", cores: all.length, platform: `${platform()}-${arch()}` };
}

/** The version of an installed package, or of the one that this is. */
export function versionOf(name: string): string {
  const file = findPackageJSON(name === "cotangent" ? "../.." : name, import.meta.url);
  return file === undefined ? "" : (JSON.parse(readFileSync(file, "utf8")) as { version: string }).version;
}
