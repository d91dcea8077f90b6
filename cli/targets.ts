/** What `--target` takes, and what each target makes of programs. A target's packages load when it is asked for. */
import type { ModuleInfo } from "../backends/plan.ts";
import type { Shader } from "../backends/wgsl/shader.ts";
import type { Program } from "../codegen/program.ts";
import type { Runner } from "../proofs/kernels.ts";

export interface EmitInfo extends ModuleInfo {
  /** What generated files beside the source are called after. */
  readonly stem: string;
  /** Everything in the one TypeScript file. */
  readonly inline?: boolean;
  /** Also what people read: the WebAssembly text. */
  readonly debug?: boolean;
}
export interface Emitted {
  /** The TypeScript module. */
  readonly text: string;
  readonly beside: readonly { readonly name: string; readonly content: Uint8Array | string }[];
}
type Emit = (programs: readonly Program[], info: EmitInfo) => Emitted;
export type ShadersOf = (program: Program) => readonly Shader[];

export interface TargetRow {
  /** Values begin at multiples of so many elements. */
  readonly align: number;
  emitter(): Promise<Emit>;
  /** What runs programs in this process, for `check`. */
  runner(): Promise<Runner["run"]>;
  /** What a GPU is given, for `explain`. */
  shaders?(): Promise<ShadersOf>;
}

/** What a target runs on is not here: nobody's fault. */
export class Unavailable extends Error {}

export const targets = {
  wasm: {
    align: 4,
    async emitter() {
      const { emitModule } = await import("../backends/wasm/emit.ts");
      return emitModule;
    },
    async runner() {
      const { instantiatePrograms } = await import("../backends/wasm/instantiate.ts");
      return (programs) => instantiatePrograms(programs);
    },
  },
  loops: {
    align: 1,
    async emitter() {
      const { emitModule } = await import("../backends/loops/emit.ts");
      return (programs, info) => ({ text: emitModule(programs, info), beside: [] });
    },
    async runner() {
      const { instantiatePrograms } = await import("../backends/loops/instantiate.ts");
      return instantiatePrograms;
    },
  },
  wgsl: {
    align: 4,
    async emitter() {
      const { emitModule } = await import("../backends/wgsl/emit.ts");
      return (programs, info) => ({ text: emitModule(programs, info), beside: [] });
    },
    async runner() {
      const { findDevice } = await import("../backends/wgsl/device.ts");
      const { instantiatePrograms } = await import("../backends/wgsl/instantiate.ts");
      const device = await findDevice().catch(({ message }: Error) => {
        throw new Unavailable(message);
      });
      return (programs) => instantiatePrograms(programs, { device });
    },
    async shaders() {
      const { emitShaders } = await import("../backends/wgsl/kernel.ts");
      return (program) => emitShaders(program);
    },
  },
} satisfies Record<string, TargetRow>;

export type Target = keyof typeof targets;
export const defaultTarget: Target = "wasm";
export const targetNames = Object.keys(targets) as readonly Target[];
