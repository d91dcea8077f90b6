/**
 * A GPU in software, for tests: Dawn (npm `webgpu`) over SwiftShader, a Vulkan driver for the CPU that `@sparticuz/chromium` carries along
 * with the Vulkan loader. Nothing of it needs to be installed on the machine. Subgroups of 4, no f16, 16 KB of workgroup memory.
 */
import { constants } from "node:os";
import { join } from "node:path";
import { carriesChromium, unpacked } from "./unpack.ts";

export const hasSoftwareGpu: boolean = carriesChromium;

let gpu: Promise<GPU> | undefined;
/** The same one at each call: Dawn's instance must not be collected while its devices live. Not in a worker thread, whose environment is its own. */
export const softwareGpu = (): Promise<GPU> => (gpu ??= makeGpu());

async function makeGpu(): Promise<GPU> {
  const folder = await unpacked("swiftshader", ["swiftshader.tar"]);
  process.env.VK_ICD_FILENAMES = join(folder, "vk_swiftshader_icd.json");
  keepLoaded(join(folder, "libvulkan.so.1"));
  const { create, globals } = await import("webgpu");
  Object.assign(globalThis, globals);
  // Workgroup memory is cleared by the shader then. An initializer SwiftShader compiles into a store for each of its elements: seconds, for 16 KB.
  return create(["disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension"]);
}

/**
 * Maps a library into this process, where Dawn's `dlopen("libvulkan.so.1")` then finds it by name. Node takes it for an addon, which it is not,
 * and says so; RTLD_NODELETE keeps it all the same.
 */
function keepLoaded(library: string): void {
  const RTLD_NODELETE = 0x1000;
  try {
    process.dlopen({ exports: {} }, library, constants.dlopen.RTLD_NOW | RTLD_NODELETE);
  } catch (error) {
    if (!String(error).includes("did not self-register")) throw error;
  }
}
