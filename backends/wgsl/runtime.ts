/** What ships with a generated WGSL module: its shaders become pipelines when it is loaded, all at once; each session has an arena on the GPU. */
import type { CompiledModule } from "../../dsl/compiled.ts";
import type { Plan } from "../session.ts";
import { type Gpu, gpuFor, type LoadOptions } from "./device.ts";
import type { Dispatch } from "./engine.ts";
import { link } from "./link.ts";

export type { Leaf, Memory as Arena } from "../session.ts";
export type { LoadOptions } from "./device.ts";

interface Code {
  readonly name: string;
  readonly code: string;
  readonly workgroupBytes?: number;
  /** What runs in its place where the device has less workgroup memory. */
  readonly otherwise?: readonly Code[];
  /** How many workgroups there are. */
  groups(d: readonly number[]): number;
}
export interface WgslPlan extends Plan {
  /** They run one after the other. */
  readonly shaders: readonly Code[];
}

/** The `load` of a generated module. Nothing happens before it is called. */
export const define =
  <M>(plans: Readonly<Record<string, WgslPlan>>) =>
  async (options: LoadOptions = {}): Promise<CompiledModule<M>> => {
    const gpu = await gpuFor(options);
    const layout = gpu.device.createPipelineLayout({ bindGroupLayouts: [gpu.layout] });
    const made = await Promise.all(
      Object.entries(plans).map(async ([name, { shaders }]) => {
        const all = shaders.flatMap((shader) => fitting(gpu, shader));
        return [name, await Promise.all(all.map((shader) => dispatchOf(gpu.device, layout, shader)))] as const;
      }),
    );
    return link<M>(gpu, plans, Object.fromEntries(made));
  };

/** What this device has the workgroup memory for. */
function fitting(gpu: Gpu, shader: Code): readonly Code[] {
  const { name, workgroupBytes = 0, otherwise } = shader;
  const most = gpu.device.limits.maxComputeWorkgroupStorageSize;
  if (workgroupBytes <= most) return [shader];
  if (otherwise) return otherwise.flatMap((other) => fitting(gpu, other));
  throw new Error(
    `cotangent: ${name} needs ${workgroupBytes} bytes of workgroup memory, and this device has ${most} (maxComputeWorkgroupStorageSize): ask the adapter for more`,
  );
}

async function dispatchOf(device: GPUDevice, layout: GPUPipelineLayout, { name, code, groups }: Code): Promise<Dispatch> {
  device.pushErrorScope("validation");
  const module = device.createShaderModule({ label: name, code });
  const wrong = device.popErrorScope();
  try {
    return { pipeline: await device.createComputePipelineAsync({ label: name, layout, compute: { module } }), groups };
  } catch (cause) {
    const why = (await wrong)?.message ?? (cause as Error).message;
    throw new Error(`cotangent: this device does not take the shader ${name}: ${why}`, { cause });
  }
}
