import type { Library } from "../library.ts";
import { pythonLibrary } from "./python/library.ts";

/** PyTorch on the CPU, eager. */
export const open = (): Promise<Library> => pythonLibrary("torch", ["cnn"]);
