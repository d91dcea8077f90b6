/** A Program with its sizes as compute pipelines over one buffer. */
import type { Program } from "../../codegen/program.ts";
import { evaluateDim } from "../../dsl/dim.ts";
import type { Value } from "../../dsl/value.ts";
import { prelude } from "./spell.ts";
import { invocations, kernelText, lane, mostGroups } from "./spike.ts";

type Plan = Pick<Program, "kernels" | "memory">;

/** `run` dispatches the kernels in order. */
export async function instantiate(device: GPUDevice, { kernels, memory }: Plan, sizes: Readonly<Record<string, number>>) {
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  const arena = device.createBuffer({ size: evaluateDim(memory.bytes, sizes), usage: STORAGE | COPY_SRC | COPY_DST });
  const entry = { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: "storage" } } as const;
  const group = device.createBindGroupLayout({ entries: [entry] });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [group] });
  const offset = (v: Value): number => evaluateDim(memory.slots.get(v)?.offset ?? Number.NaN, sizes);
  const shaders = await Promise.all(
    kernels.map(async (kernel) => {
      const module = device.createShaderModule({ code: prelude + kernelText(kernel, offset, sizes) });
      const groups = Math.ceil(invocations(kernel, sizes) / lane);
      return { groups, pipeline: await device.createComputePipelineAsync({ layout, compute: { module } }) };
    }),
  );
  const bindings = device.createBindGroup({ layout: group, entries: [{ binding: 0, resource: { buffer: arena } }] });
  const run = (): void => {
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    pass.setBindGroup(0, bindings);
    for (const { groups, pipeline } of shaders) {
      pass.setPipeline(pipeline);
      pass.dispatchWorkgroups(Math.min(groups, mostGroups), Math.ceil(groups / mostGroups));
    }
    pass.end();
    device.queue.submit([encoder.finish()]);
  };
  return { arena, run };
}
