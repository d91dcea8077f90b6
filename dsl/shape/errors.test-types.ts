// What tsc says of wrong programs: one line each, at the argument that is wrong, the same text from TypeScript 7 and 6. `errors.txt` is the record.
import { expect, test } from "vitest";
import { type Version, versions } from "../../tools/tsc.ts";
import { check } from "./program.test-tools.ts";

const prelude = `import { adam, add, avgPool2d, broadcastTo, concat, conv2d, dim, dotGeneral, exp, fold, gather, glorotUniform, grad, layerNorm, logicalAnd, logSumExp, matmul, maxPool2d, mean, model, mul, normal, oneHot, pad, randomKey, relu, reshape, reverse, scatterAdd, sgd, shiftRight, slice, softmax, softmaxCrossEntropy, sub, sum, transpose, uniform, vjp, where, windows } from "cotangent";
import type { CompiledModule, Dim, DType, Model, Tensor } from "cotangent";
declare function t<const S extends Dim[], D extends DType = "f32">(shape: S, dtype?: D): Tensor<S, D>;
declare const p: { hidden: { w: Tensor<[784, 128]>; b: Tensor<[128]> }; out: { w: Tensor<[128, 10]>; b: Tensor<[10]> } };
declare const logits: Model<[p: typeof p, x: Tensor<["B", 784]>], Tensor<["B", 10]>>;
declare const loss: Model<[p: typeof p, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">], Tensor<[]>>;
declare const built: CompiledModule<{ loss: typeof loss; step: typeof step; skip: typeof skip }>;
declare const step: Model<[{ w: Tensor<[3]> }, x: Tensor<["B", 3]>], [{ w: Tensor<[3]> }, Tensor<[]>]>;
declare const skip: Model<[{ w: Tensor<[3]> }], [{ w: Tensor<[4]> }, Tensor<[]>]>;
declare const pair: Model<[layers: [Tensor<[3]>, Tensor<[3]>]], Tensor<[3]>>;
declare const next: Model<[x: Tensor<["2*T+1"]>], Tensor<["T"]>>;
declare const grown: Model<[x: Tensor<["T+1"]>, y: Tensor<["T"]>], Tensor<["T"]>>;
declare const product: Model<[x: Tensor<["T*B"]>, y: Tensor<["T"]>], Tensor<["T"]>>;
declare const open: Model<[x: Tensor<["T*B"]>], Tensor<["T*B"]>>;
declare const norm: Model<[x: Tensor<["...L", "T", "D"]>, y: Tensor<["...L"]>], Tensor<["...L", "D"]>>;
declare const either: Tensor<[16 | 32, 10]>;
declare const list: Tensor<[3]>[];
export {};
`;

