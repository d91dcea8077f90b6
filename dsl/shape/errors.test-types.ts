// What tsc says of wrong programs: one line each, at the argument that is wrong, the same text from TypeScript 7 and 6. `errors.txt` is the record.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { root, tsc, type Version, versions } from "../../tools/tsc.ts";

const prelude = `import * as ct from "${resolve(root, "dsl/index.ts").replaceAll("\\", "/")}";
import type { Dim, DType, Tensor } from "${resolve(root, "dsl/index.ts").replaceAll("\\", "/")}";
declare function t<const S extends Dim[], D extends DType = "f32">(shape: S, dtype?: D): Tensor<S, D>;
declare const p: { hidden: { w: Tensor<[784, 128]>; b: Tensor<[128]> }; out: { w: Tensor<[128, 10]>; b: Tensor<[10]> } };
declare const logits: ct.Model<[p: typeof p, x: Tensor<["B", 784]>], Tensor<["B", 10]>>;
declare const loss: ct.Model<[p: typeof p, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">], Tensor<[]>>;
declare const built: ct.CompiledModule<{ loss: typeof loss; step: typeof step }>;
declare const step: ct.Model<[{ w: Tensor<[3]> }, x: Tensor<["B", 3]>], [{ w: Tensor<[3]> }, Tensor<[]>]>;
declare const pair: ct.Model<[layers: [Tensor<[3]>, Tensor<[3]>]], Tensor<[3]>>;
declare const next: ct.Model<[x: Tensor<["2*T+1"]>], Tensor<["T"]>>;
declare const open: ct.Model<[x: Tensor<["T*B"]>], Tensor<["T*B"]>>;
declare const norm: ct.Model<[x: Tensor<["...L", "T", "D"]>, y: Tensor<["...L"]>], Tensor<["...L", "D"]>>;
declare const either: Tensor<[16 | 32, 10]>;
declare const list: Tensor<[3]>[];
export {};
`;

