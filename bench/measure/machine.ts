import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { arch, cpus, platform } from "node:os";
import { join } from "node:path";

/** Where the numbers come from. */
export function describeMachine(): { cpu: string; cores: number; platform: string } {
  const all = cpus();
  return { cpu: all[0]?.model.trim() ?? "unknown", cores: all.length, platform: `${platform()}-${arch()}` };
}

/** The versions of what ran, ourselves first. A package that is not installed has none. */
export function describeVersions(packages: readonly string[]): Record<string, string> {
  const versions: Record<string, string> = {
    node: process.versions.node,
    cotangent: versionIn(join(import.meta.dirname, "../../package.json")),
  };
  const { resolve } = createRequire(import.meta.url);
  for (const name of packages) {
    try {
      versions[name] = versionIn(resolve(`${name}/package.json`));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return versions;
}

const versionIn = (packageFile: string): string => (JSON.parse(readFileSync(packageFile, "utf8")) as { version: string }).version;
