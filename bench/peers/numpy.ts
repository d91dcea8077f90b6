import type { Library } from "../library.ts";
import { pythonLibrary } from "./python/library.ts";

/** NumPy over OpenBLAS: a step written by hand. */
export const open = (): Promise<Library> => pythonLibrary("numpy", ["mlp"]);