/** One statement a line; under each heading, what is wrong with them. */
const programs = `
# Elementwise
ct.add(t(["B", 128]), t([10]));
ct.mul(t([3, 1]), t([4, 2]));
ct.add(t(["B"]), t(["B"], "i32"));
ct.sub(t(["B"], "f32"), t(["B"], "f64"));
ct.add(t(["B"], "bool"), 1);
ct.add(t(["B"], "i32"), 0.5);
ct.exp(t(["B"], "i32"));
ct.logicalAnd(t(["B"], "bool"), t(["B"]));
ct.add(either, t([16, 10]));
ct.add(either, either);
ct.where(t(["B", 10]), 1, 0);
ct.where(t(["B", 10], "bool"), t(["B", 10]), t([7]));
ct.where(t([4], "bool"), t(["B", 10]), 0);
ct.add(t(["...L", "D"]), t([1, "D"]));
ct.add("B", t(["B"]));
# Contractions
ct.matmul(t([32, 784]), t([128, 10]));
ct.matmul(t([8, 32, 784]), t([4, 784, 10]));
ct.matmul(t(["B", 784]), t([784]));
ct.matmul(t([784]), t([784, 10]));
ct.matmul(t([2, 3]), t([3, 4], "f64"));
ct.matmul(t([2, 3], "i32"), t([3, 4], "i32"));
ct.matmul(t(["...L", "D"]), t(["D", 4]));
ct.matmul(t([784, 16]), either);
ct.matmul(ct.relu(ct.add(ct.matmul(t(["B", 784]), t([784, 128])), t([128]))), t([127, 10]));
ct.dotGeneral(t([4, 5]), t([6, 7]), { contract: [[1], [0]] });
ct.dotGeneral(t([4, 5]), t([5, 7]), { contract: [[1, 0], [0]] });
ct.dotGeneral(t([4, 5]), t([5, 7]), { contract: [[2], [0]] });
# Shapes
ct.reshape(t(["B", 28, 28]), [-1, 785]);
ct.reshape(t(["B", 28, 28]), [ct.dim(t(["B"]), 0), 785]);
ct.reshape(t(["B", 28, 28]), [-1, -1]);
ct.reshape(t(["B", 28, 28]), ["B", 784]);
ct.reshape(t(["...L", 4]), [-1]);
ct.broadcastTo(t(["B", 3]), [2, 3]);
ct.transpose(t(["B", 16, 64]), [0, 2, 2]);
ct.transpose(t(["B", 16, 64]), [0, 1]);
ct.transpose(t(["B"]));
ct.slice(t(["B", 28]), [null, [0, 30]]);
ct.slice(t(["B", 28]), [null, null, null]);
ct.pad(t(["B", 28]), [[0, 0], [-1, 0]]);
ct.concat([t(["B", 128]), t(["C", 2])], 1);
ct.concat([t(["B", 128]), t(["B", 128], "i32")], 1);
ct.concat([t(["B", 128]), t(["B"])], 0);
ct.dim(t(["B", 28]), 2);
ct.dim(t(["B", 28]), 0) * 2;
# Reductions
ct.sum(t(["B", 28, 28]), 3);
ct.mean(t(["B", 28, 28]), [1, -2]);
ct.mean(t(["B"], "i32"));
ct.sum(t(["...L", "D"]), 0);
ct.softmax(t(["B", 10]), 2);
# Indices, random numbers
ct.gather(t([100, 64]), t(["B"]));
ct.gather(t([100, 64]), t(["B"], "i32"), 2);
ct.scatterAdd(t([100, 64]), t(["B"], "i32"), t(["B", 63]));
ct.oneHot(t(["B"], "i32"), "V");
ct.uniform(t([3], "i32"), [4]);
ct.normal(ct.randomKey(1), ["B"]);
ct.glorotUniform(ct.randomKey(1), [ct.dim(t(["B"]), 0), 3]);
# Learning
ct.layerNorm(t(["B", 10]), t([11]), t([10]));
ct.softmaxCrossEntropy(t(["B", 10]), t(["B", 10], "i32"));
ct.softmaxCrossEntropy(t(["B", 10]), t(["B"]));
ct.sgd(p, { hidden: p.hidden, out: { w: t([127, 10]), b: p.out.b } }, { lr: 0.1 });
ct.adam(p, p, { ...ct.adamInit(p), step: t([]) }, { lr: 0.1 });
# Models
ct.model((layers: Tensor<[3]>[]) => ct.add(layers[0]!, 1));
ct.model(<B extends Dim>(x: Tensor<[B, 3]>) => ct.relu(x));
ct.model((q: { w: Tensor<[16 | 32]> }) => ct.relu(q.w));
logits(p, t([32, 785]));
logits(p, t([784]));
logits(p);
logits({ hidden: p.hidden, out: { w: t([127, 10]), b: p.out.b } }, t([32, 784]));
logits({ hidden: { w: t([1]), b: t([1]) }, out: { w: t([1]), b: t([1]) } }, t([32, 784]));
logits({ hidden: p.hidden }, t([32, 784]));
loss(p, t([32, 784]), t([64], "i32"));
loss(p, t([32, 784]), t([32]));
pair([t([3]), t([4])]);
pair(list);
next(t([16]));
open(t([12]));
norm(t([2, 3, 4, 5]), t([2, 4]));
# Derivatives and built modules
ct.grad(logits)(p, t([32, 784]));
ct.grad(ct.grad(loss));
ct.grad(built.loss);
ct.grad(loss)(p, t([32, 784]), t([31], "i32"));
ct.vjp(logits)(p, t([32, 784])).pullback(t([32, 11]));
ct.grad(3);
built.loss(p, t([32, 785]), t([32], "i32"));
built.step.start({ w: t([4]) });
built.step.start({ w: t([3]) }).step(t([2, 4]));
built.step.start({ w: t([3]) }, { max: { C: 4 } });
`;
const lines = programs.trim().split("\n");

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "cotangent-errors-"));
  writeFileSync(join(folder, "wrong.ts"), prelude + lines.map((line) => (line.startsWith("#") ? "" : line)).join("\n"));
  const config = { extends: resolve(root, "tsconfig.json"), compilerOptions: { types: [] }, include: [], files: ["wrong.ts"] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The programs with a caret under the place and the message below, as one text. */
async function report(version: Version): Promise<string> {
  const { output } = await tsc(version, ["-p", "."], folder);
  const found = output.split("\n");
  const offset = prelude.split("\n").length;
  return lines
    .flatMap((line, i) => {
      if (line.startsWith("#")) return ["", line];
      const here = found.filter((message) => message.startsWith(`wrong.ts(${i + offset},`));
      const details = found.slice(found.indexOf(here[0] ?? "") + 1).findIndex((message) => !message.startsWith(" "));
      return [
        "",
        line,
        ...here.flatMap((message) => {
          const [, column = "1", text = ""] = /^wrong\.ts\(\d+,(\d+)\): error TS\d+: (.*)$/.exec(message) ?? [];
          return [`${" ".repeat(Number(column) - 1)}^`, text];
        }),
        ...(here.length === 0 ? ["(nothing)"] : found.slice(found.indexOf(here[0]!) + 1, found.indexOf(here[0]!) + 1 + Math.max(0, details))),
      ];
    })
    .join("\n")
    .trim();
}

test("each wrong program gives one line, at the right argument", async () => {
  const text = await report("7");
  await expect(`${text}\n`).toMatchFileSnapshot("errors.txt");
  for (const program of text.split("\n\n").filter((block) => !block.startsWith("#"))) expect(program.split("\n")).toHaveLength(3);
});

test("TypeScript 6 and 7 say the same", async () => {
  const [a, b] = await Promise.all(versions.map(report));
  expect(b).toBe(a);
});
