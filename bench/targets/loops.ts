import type { Library } from "../library.ts";
import matmul from "../models/matmul.loops.ts";
import mlp from "../models/mlp.loops.ts";
import { builtLibrary } from "./built.ts";

/** The modules that `cotangent build --target loops` wrote. */
export const open = async (): Promise<Library> => builtLibrary("loops", { matmul, mlp });
