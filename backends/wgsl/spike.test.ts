import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tensorSpec, trace } from "../../codegen/graph.ts";
import { compile } from "../../codegen/pipeline.ts";
import { evaluateDim } from "../../dsl/dim.ts";
import { softmax } from "../../dsl/lib/softmax.ts";
import type { Value } from "../../dsl/value.ts";
import { spikeTests } from "../spike.test-source.ts";
import { instantiate } from "./instantiate.ts";
import { kernelText } from "./spike.ts";
import { hasSoftwareGpu, softwareGpu } from "./swiftshader.ts";

describe.skipIf(!hasSoftwareGpu)("on SwiftShader, which comes for Linux on x64 only", () => {
  let device: GPUDevice;
  beforeAll(async () => {
    const adapter = await (await softwareGpu()).requestAdapter();
    device = (await adapter?.requestDevice()) as GPUDevice;
  });
  afterAll(() => device.destroy());

  spikeTests(
    async (plan, sizes) => {
      const { arena, run } = await instantiate(device, plan, sizes);
      return {
        write: (byte, words) => device.queue.writeBuffer(arena, byte, words),
        run,
        async read() {
          const copy = device.createBuffer({ size: arena.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
          const encoder = device.createCommandEncoder();
          encoder.copyBufferToBuffer(arena, 0, copy, 0, arena.size);
          device.queue.submit([encoder.finish()]);
          await copy.mapAsync(GPUMapMode.READ);
          return copy.getMappedRange();
        },
      };
    },
    // WGSL asks 2⁻¹¹ of these, within ±π.
    { sin: 2 ** -11, cos: 2 ** -11 },
  );
});

test("a softmax is one shader: one invocation per row", () => {
  const { kernels, memory } = compile(
    trace("probabilities", (x: Value) => softmax(x), [{ name: "x", specs: tensorSpec(["B", 10], "f32") }]),
  );
  const sizes = { B: 32 };
  const offset = (v: Value): number => evaluateDim(memory.slots.get(v)?.offset ?? 0, sizes);
  expect(kernels.map((kernel) => kernelText(kernel, offset, sizes)).join("\n")).toMatchInlineSnapshot(`
    "@compute @workgroup_size(64) fn main(@builtin(global_invocation_id) at: vec3<u32>) {
      var n = i32(at.x + at.y * 4194240);
      if (n >= 32) { return; }
      let i0 = n % 32; n /= 32;
      var max_0 = -bitcast<f32>(infinity);
      for (var k0 = 0i; k0 < 10; k0++) {
        max_0 = max(max_0, bitcast<f32>(arena[0 + ((i0 * 10i) + k0)]));
      }
      var t0: f32;
      if ((abs(max_0) <= f32(3.4028234663852886e+38))) {
        t0 = max_0;
      }
      else {
        t0 = f32(0);
      }
      let select_1 = t0;
      for (var i1 = 0i; i1 < 10; i1++) {
        arena[320 + ((i0 * 10i) + i1)] = bitcast<u32>(exp((bitcast<f32>(arena[0 + ((i0 * 10i) + i1)]) - select_1)));
      }
      var sum_2 = f32(0);
      for (var k0 = 0i; k0 < 10; k0++) {
        sum_2 = (sum_2 + bitcast<f32>(arena[320 + ((i0 * 10i) + k0)]));
      }
      let divide_3 = (f32(1) / sum_2);
      for (var i1 = 0i; i1 < 10; i1++) {
        arena[640 + ((i0 * 10i) + i1)] = bitcast<u32>((bitcast<f32>(arena[320 + ((i0 * 10i) + i1)]) * divide_3));
      }
    }
    "
  `);
});
