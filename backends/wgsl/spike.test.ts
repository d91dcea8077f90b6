import { test } from "vitest";
import { measureCore } from "../core.test-source.ts";
import { type Start, trainBesideLoops } from "../spike.test-source.ts";
import { prepare } from "./spike.ts";
import { softwareGpu } from "./swiftshader.ts";

test("x", async () => {
  console.time("gpu");
  const gpu = await softwareGpu();
  const adapter = await gpu.requestAdapter();
  const device = await adapter!.requestDevice();
  console.timeEnd("gpu");
  const start: Start = async (plan, sizes) => {
    const { arena, run } = await prepare(device, plan, sizes);
    const out = device.createBuffer({ size: arena.size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
    return {
      write: (byte, words) => device.queue.writeBuffer(arena, byte, words),
      run,
      read: async () => {
        const encoder = device.createCommandEncoder();
        encoder.copyBufferToBuffer(arena, 0, out, 0, arena.size);
        device.queue.submit([encoder.finish()]);
        await out.mapAsync(GPUMapMode.READ);
        const bytes = out.getMappedRange().slice(0);
        out.unmap();
        return bytes;
      },
    };
  };
  
  for (const o of [
    { batch: 32, taken: 0 },
    { batch: 32, taken: 1000 },
    { fuse: false, reuse: false, batch: 5, taken: 0 },
    { fuse: false, reuse: false, batch: 5, taken: 1000 },
  ]) {
    const t0 = performance.now();
    const r = await trainBesideLoops(start, o);
    for (const st of [0, 1, 2])
      console.log(
        r.kernels,
        st,
        r.found
          .filter((f) => f.step === st)
          .map((f) => f.path + " " + f.apart.toExponential(1))
          .join(" | "),
      );
    console.log(performance.now() - t0);
  }
}, 60000);
