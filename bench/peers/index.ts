import type { Library } from "../library.ts";

/** Every peer by its name. A peer is one file here and one row; it is loaded only when a work races against it. */
const peers = {
  "tfjs-cpu": () => import("./tfjs-cpu.ts"),
  "tfjs-wasm": () => import("./tfjs-wasm.ts"),
} as const satisfies Record<string, () => Promise<{ open(): Promise<Library> }>>;

export type PeerName = keyof typeof peers;

/** A peer, or undefined where its package is not installed. */
export async function openPeer(name: PeerName): Promise<Library | undefined> {
  try {
    return await (await peers[name]()).open();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}
