/** What `--target` takes, and what each target makes of programs. A target's packages load when it is asked for. */
import type { ModuleInfo } from "../backends/plan.ts";
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

interface TargetRow {
  /** Values begin at multiples of so many elements. */
  readonly align: number;
  emitter(): Promise<Emit>;
  /** What runs programs in this process, for `check`. */
  runner(): Promise<Runner["run"]>;
}

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
} satisfies Record<string, TargetRow>;

export type Target = keyof typeof targets;
export const defaultTarget: Target = "wasm";
export const targetNames = Object.keys(targets) as readonly Target[];
