import type { Library } from "../library.ts";

/** Every target of ours by its name. A target is one file here and one row. */
const targets = {
  loops: () => import("./loops.ts"),
  wasm: () => import("./wasm.ts"),
} as const satisfies Record<string, () => Promise<{ open(): Promise<Library> }>>;

export type TargetName = keyof typeof targets;
export const targetNames = Object.keys(targets) as readonly TargetName[];

export const openTarget = async (name: TargetName): Promise<Library> => (await targets[name]()).open();
