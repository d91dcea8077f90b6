// What users get: the tarball, in an empty folder, with the README's own program under plain `tsc` and `node`.
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { printsIn, readProgram } from "./readme.ts";
import { root, tsc } from "./tsc.ts";

const shell = promisify(execFile);
const quiet = {
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_prefer_offline: "true",
  npm_config_update_notifier: "false",
};

/** One command line, in `cwd`; rejects with what it printed unless it leaves with 0. */
const run = async (command: string, cwd: string): Promise<string> => {
  const options = { cwd, shell: true, env: { ...process.env, ...quiet }, maxBuffer: 64 << 20 };
  try {
    return (await shell(command, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${command}\n${stdout}${stderr}`);
  }
};

describe("the packed package", { timeout: 300_000 }, () => {
  let folder: string;
  let tarball: string;
  let packed: readonly string[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "cotangent-pack-"));
    await run("npm run build", root);
    const [pack] = JSON.parse(await run(`npm pack --ignore-scripts --json --pack-destination "${folder}"`, root)) as [
      { filename: string; files: { path: string }[] },
    ];
    tarball = join(folder, pack.filename);
    packed = pack.files.map(({ path }) => path);
  }, 300_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("holds the compiled files and their declarations, no sources and no tests", () => {
    expect(packed.filter((path) => !/^dist\/.*\.(js|d\.ts)$/.test(path)).sort()).toEqual(["LICENSE", "README.md", "package.json"]);
    expect(packed.filter((path) => /\.test|^dist\/(examples|bench|tools)/.test(path))).toEqual([]);
  });

  test("holds everything that package.json names", async () => {
    const { exports, bin } = JSON.parse(await readFile(resolve(root, "package.json"), "utf8")) as {
      exports: Record<string, string>;
      bin: Record<string, string>;
    };
    const named = [...Object.values(exports), ...Object.values(bin)].map((path) => path.replace(/^\.\//, ""));
    expect(named.filter((path) => !packed.includes(path))).toEqual([]);
  });

  test("runs the README's program", async () => {
    const project = join(folder, "project");
    const { files, commands, prints } = readProgram(await readFile(resolve(root, "README.md"), "utf8"));
    for (const [name, text] of files) {
      await mkdir(dirname(join(project, name)), { recursive: true });
      await writeFile(join(project, name), text);
    }

    let output = "";
    for (const command of commands) output += await run(command.replace(/(?<=^npm install )cotangent\b/, `"${tarball}"`), project);
    expect(output).toSatisfy((text: string) => printsIn(text, prints));

    // The declarations read the same in the other compiler that we promise.
    const sources = [...files.keys()].filter((name) => name.endsWith(".ts"));
    const options = [
      "--ignoreConfig",
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2023",
      "--allowImportingTsExtensions",
    ];
    expect(await tsc("6", [...options, ...sources], project)).toEqual({ ok: true, output: "" });
  });
});
