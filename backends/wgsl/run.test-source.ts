/** Programs run from their shaders, without a loader: what the tests of kernels use. */
import { bytesOf } from "../../codegen/memory.ts";
import { type CompileOptions, compile } from "../../codegen/pipeline.ts";
import type { Program } from "../../codegen/program.ts";
import type { Sample } from "../../codegen/random-graph.test-source.ts";
import { evaluateDim } from "../../dsl/dim.ts";
import { concrete, type Value } from "../../dsl/value.ts";
import { emitShaders, type ShaderOptions } from "./kernel.ts";
import { MOST_GROUPS, type Shader, UNIT } from "./shader.ts";
import { softwareGpu } from "./swiftshader.ts";

export type Plan = Pick<Program, "kernels" | "memory"> & Partial<Pick<Program, "dims" | "outputs">>;
export type Sizes = Readonly<Record<string, number>>;

export async function softwareDevice(): Promise<GPUDevice> {
  const adapter = await (await softwareGpu()).requestAdapter();
  return (await adapter?.requestDevice()) as GPUDevice;
}

export interface RunOptions extends ShaderOptions {
  /** What there is of workgroup memory, if less than the device has. */
  readonly workgroupBytes?: number;
}

/** Kernels with a memory of their own: write words, run, read. A bool takes a word. */
export async function start(device: GPUDevice, plan: Plan, sizes: Sizes, { workgroupBytes = 16384, ...options }: RunOptions = {}) {
  const dims = plan.dims ?? (Object.keys(sizes).map((name) => ({ name })) as unknown as Program["dims"]);
  const room = Object.fromEntries(dims.map(({ name }) => [name, Math.ceil((sizes[name] as number) / UNIT) * UNIT]));
  const fitting = (shader: Shader): readonly Shader[] =>
    shader.workgroupBytes > workgroupBytes && shader.otherwise ? shader.otherwise.flatMap(fitting) : [shader];
  const shaders = emitShaders({ outputs: [], ...plan, dims }, options).flatMap(fitting);
  const words = Math.ceil(evaluateDim(plan.memory.bytes, room) / 16) * 16;
  const bytes = words + Math.max(16, ...shaders.map(({ scratch }) => evaluateDim(scratch, room)));

  const { STORAGE, UNIFORM, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const arena = device.createBuffer({ size: Math.ceil(bytes / 16) * 16, usage: STORAGE | COPY_SRC | COPY_DST });
  const uniform = device.createBuffer({ size: Math.max(16, Math.ceil(dims.length / 2) * 16), usage: UNIFORM | COPY_DST });
  device.queue.writeBuffer(uniform, 0, Int32Array.from([sizes, room].flatMap((of) => dims.map(({ name }) => of[name] as number))));
  const visibility = GPUShaderStage.COMPUTE;
  const bindings = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility, buffer: { type: "storage" } },
      { binding: 1, visibility, buffer: { type: "uniform" } },
    ],
  });
  const layout = device.createPipelineLayout({ bindGroupLayouts: [bindings] });
  const bound = device.createBindGroup({
    layout: bindings,
    entries: [
      { binding: 0, resource: { buffer: arena } },
      { binding: 1, resource: { buffer: uniform } },
    ],
  });
  const pipelines = await Promise.all(
    shaders.map(async ({ name, code, groups, only }) => {
      device.pushErrorScope("validation");
      const compute = { module: device.createShaderModule({ label: name, code }) };
      const refused = await device.popErrorScope();
      if (refused) throw new Error(`${refused.message}\n${code}`);
      const pipeline = await device.createComputePipelineAsync({ label: name, layout, compute });
      const runs = !only || (evaluateDim(only.dim, sizes) >= only.from && evaluateDim(only.dim, sizes) < only.below);
      return { pipeline, groups: !runs ? 0 : groups.reduce((count, { dim, per }) => count * Math.ceil(evaluateDim(dim, sizes) / per), 1) };
    }),
  );
  return {
    shaders,
    write: (byte: number, data: Int32Array<ArrayBuffer>): void => device.queue.writeBuffer(arena, byte, data),
    run(): void {
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setBindGroup(0, bound);
      for (const { pipeline, groups } of pipelines) {
        if (groups === 0) continue;
        pass.setPipeline(pipeline);
        pass.dispatchWorkgroups(Math.min(groups, MOST_GROUPS), Math.ceil(groups / MOST_GROUPS));
      }
      pass.end();
      device.queue.submit([encoder.finish()]);
    },
    async read(): Promise<ArrayBuffer> {
      const copy = device.createBuffer({ size: arena.size, usage: MAP_READ | COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(arena, 0, copy, 0, arena.size);
      device.queue.submit([encoder.finish()]);
      await copy.mapAsync(GPUMapMode.READ);
      return copy.getMappedRange();
    },
    close(): void {
      arena.destroy();
      uniform.destroy();
    },
  };
}

/** A graph's outputs, for the sizes and inputs of a sample. */
export async function evaluate(
  device: GPUDevice,
  { graph, sizes, inputs }: Pick<Sample, "graph" | "sizes" | "inputs">,
  options: CompileOptions & RunOptions = {},
): Promise<Value[]> {
  const program = compile(graph, { align: UNIT, ...options });
  const machine = await start(device, program, sizes, options);
  const room = Object.fromEntries(program.dims.map(({ name }) => [name, Math.ceil((sizes[name] as number) / UNIT) * UNIT]));
  const byteOf = (v: Value): number => evaluateDim(program.memory.slots.get(v)?.offset ?? Number.NaN, room) * bytesOf(v.dtype);
  const viewOf = (v: Value) => (v.dtype === "f32" ? Float32Array : Int32Array);
  const write = (v: Value, of: Value): void =>
    machine.write(byteOf(v), new Int32Array(viewOf(v).from(of.buffer as ArrayLike<number>).buffer));
  for (const v of program.constants) write(v, v);
  for (const [k, { value }] of program.inputs.entries()) write(value, inputs[k] as Value);
  machine.run();
  const memory = await machine.read();
  const outputs = program.outputs.map(({ value }) => {
    const shape = value.shape.map((d) => evaluateDim(d, sizes));
    const words = new (viewOf(value))(
      memory,
      byteOf(value),
      shape.reduce((a, b) => a * b, 1),
    );
    return concrete(value.dtype === "bool" ? Uint8Array.from(words) : words, shape, value.dtype);
  });
  machine.close();
  return outputs;
}
