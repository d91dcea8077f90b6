/** Functions that shaders write out: how far they are from the truth, on SwiftShader, which flushes denormals to 0 as GPUs may. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { core } from "../../dsl/core.ts";
import { Functions } from "./functions.ts";
import { softwareDevice } from "./run.test-source.ts";
import { hasSoftwareGpu } from "./swiftshader.ts";

/** The greatest errors, in units in the last place; `docs/numerics.md` has them. Beyond 40000, sin and cos have 3. */
const bounds = { exp: 0.98, log: 0.9, tanh: 1.4, erf: 1.6, sin: 2.3, cos: 2.3, pow: 1.3 } as const;
type Fn = keyof typeof bounds;
const CAPACITY = 2 ** 16;
const STRIDE = 65521;
const [inf, nan] = [Infinity, NaN];
const leastNormal = 2 ** -126;
const greatest = (2 - 2 ** -23) * 2 ** 127;

type Apply = (x: Float32Array<ArrayBuffer>, y?: Float32Array<ArrayBuffer>) => Promise<Float32Array>;

/** A function, of one element or of four at a time, over arrays. */
async function applied(device: GPUDevice, fn: Fn, wide: boolean): Promise<Apply> {
  const functions = new Functions();
  const name = functions.use(`${fn}f`, wide);
  const [float, word] = wide ? ["vec4<f32>", "vec4<u32>"] : ["f32", "u32"];
  const operands = ["x", "y"].slice(0, fn === "pow" ? 2 : 1).map((operand) => `bitcast<${float}>(${operand}[at.x])`);
  const main = `@group(0) @binding(0) var<storage, read_write> x: array<${word}>;
@group(0) @binding(1) var<storage, read_write> y: array<${word}>;
@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) at: vec3<u32>) {
  y[at.x] = bitcast<${word}>(${name}(${operands.join(", ")}));
}`;
  const code = [...functions.written(main), main].join("\n");
  const pipeline = await device.createComputePipelineAsync({ layout: "auto", compute: { module: device.createShaderModule({ code }) } });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const buffers = [0, 1].map(() => device.createBuffer({ size: CAPACITY * 4, usage: STORAGE | COPY_SRC | COPY_DST }));
  const [xs, ys] = buffers as [GPUBuffer, GPUBuffer];
  const bound = device.createBindGroup({
    layout: pipeline.getBindGroupLayout(0),
    entries: buffers.map((buffer, binding) => ({ binding, resource: { buffer } })),
  });
  const copy = device.createBuffer({ size: CAPACITY * 4, usage: MAP_READ | COPY_DST });
  return async (x, y) => {
    device.queue.writeBuffer(xs, 0, x);
    if (y) device.queue.writeBuffer(ys, 0, y);
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bound);
    pass.dispatchWorkgroups(CAPACITY / (wide ? 256 : 64));
    pass.end();
    encoder.copyBufferToBuffer(ys, 0, copy, 0, copy.size);
    device.queue.submit([encoder.finish()]);
    await copy.mapAsync(GPUMapMode.READ);
    const result = new Float32Array(copy.getMappedRange()).slice(0, x.length);
    copy.unmap();
    return result;
  };
}

const f32 = new Float32Array(1);
const bits = new Uint32Array(f32.buffer);
/** |y − exact| in units in the last place of f32 there; 2¹²⁸ stands for infinity. What is nearly denormal may be 0, and have the other sign. */
function ulps(y: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(y) ? 0 : inf;
  if (Math.abs(exact) < 2 ** -122) return Math.abs(y - exact) <= 2 ** -122 ? 0 : inf;
  f32[0] = Math.min(Math.abs(exact), greatest);
  const unit = 2 ** ((bits[0] as number) >>> 23) * 2 ** -150;
  const bounded = (v: number): number => Math.max(-(2 ** 128), Math.min(2 ** 128, v));
  return Number.isNaN(y) ? inf : Math.abs(bounded(y) - bounded(exact)) / unit;
}

function expectClose(fn: Fn, y: Float32Array, x: Float32Array, other?: Float32Array): void {
  const exact = core[fn] as (a: number, b: number) => number;
  let worst = { ulps: 0, at: [] as unknown[] };
  for (let i = 0; i < y.length; i++) {
    const [a, b] = [x[i] as number, other?.[i] as number];
    const error = ulps(y[i] as number, exact(a, b));
    const allowed = (fn === "sin" || fn === "cos") && Math.abs(a) > 40000 ? error / 1.3 : error;
    if (allowed > worst.ulps) worst = { ulps: allowed, at: [a, b, y[i]] };
  }
  expect(worst.ulps, `${fn} of ${worst.at}`).toBeLessThanOrEqual(bounds[fn]);
}

