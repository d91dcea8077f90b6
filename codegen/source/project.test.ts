import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { topological } from "../../dsl/differentiate.ts";
import { printDiagnostic } from "./diagnostic.ts";
import { readModule } from "./read.ts";
import { firstResult, printed, read, signature } from "./reading.test-source.ts";

describe("files", () => {
  const folder = mkdtempSync(join(tmpdir(), "cotangent-read-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const declarations = `export type Tensor<S, D = "f32"> = { readonly shape: S; readonly dtype: D; data(): Promise<unknown> };
    export interface Model<P, R> { readonly def: (...args: never) => R; (...args: never): R }
    export declare function model<P extends unknown[], R>(f: (...args: P) => R): Model<P, R>;
    export declare function relu<T>(x: T): T;`;
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const source = (body: string): string =>
    `import { model, relu, type Tensor } from "cotangent";\r\n\r\nexport const f = model((x: Tensor<["N", 2]>) => {\r\n\t${body}\r\n});\r\n`;
  const options = { paths: { cotangent: ["./cotangent.d.ts"] }, target: "es2022", strict: true, module: "nodenext" };
  const setUp = (): void => {
    write("cotangent.d.ts", declarations);
    write("tsconfig.json", JSON.stringify({ compilerOptions: options }));
  };

  test("the nearest tsconfig, CRLF, tabs, a byte order mark", () => {
    setUp();
    expect(read(write("good.ts", `\uFEFF${source("return relu(x);")}`)).functions.map(signature)).toEqual(["f(x: f32[N, 2])"]);
    const wrong = readModule(write("wrong.ts", `\uFEFF${source("while (x) return x;\r\n\treturn relu(x);")}`));
    expect(wrong.ok ? "" : wrong.diagnostics.map((d) => printDiagnostic({ ...d, file: "wrong.ts" })).join("\n\n")).toMatchInlineSnapshot(`
      "wrong.ts:4:2  CT110  \`while\`: how often it runs is not known at build time.
       4 | 	while (x) return x;
         | 	^^^^^^^^^^^^^^^^^^^
      Write \`for (let i = 0; i < n; i++)\` with a constant \`n\`, or \`for (const layer of layers)\`."
    `);
  });
  test("line ends and byte order marks do not change the hash", () => {
    setUp();
    const text = source("return relu(x);");
    const hashes = [text, `\uFEFF${text}`, text.replaceAll("\r\n", "\n")].map((one) => read(write("hash.ts", one)).hash);
    expect(new Set(hashes).size).toBe(1);
    expect(read(write("hash.ts", source("return relu(relu(x));"))).hash).not.toBe(hashes[0]);
  });
  test("a file is read as it is now, and so are those that it imports", () => {
    setUp();
    write("part.ts", `import { relu, type Tensor } from "cotangent";\nexport const act = (x: Tensor<[2]>) => relu(x);\n`);
    const main = write(
      "main.ts",
      `import { model, type Tensor } from "cotangent";\nimport { act } from "./part.js";\nexport const f = model((x: Tensor<[2]>) => act(x));\n`,
    );
    const size = (): number => topological([firstResult(read(main))]).length;
    const before = size();
    write("part.ts", `import { relu, type Tensor } from "cotangent";\nexport const act = (x: Tensor<[2]>) => relu(relu(x));\n`);
    expect(size()).toBeGreaterThan(before);
  });
  test("a file that is not there; a tsconfig that is none", () => {
    expect(printed(readModule("examples/nothing.ts"))).toBe(
      "examples/nothing.ts  CT100  cannot read examples/nothing.ts: there is no such file.",
    );
    setUp();
    const file = write("other.ts", source("return relu(x);"));
    write("tsconfig.json", "{ not json");
    const broken = readModule(file);
    expect(broken.ok).toBe(false);
  });
  test("every form of import and export; a tsconfig's paths", () => {
    setUp();
    write("tsconfig.json", JSON.stringify({ compilerOptions: { ...options, paths: { ...options.paths, "@/*": ["./*"] } } }));
    write(
      "a.ts",
      `import { relu, type Tensor } from "cotangent";\nexport const twice = (x: Tensor<[2]>) => relu(relu(x));\nexport default 3;\n`,
    );
    write("b.ts", `export * from "./a.js";\nexport * as all from "./a.js";\nexport { default as three, twice as again } from "./a.js";\n`);
    const main = `import { model, type Tensor } from "cotangent";
      import * as b from "@/b";
      import { again, all, three, twice } from "./b.js";
      import type { Unused } from "./types.js";
      const f = model((x: Tensor<[2]>, _?: Unused) => x);
      const g = model((x: Tensor<[2]>) => (three === 3 ? b.twice(all.twice(again(twice(x)))) : x));
      export { g as h };
      export { inner } from "./c.js";
      export const kept = f;`;
    write("types.ts", "export type Unused = string;\n");
    write("c.ts", `import { model, type Tensor } from "cotangent";\nexport const inner = model((y: Tensor<[3]>) => y);\n`);
    const result = readModule(write("main.ts", main));
    expect(printed(result)).toContain("CT146");
    const { functions } = read(write("main.ts", main.replace(", _?: Unused", "").replace("      import type", "      // import type")));
    expect(functions.map(signature)).toEqual(["h(x: f32[2])", "inner(y: f32[3])", "kept(x: f32[2])"]);
  });
});
