/** The GPU that a module runs on: found, asked for all that it has, shared by the module's sessions. */
import { Buffers } from "./buffers.ts";

export interface LoadOptions {
  /** A device of yours: then what is on it stays yours to lose or destroy. Without it one is asked for, the same for all modules. */
  readonly device?: GPUDevice;
  /** Where to ask for a device, if the first adapter that there is will not do. */
  readonly adapter?: GPUAdapter;
}

/** A device, with what its sessions share. */
export interface Gpu {
  readonly device: GPUDevice;
  /** What every shader is given: 0 is the arena, 1 the sizes. */
  readonly layout: GPUBindGroupLayout;
  /** Buffers to copy to and from, and buffers that can be mapped. */
  readonly copies: Buffers;
  readonly mappable: Buffers;
  /** Why it is no longer there. */
  lost?: string;
}

// By the specification; these are not globals in Node.
export const Usage = { MAP_READ: 0x1, COPY_SRC: 0x4, COPY_DST: 0x8, UNIFORM: 0x40, STORAGE: 0x80 } as const;
const COMPUTE = 0x4;

/** Adapters have more than devices are given unless it is asked for. */
const limits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
] as const;
const features = ["shader-f16", "subgroups"] as const;

const gpus = new WeakMap<GPUDevice, Gpu>();

export const gpuFor = async ({ device, adapter }: LoadOptions): Promise<Gpu> =>
  gpuOf(device ?? (await (adapter ? deviceOf(adapter) : findDevice())));

let shared: Promise<GPUDevice> | undefined;
/** The one that modules share unless they are given another: the same as long as it is there. */
export function findDevice(): Promise<GPUDevice> {
  const forget = (): void => {
    shared = undefined;
  };
  shared ??= findAdapter().then(deviceOf);
  shared.then(({ lost }) => lost.then(forget), forget);
  return shared;
}

function gpuOf(device: GPUDevice): Gpu {
  const known = gpus.get(device);
  if (known) return known;
  const layout = device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: COMPUTE, buffer: { type: "storage" } },
      { binding: 1, visibility: COMPUTE, buffer: { type: "uniform" } },
    ],
  });
  const gpu: Gpu = {
    device,
    layout,
    copies: new Buffers(device, Usage.COPY_SRC | Usage.COPY_DST),
    mappable: new Buffers(device, Usage.MAP_READ | Usage.COPY_DST),
  };
  gpus.set(device, gpu);
  void device.lost.then(({ reason, message }) => {
    gpu.lost = `the GPU's device was lost (${reason}${message && `: ${message}`})`;
  });
  return gpu;
}

const deviceOf = (adapter: GPUAdapter): Promise<GPUDevice> =>
  adapter.requestDevice({
    label: "cotangent",
    requiredFeatures: features.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
  });

const OTHERWISE = "or build for another target: cotangent build MODEL.ts --target wasm";

async function findAdapter(): Promise<GPUAdapter> {
  const adapter = await (await findGpu()).requestAdapter({ powerPreference: "high-performance" });
  if (adapter) return adapter;
  throw new Error(
    `cotangent: WebGPU is here, but no GPU that it could use: update the driver (on Linux: Vulkan, of which vulkaninfo tells), ${OTHERWISE}`,
  );
}

/** Dawn's instance has to outlive its devices. */
let dawn: GPU | undefined;

async function findGpu(): Promise<GPU> {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: GPU } };
  if (navigator?.gpu) return navigator.gpu;
  // Not for bundlers to find: pages have no use for it.
  const dawnPackage = "webgpu";
  try {
    const { create } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ dawnPackage)) as { create(options: string[]): GPU };
    dawn ??= create([]);
    return dawn;
  } catch (cause) {
    throw new Error(
      `cotangent: there is no WebGPU here: in Node, npm install webgpu; in a browser, take one that has it, and serve the page over https or from localhost; ${OTHERWISE}`,
      { cause },
    );
  }
}