const neighbours = (from: number, count: number): Float32Array<ArrayBuffer> => {
  const x = new Float32Array(count).fill(from);
  const words = new Uint32Array(x.buffer);
  for (let i = 0; i < count; i++) words[i] = (words[i] as number) + i;
  return x;
};
const everywhere = (): Float32Array<ArrayBuffer> =>
  new Float32Array(Uint32Array.from({ length: Math.ceil(2 ** 32 / STRIDE) }, (_, i) => i * STRIDE).buffer);

/** Where a function changes its way, saturates, overflows, or crosses 0. */
const interesting: Record<Exclude<Fn, "pow">, readonly number[]> = {
  exp: [88.72, 0.3465, -0.3465, -5.869, -59.913, 89],
  log: [0.999, 1, Math.SQRT1_2 - 1e-4, Math.SQRT2 - 1e-4, leastNormal, 0.6992],
  tanh: [0.6249, 0.6282, 9.01, 10, 1e-4],
  erf: [1.1187, 1.0953, 3.919, 3.999, 1e-4],
  sin: [Math.PI - 1e-4, 1.5707, 355, 39999, 1e-4, 6.2831],
  cos: [1.5707, 4.7123, 355, 39999, 1e-4, 11.5 * Math.PI],
};
/** `of` these, the function `is` those. */
const specials: Record<Exclude<Fn, "pow">, { readonly of: readonly number[]; readonly is: readonly number[] }> = {
  exp: { of: [0, -0, inf, -inf, nan, greatest, -greatest], is: [1, 1, inf, 0, nan, inf, 0] },
  log: { of: [0, -0, 1, inf, -inf, -1, nan], is: [-inf, -inf, 0, inf, nan, nan, nan] },
  tanh: { of: [0, -0, inf, -inf, nan, leastNormal, -greatest], is: [0, -0, 1, -1, nan, leastNormal, -1] },
  erf: { of: [0, -0, inf, -inf, nan, -greatest], is: [0, -0, 1, -1, nan, -1] },
  sin: { of: [0, -0, inf, -inf, nan, -leastNormal], is: [0, -0, nan, nan, nan, -leastNormal] },
  cos: { of: [0, -0, inf, -inf, nan, leastNormal], is: [1, 1, nan, nan, nan, 1] },
};

describe.skipIf(!hasSoftwareGpu)("on SwiftShader", () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await softwareDevice();
  });
  afterAll(() => device.destroy());

  test.for([
    ["one at a time", false],
    ["four at a time", true],
  ] as const)("keep their bounds and JavaScript's special values: %s", async ([, wide]) => {
    for (const fn of ["exp", "log", "tanh", "erf", "sin", "cos"] as const) {
      const apply = await applied(device, fn, wide);
      for (const from of interesting[fn]) {
        const x = neighbours(from, 2 ** 14);
        expectClose(fn, await apply(x), x);
      }
      for (let from = 0; from < everywhere().length; from += CAPACITY) {
        const x = everywhere().slice(from, from + CAPACITY);
        expectClose(fn, await apply(x), x);
      }
      const { of, is } = specials[fn];
      expect([...(await apply(Float32Array.from(of)))], fn).toEqual(is);
    }
  });

  test("pow: where the result is in range, and of any two special values", async () => {
    const apply = await applied(device, "pow", false);
    const x = everywhere().slice(0, CAPACITY);
    const exponents: ((base: number, i: number) => number)[] = [
      (base, i) => (((i * 0.6180339887498949) % 1) * 240 - 120) / Math.log2(Math.abs(base)),
      (_, i) => (i % 17) / 2 - 4,
      (_, i) => (i % 17) - 8,
    ];
    for (const exponent of exponents) {
      const y = x.map(exponent);
      expectClose("pow", await apply(x, y), x, y);
    }
    const some = [0, leastNormal, 0.5, 1 - 2 ** -24, 1, 1 + 2 ** -23, 1.5, 2, 3, 16777215, 16777216, greatest, inf];
    const values = [...some, ...some.map((v) => -v), nan];
    const [a, b] = [values.flatMap((v) => values.map(() => v)), values.flatMap(() => values)].map((v) => Float32Array.from(v)) as [
      Float32Array<ArrayBuffer>,
      Float32Array<ArrayBuffer>,
    ];
    expectClose("pow", await apply(a, b), a, b);
  });
});
