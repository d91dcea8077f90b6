/** Programs run from their bytes, without a loader: what the tests of kernels use. */
import type { Program } from "../../codegen/program.ts";
import { core } from "../../dsl/core.ts";
import { evaluateDim } from "../../dsl/dim.ts";
import type { Plan, Sizes, Start } from "../machine.test-source.ts";
import { FIRST_BYTE } from "./memory.ts";
import { emitWasm } from "./module.ts";

/** Runs a plan's kernels on this thread. */
export const startWith =
  (fma: boolean): Start =>
  async (plan: Plan, sizes: Sizes) => {
    const names = Object.keys(sizes);
    const program = { outputs: [], ...plan, name: "f", dims: names.map((name) => ({ name })) } as unknown as Program;
    const { bytes, kernels } = emitWasm([program], { fma });
    const room = Math.max(0, ...(kernels[0] ?? []).map(({ room }) => evaluateDim(room.shared, sizes) + evaluateDim(room.own, sizes)));
    const pages = Math.ceil((FIRST_BYTE + evaluateDim(plan.memory.bytes, sizes) + room) / 65536);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: 65536 });
    const { instance } = await WebAssembly.instantiate(bytes, { env: { memory }, core: { ...core, waiting: () => {} } });
    const values = names.map((name) => sizes[name] as number);
    return {
      write: (byte, words) => new Int32Array(memory.buffer).set(words, (FIRST_BYTE + byte) / 4),
      run: () => (instance.exports.f as (...args: number[]) => void)(0, 1, ...values, ...values),
      read: async () => memory.buffer.slice(FIRST_BYTE) as ArrayBuffer,
    };
  };
