// What the types cost: instantiations over those of an empty program that imports the library (TypeScript 7; 6 counts the same within 5 %).
import { beforeAll, describe, expect, test } from "vitest";
import { check } from "./program.test-tools.ts";

const prelude = `import * as ct from "cotangent";
import type { Tensor } from "cotangent";
`;
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** A hundred layers, all of different sizes. */
const mlp = [
  `type P = [${range(100)
    .map((i) => `{ w: Tensor<[${100 + i}, ${101 + i}]>; b: Tensor<[${101 + i}]> }`)
    .join(", ")}];`,
  "export const f = ct.model((p: P, h0: Tensor<['B', 100]>) => {",
  ...range(100).map((i) => `  const h${i + 1} = ct.relu(ct.add(ct.matmul(h${i}, p[${i}].w), p[${i}].b));`),
  "  return h100;",
  "});",
  "declare const p: P;",
  "export const y: Tensor<[32, 200]> = f(p, null! as Tensor<[32, 100]>);",
];

/** 48 calls of one transformer block. */
const blocks = [
  "type Block = { qkv: Tensor<[128, 384]>; out: Tensor<[128, 128]>; g: Tensor<[128]>; b: Tensor<[128]>; up: Tensor<[128, 512]>; down: Tensor<[512, 128]> };",
  "const block = ct.model((p: Block, x: Tensor<['B', 'T', 128]>) => {",
  "  const [B, T] = [ct.dim(x, 0), ct.dim(x, 1)];",
  "  const qkv = ct.reshape(ct.matmul(ct.layerNorm(x, p.g, p.b), p.qkv), [B, T, 3, 4, 32]);",
  ...["q", "k", "v"].map(
    (name, i) => `  const ${name} = ct.reshape(ct.slice(qkv, [null, null, [${i}, ${i + 1}], null, null]), [B, T, 4, 32]);`,
  ),
  "  const scores = ct.div(ct.matmul(ct.transpose(q, [0, 2, 1, 3]), ct.transpose(k, [0, 2, 3, 1])), Math.sqrt(32));",
  "  const mixed = ct.transpose(ct.matmul(ct.softmax(scores), ct.transpose(v, [0, 2, 1, 3])), [0, 2, 1, 3]);",
  "  const y = ct.add(x, ct.matmul(ct.reshape(mixed, [B, T, 128]), p.out));",
  "  return ct.add(y, ct.matmul(ct.relu(ct.matmul(ct.layerNorm(y, p.g, p.b), p.up)), p.down));",
  "});",
  `type P = [${range(48)
    .map(() => "Block")
    .join(", ")}];`,
  "export const f = ct.model((p: P, h0: Tensor<['B', 'T', 128]>) => {",
  ...range(48).map((i) => `  const h${i + 1} = block(p[${i}], h${i});`),
  "  return h48;",
  "});",
  "export const y: Tensor<[2, 8, 128]> = f(null! as P, null! as Tensor<[2, 8, 128]>);",
];

/** A generated adjoint: a thousand annotated statements. */
const bodies = ["ct.matmul(h, w)", "ct.relu(h)", "ct.mul(h, h0)", "ct.add(h, 1)"];
const adjoint = [
  "export function f(h0: Tensor<['B', 128]>, w: Tensor<[128, 128]>) {",
  ...range(1000).map((i) => `  const h${i + 1}: Tensor<['B', 128]> = ${bodies[i % 4]?.replace(/\bh\b/, `h${i}`)};`),
  "  return h1000;",
  "}",
];

/** Thirty quotients, all different. */
const quotients = range(30).map(
  (i) => `export const q${i} = ct.reshape(null! as Tensor<['B', ${i + 2}, 28, ${i + 31}]>, [-1, ${28 * (i + 31)}]);`,
);

/** Twenty layers of convolution and pool, all of different sizes, and what they give at a call. */
const images = [
  `type P = [${range(20)
    .map((i) => `Tensor<[3, 3, ${3 + i}, ${4 + i}]>`)
    .join(", ")}];`,
  "export const f = ct.model((p: P, h0: Tensor<['B', 224, 220, 3]>) => {",
  ...range(20).map(
    (i) =>
      `  const h${i + 1} = ct.maxPool2d(ct.relu(ct.conv2d(h${i}, p[${i}], { padding: 1 })), { window: 2, stride: ${i % 4 === 3 ? 2 : 1} });`,
  ),
  "  return h20;",
  "});",
  "export const y: Tensor<[32, 4, 3, 23]> = f(null! as P, null! as Tensor<[32, 224, 220, 3]>);",
];

describe("type budget", () => {
  let empty: number;
  beforeAll(async () => {
    empty = (await check("7", prelude, [])).instantiations;
  });

  test.each([
    ["an MLP of 100 different layers", mlp, 100_000], // 82 k
    ["48 transformer blocks", blocks, 50_000], // 40 k
    ["an adjoint of 1000 statements", adjoint, 5_000], // 2 k
    ["20 convolutions and pools", images, 60_000], // 51 k
    ["30 different quotients in reshape", quotients, 200_000], // 180 k
  ])("%s", async (_, program, budget) => {
    const { errors, instantiations } = await check("7", prelude, program);
    expect([...errors.values()].flat()).toEqual([]);
    expect(instantiations - empty).toBeLessThan(budget);
  });
});
