import { Absent, orAbsent } from "../absent.ts";
import type { Library } from "../library.ts";

/** Every peer by its name. A peer is one file here and one row; it is loaded only when a work races against it. */
const peers = {
  "tfjs-cpu": () => import("./tfjs-cpu.ts"),
  "tfjs-wasm": () => import("./tfjs-wasm.ts"),
  "onnxruntime-web": () => import("./onnxruntime-web.ts"),
  "onnxruntime-node": () => import("./onnxruntime-node.ts"),
  "jax-js": () => import("./jax-js.ts"),
  numpy: () => import("./numpy.ts"),
  torch: () => import("./torch.ts"),
} as const satisfies Record<string, () => Promise<{ open(): Promise<Library> }>>;

export type PeerName = keyof typeof peers;

const opened = new Map<PeerName, Promise<Library>>();

/** A peer, opened once. Throws `Absent` where it is not installed. */
export function openPeer(name: PeerName): Promise<Library> {
  const library = opened.get(name) ?? open(name);
  opened.set(name, library);
  return library;
}

async function open(name: PeerName): Promise<Library> {
  try {
    return await (await peers[name]()).open();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_MODULE_NOT_FOUND") throw new Absent(`${name} is not installed`);
    throw error;
  }
}

/** The versions of those that were there to be opened. */
export async function peerVersions(): Promise<Record<string, string>> {
  const libraries = await Promise.all([...opened.values()].map(orAbsent));
  return Object.fromEntries(libraries.flatMap((library) => (library instanceof Absent ? [] : [[library.name, library.version]])));
}
