import { readFileSync } from "node:fs";

/** This package's version: `package.json` lies one folder up from the sources, two from `dist`. */
export const version: string = ["../package.json", "../../package.json"]
  .map((path) => new URL(path, import.meta.url))
  .map((url) => {
    try {
      return JSON.parse(readFileSync(url, "utf8")) as { name?: string; version?: string };
    } catch {
      return {};
    }
  })
  .find((manifest) => manifest.name === "cotangent")?.version as string;