/** One statement a line; under each heading, what is wrong with them. */
const programs = `
# Elementwise
add(t(["B", 128]), t([10]));
mul(t([3, 1]), t([4, 2]));
add(t(["B"]), t(["B"], "i32"));
sub(t(["B"], "f32"), t(["B"], "f64"));
add(t(["B"], "bool"), 1);
add(t(["B"], "i32"), 0.5);
exp(t(["B"], "i32"));
logicalAnd(t(["B"], "bool"), t(["B"]));
shiftRight(t(["B"]), 8);
shiftRight(8, 1);
add(either, t([16, 10]));
add(either, either);
where(t(["B", 10]), 1, 0);
where(t(["B", 10], "bool"), t(["B", 10]), t([7]));
where(t([4], "bool"), t(["B", 10]), 0);
add(t(["...L", "D"]), t([1, "D"]));
add("B", t(["B"]));
# Contractions
matmul(t([32, 784]), t([128, 10]));
matmul(t([8, 32, 784]), t([4, 784, 10]));
matmul(t(["B", 784]), t([784]));
matmul(t([784]), t([784, 10]));
matmul(t([2, 3]), t([3, 4], "f64"));
matmul(t([2, 3], "i32"), t([3, 4], "i32"));
matmul(t(["...L", "D"]), t(["D", 4]));
matmul(t([784, 16]), either);
matmul(relu(add(matmul(t(["B", 784]), t([784, 128])), t([128]))), t([127, 10]));
dotGeneral(t([4, 5]), t([6, 7]), { contract: [[1], [0]] });
dotGeneral(t([4, 5]), t([5, 7]), { contract: [[1, 0], [0]] });
dotGeneral(t([4, 5]), t([5, 7]), { contract: [[2], [0]] });
# Shapes
reshape(t(["B", 28, 28]), [-1, 785]);
reshape(t(["B", 28, 28]), [dim(t(["B"]), 0), 785]);
reshape(t(["B", 28, 28]), [-1, -1]);
reshape(t(["B", 28, 28]), ["B", 784]);
reshape(t(["...L", 4]), [-1]);
broadcastTo(t(["B", 3]), [2, 3]);
transpose(t(["B", 16, 64]), [0, 2, 2]);
transpose(t(["B", 16, 64]), [0, 1]);
transpose(t(["B"]));
transpose(t(["...L", 2, 3]), [0, 2, 1]);
slice(t(["B", 28]), [null, [0, 30]]);
slice(t(["B", 28]), [null, null, null]);
pad(t(["B", 28]), [[0, 0], [-1, 0]]);
pad(t(["B", 28]), [[0, 0], [dim(t([3]), 0), -1]]);
concat([t(["B", 128]), t(["C", 2])], 1);
concat([t(["B", 128]), t(["B", 128], "i32")], 1);
concat([t(["B", 128]), t(["B"])], 0);
dim(t(["B", 28]), 2);
dim(t(["B", 28]), 0) * 2;
# Reductions
sum(t(["B", 28, 28]), 3);
mean(t(["B", 28, 28]), [1, -2]);
mean(t(["B"], "i32"));
sum(t(["...L", "D"]), 0);
softmax(t(["B", 10]), 2);
softmax(t([]));
logSumExp(t([]));
logSumExp(t(["...L"]));
# Images
conv2d(t(["B", 28, 28, 3]), t([3, 3, 4, 8]));
conv2d(t(["B", 28, 28, 6]), t([3, 3, 2, 8]), { groups: 2 });
conv2d(t(["B", 28, 28, 6]), t([3, 3, 2, 8]), { groups: 3 });
conv2d(t([28, 28, 3]), t([3, 3, 3, 8]));
conv2d(t(["B", 28, 28, 3]), t([3, 3, 3]));
conv2d(t(["B", 28, 2, 3]), t([3, 3, 3, 8]));
conv2d(t(["B", 8, 8, 3]), t([3, 3, 3, 8]), { dilation: 5, padding: 1 });
conv2d(t(["B", "H", "W", 3]), t([3, 3, 3, 8]), { stride: 2 });
conv2d(t(["B", 28, 28, 3]), t([3, 3, 3, 8]), { stride: 0 });
conv2d(t(["B", 28, 28, 3]), t([3, 3, 3, 8]), { strides: 2, padding: "same" });
conv2d(t(["B", 28, 28, 3]), t([3, 3, 3, 8]), { padding: "full" });
conv2d(t(["B", 28, 28, 3], "i32"), t([3, 3, 3, 8], "i32"));
conv2d(t(["...L", 28, 28, 3]), t([3, 3, 3, 8]));
maxPool2d(t(["B", 28, 28]), { window: 2 });
maxPool2d(t(["B", 28, 28, 3]), { window: 2, padding: 2 });
maxPool2d(t(["B", 28, 28, 3]));
avgPool2d(t(["B", 3, 3, 8]), { window: [2, 4] });
reverse(t(["B", 28]), [0, 2]);
windows(t(["B", 28]), [{ axis: 1, size: 29 }]);
windows(t(["B", 28]), [{ axis: 2, size: 3 }]);
fold(t(["B", 26, 2]), [dim(t(["B"]), 0), 28], [{ axis: 1, size: 3 }]);
# Indices, random numbers
gather(t([100, 64]), t(["B"]));
gather(t([100, 64]), t(["B"], "i32"), 2);
gather(t([100, 64]), [0, 1]);
gather(t([]), t(["B"], "i32"));
scatterAdd(t([100, 64]), 3, t([64]));
scatterAdd(t([100, 64]), t(["B"], "i32"), t(["B", 63]));
scatterAdd(t([100, 64]), t(["B"], "i32"), t(["B", 64]), 1);
scatterAdd(t([100, 64]), t(["B"], "i32"), t(["B", 64]), 2);
scatterAdd(t(["...L", "D"]), t(["B"], "i32"), t(["B", "D"]));
oneHot(t(["B"], "i32"), "V");
oneHot([0, 1], 10);
uniform(t([3], "i32"), [4]);
normal(randomKey(1), ["B"]);
glorotUniform(randomKey(1), [dim(t(["B"]), 0), 3]);
# Learning
layerNorm(t(["B", 10]), t([11]), t([10]));
softmaxCrossEntropy(t(["B", 10]), t(["B", 10], "i32"));
softmaxCrossEntropy(t(["B", 10]), t(["B"]));
sgd(p, { hidden: p.hidden, out: { w: t([127, 10]), b: p.out.b } }, { lr: 0.1 });
model((q: typeof p, w: Tensor<[127, 10]>) => sgd(q, { hidden: q.hidden, out: { w: mul(w, 2), b: q.out.b } }, { lr: 0.1 }));
adam(p, p, { step: t([]), m: p, v: p }, { lr: 0.1 });
# Models
model((layers: Tensor<[3]>[]) => add(layers[0]!, 1));
model(<B extends Dim>(x: Tensor<[B, 3]>) => x);
model((q: { w: Tensor<[16 | 32]> }) => q);
model((x: Tensor<["2B", 3]>) => x);
model((q: { w: Tensor<[3, "B--T"]> }) => q);
model((q: { w: Tensor<["B-2*B"]> }) => q);
model((q: [Tensor<[-1]>]) => q);
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
logits(p, either);
next(t([16]));
grown(t([17]), t([17]));
product(t([12]), t([5]));
open(t([12]));
norm(t([2, 3, 4, 5]), t([2, 4]));
# Derivatives and built modules
grad(logits)(p, t([32, 784]));
grad(grad(loss));
grad(built.loss);
grad(loss)(p, t([32, 784]), t([31], "i32"));
vjp(logits)(p, t([32, 784])).pullback(t([32, 11]));
grad(3);
built.loss(p, t([32, 785]), t([32], "i32"));
built.step.start({ w: t([4]) });
built.step.start({ w: t([3]) }).step(t([2, 4]));
built.skip.start({ w: t([3]) });
built.step.start({ w: t([3]) }, { max: { C: 4 } });
`;
const lines = programs.trim().split("\n");

/** The programs with a caret under the place and the message below, as one text. */
async function report(version: Version): Promise<string> {
  const { errors } = await check(
    version,
    prelude,
    lines.map((line) => (line.startsWith("#") ? "" : line)),
  );
  return lines
    .map((line, i) => [line, ...(errors.get(i) ?? []).flatMap(({ column, text }) => [`${" ".repeat(column)}^`, text])].join("\n"))
    .join("\n\n");
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
