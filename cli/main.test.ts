import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { emitShaders } from "../backends/wgsl/kernel.ts";
import { hasSoftwareGpu, softwareGpu } from "../backends/wgsl/swiftshader.ts";
import { BuildError, type BuildOptions, build, read } from "./build.ts";
import { check, type Finding } from "./check.ts";
import { explain } from "./explain.ts";

const root = join(import.meta.dirname, "..");
const scale = `import { type Tensor, grad, model, mul, sum } from "cotangent";
export const f = model((x: Tensor<["B", 3]>) => sum(mul(x, x)));
export const g = model((x: Tensor<["B", 3]>) => grad(f)(x));
`;

/** The command as a process of its own. */
async function run(...args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ["--import", "tsx", "cli/main.ts", ...args], { cwd: root });
    return { code: 0, out: stdout, err: stderr };
  } catch (error) {
    const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
    return { code, out: stdout, err: stderr };
  }
}

let folder: string;
beforeAll(() => {
  // Inside the repository, so that `cotangent` is found; with a space, as people have them.
  mkdirSync(join(root, "examples", "out"), { recursive: true });
  folder = mkdtempSync(join(root, "examples", "out", "a model "));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

const asLoops = (path: string, options: BuildOptions = {}) => build(path, { target: "loops", ...options });

describe("build", () => {
  test("writes the adjoint and the module beside the source, and nothing else", async () => {
    const path = write("scale.ts", scale);
    expect(await asLoops(path)).toEqual([join(folder, "scale.adjoint.ts"), join(folder, "scale.loops.ts")]);
    expect(readdirSync(folder).sort()).toEqual(["scale.adjoint.ts", "scale.loops.ts", "scale.ts"]);
  });

  test("--check: fresh, stale once the source changes, stale once a file is edited or gone, whatever the line ends", async () => {
    const path = write("checked.ts", scale);
    const loops = join(folder, "checked.loops.ts");
    const adjoint = join(folder, "checked.adjoint.ts");
    expect(await asLoops(path, { check: true })).toEqual([adjoint, loops]);
    await asLoops(path);
    expect(await asLoops(path, { check: true })).toEqual([]);
    writeFileSync(loops, readFileSync(loops, "utf8").replaceAll("\n", "\r\n"));
    expect(await asLoops(path, { check: true })).toEqual([]);
    writeFileSync(loops, `${readFileSync(loops, "utf8")}// edited`);
    expect(await asLoops(path, { check: true })).toEqual([loops]);
    rmSync(adjoint);
    expect(await asLoops(path, { check: true })).toEqual([adjoint, loops]);
    await asLoops(path);
    write("checked.ts", scale.replace("mul(x, x)", "mul(x, 2)"));
    expect(await asLoops(path, { check: true })).toEqual([adjoint, loops]);
  });

  test("a source with CRLF and a byte order mark is the same model", async () => {
    const [plain, windows] = [write("plain.ts", scale), write("windows.ts", `\uFEFF${scale.replaceAll("\n", "\r\n")}`)];
    await asLoops(plain);
    await asLoops(windows);
    const body = (stem: string): string =>
      readFileSync(join(folder, `${stem}.loops.ts`), "utf8")
        .split("\n")
        .slice(1)
        .join("\n")
        .replaceAll(stem, "");
    expect(body("windows")).toBe(body("plain"));
  });

  test("what cannot be built leaves what was there as it was, and no other file", async () => {
    const path = write("broken.ts", scale);
    await asLoops(path);
    const before = readFileSync(join(folder, "broken.loops.ts"), "utf8");
    const files = readdirSync(folder);
    write("broken.ts", scale.replace("mul(x, x)", "mul(x, Math.random())"));
    await expect(asLoops(path)).rejects.toThrow(BuildError);
    expect(readFileSync(join(folder, "broken.loops.ts"), "utf8")).toBe(before);
    expect(readdirSync(folder)).toEqual(files);
  });

  test("an adjoint that is no longer asked for is stale, and goes", async () => {
    const path = write("once.ts", scale);
    await asLoops(path);
    write("once.ts", scale.split("\n").slice(0, 2).join("\n").replace("grad, ", ""));
    const adjoint = join(folder, "once.adjoint.ts");
    expect(await asLoops(path, { check: true })).toEqual([join(folder, "once.loops.ts"), adjoint]);
    await asLoops(path);
    expect(existsSync(adjoint)).toBe(false);
  });

  test("where one file cannot be written, none is", async () => {
    const path = write("half.ts", scale);
    mkdirSync(join(folder, "half.loops.ts"));
    await expect(asLoops(path)).rejects.toThrow(/half\.ts {2}CT149 {2}cannot write: /);
    expect(readdirSync(folder).filter((name) => name.includes("half"))).toEqual(["half.loops.ts", "half.ts"]);
  });

  test("a size that no input has by itself is refused, with the module's name", async () => {
    const path = write(
      "product.ts",
      'import { type Tensor, model, relu } from "cotangent";\nexport const f = model((x: Tensor<["B*T"]>) => relu(x));\n',
    );
    await expect(asLoops(path)).rejects.toThrow(
      /product\.ts {2}CT149 {2}f: x \[B\*T\] does not tell how large B is; pass a tensor with an axis "B"/,
    );
  });

  test("WebAssembly: two modules beside the text, or in it", async () => {
    const path = write("wasm.ts", scale);
    const inFolder = (...names: string[]): string[] => names.map((name) => join(folder, name));
    const files = inFolder("wasm.adjoint.ts", "wasm.wasm.ts", "wasm.fma.wasm", "wasm.simd.wasm");
    expect(await build(path)).toEqual(files);
    expect(await build(path, { check: true })).toEqual([]);
    writeFileSync(files[2] as string, readFileSync(files[2] as string).subarray(1));
    expect(await build(path, { check: true })).toEqual([files[2]]);
    expect(await build(path, { inline: true, debug: true })).toEqual([...files.slice(0, 2), ...inFolder("wasm.fma.wat", "wasm.simd.wat")]);
    expect(readFileSync(files[1] as string, "utf8")).toMatch(
      /^.* run `cotangent build wasm\.ts --inline`\.\n.*\n.*\n(.*\n)* {2}\[\(\) => base64\("AGFzb[\w+/]*=*"\), \(\) => base64\("AGFzb[\w+/]*=*"\)\],/,
    );
    expect(readFileSync(join(folder, "wasm.fma.wat"), "utf8")).toMatch(/;; .*wasm\.ts:2\n \(func \$f\.result /);
  });

  test("WGSL: the shaders are in the module, with their places; what WebGPU does not have is refused", async () => {
    const path = write("gpu.ts", scale);
    const files = ["gpu.adjoint.ts", "gpu.wgsl.ts"].map((name) => join(folder, name));
    expect(await build(path, { target: "wgsl" })).toEqual(files);
    expect(await build(path, { target: "wgsl", check: true })).toEqual([]);
    const text = readFileSync(files[1] as string, "utf8");
    expect(text).toMatch(/^.* run `cotangent build gpu\.ts --target wgsl`\.\n.*\nimport \{ define, type Leaf \} from "cotangent\/wgsl";/);
    expect(text).toMatch(/code: \/\* wgsl \*\/ `\n\/\/ .*gpu\.ts:2/);
    const f64 = write("wide.ts", scale.replaceAll('["B", 3]', '["B", 3], "f64"'));
    await expect(build(f64, { target: "wgsl" })).rejects.toThrow(
      /wide\.ts {2}CT149 {2}f: x is f64, which WebGPU does not have; make it f32, or build for another target: --target wasm/,
    );
  });

  test("--specialize: a size becomes a number, and only one that there is", async () => {
    const path = write("fixed.ts", scale);
    await build(path, { specialize: { B: 5 } });
    const text = readFileSync(join(folder, "fixed.wasm.ts"), "utf8");
    expect(text).toContain("cotangent build fixed.ts --specialize B=5`");
    expect(text).toContain("dims: [],");
    expect(text).toContain('["x", "f32", 32, [5, 3]],');
    await expect(build(path, { specialize: { C: 5 } })).rejects.toThrow("--specialize: no model has a size C; they have B");
  });
});

describe("check", () => {
  test.runIf(hasSoftwareGpu)("holds a GPU's kernels against loops", async () => {
    vi.stubGlobal("navigator", { gpu: await softwareGpu() });
    const found: Finding[] = [];
    for await (const one of check(write("held.ts", scale), { target: "wgsl", seed: 1, dims: { B: 7 } })) found.push(one);
    vi.unstubAllGlobals();
    expect(found.map(({ model, fault }) => ({ model, fault }))).toEqual(["f", "g"].map((model) => ({ model, fault: undefined })));
  });

  test("holds a target's kernels against loops", async () => {
    const found: Finding[] = [];
    for await (const one of check(write("held.ts", scale), { target: "wasm", seed: 1, dims: { B: 7 } })) found.push(one);
    expect(found.map(({ kernels, fault }) => ({ kernels, fault }))).toEqual(found.map(() => ({ kernels: 1, fault: undefined })));
    expect(found.length).toBeGreaterThan(0);
  });
});

describe("explain", () => {
  test("tells passes, kernels, work and memory, for the sizes that are given", () => {
    const module = read(write("told.ts", scale));
    const text = explain(module, { dims: { B: 5 } });
    expect(text).toContain("f, B = 5\n");
    expect(text).toMatch(/passes {3}read \d+ values → simplify \d+ → fuse 1 kernels/);
    expect(text).toMatch(/alive at once 64 B \(arena 1\.000×\)/);
  });
  test("--target wgsl: each shader, where it comes from, and what it asks of the GPU", () => {
    const text = explain(read(join(folder, "told.ts")), { dims: { B: 5 }, align: 4, shadersOf: (program) => emitShaders(program) });
    expect(text).toMatch(/shader +grid +from +workgroups +workgroup B +FLOP +bytes\n {2}result_0 .*told\.ts:2 +1 +\d+ +30 +64/);
  });
  test("--graph is a Mermaid flow chart", () => {
    const text = explain(read(join(folder, "told.ts")), { graph: true });
    expect(text).toMatch(/^flowchart TD\n {2}%% f\n {2}v0\["x = parameter \[B, 3\]"\]/);
  });
});

describe("the command", { timeout: 60_000 }, () => {
  test("0: builds several files, says what it wrote", async () => {
    const [a, b] = [write("a.ts", scale), write("b.ts", scale)];
    const { code, out } = await run("build", a, b);
    expect(code).toBe(0);
    expect(out.split("\n").map((line) => line.replace(/examples\/out\/a model \w+\//g, ""))).toEqual([
      "a.ts → a.adjoint.ts, a.wasm.ts, a.fma.wasm, a.simd.wasm",
      "b.ts → b.adjoint.ts, b.wasm.ts, b.fma.wasm, b.simd.wasm",
      "",
    ]);
  });
  test("1: a model at fault, told without a stack", async () => {
    const { code, err } = await run(
      "build",
      write("wrong.ts", `${scale}export const h = model((x: Tensor<[2]>) => mul(x, Math.random()));\n`),
    );
    expect(code).toBe(1);
    expect(err).toMatch(/wrong\.ts:4:\d+ {2}CT\d+ /);
    expect(err).not.toContain("    at ");
  });
  test("1: no such file", async () => {
    const { code, err } = await run("build", "nowhere.ts");
    expect({ code, err }).toEqual({ code: 1, err: "nowhere.ts  CT100  cannot read nowhere.ts: there is no such file.\n" });
  });
  test("1: stale", async () => {
    const { code, err } = await run("build", "--target", "loops", "--check", write("stale.ts", scale));
    expect(code).toBe(1);
    expect(err).toMatch(/stale\.ts: stale: .*stale\.adjoint\.ts, .*stale\.loops\.ts\nRun `cotangent build .*stale\.ts --target loops`\.\n/);
  });
  test.each([
    [["build"], "missing required argument"],
    [["build", "--target", "metal", "x.ts"], "Allowed choices are wasm, loops"],
    [["explain", "--dims", "B", "x.ts"], '"B" is not a size such as B=32'],
    [["bild", "x.ts"], "unknown command 'bild'"],
  ])("2: %j", async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });
  test("--help and --version", async () => {
    expect((await run("--help")).out).toMatch(/Usage: cotangent .*build .*explain /s);
    expect((await run("--version")).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});
