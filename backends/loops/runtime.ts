/** What ships with generated loops. */
import type { CompiledModule } from "../../dsl/compiled.ts";
import { Arena, link, type Plan } from "../session.ts";

export type { Arena, Leaf } from "../session.ts";
export interface LoopsPlan extends Plan {
  run(arena: Arena, d: readonly number[], max: readonly number[]): void;
}

/** The `load` of a generated module. Nothing happens before it is called. */
export const define =
  <M>(plans: Readonly<Record<string, LoopsPlan>>): (() => Promise<CompiledModule<M>>) =>
  async () =>
    link<M>(plans, (name) => ({ allocate: (bytes) => new Arena(new ArrayBuffer(Math.ceil(bytes / 8) * 8)), run: plans[name]!.run }));
