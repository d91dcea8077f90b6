import type { Library } from "../library.ts";
import adam from "../models/adam.wasm.ts";
import chain from "../models/chain.wasm.ts";
import cnn from "../models/cnn.wasm.ts";
import layernorm from "../models/layernorm.wasm.ts";
import matmul from "../models/matmul.wasm.ts";
import mlp from "../models/mlp.wasm.ts";
import mlpLarge from "../models/mlp-large.wasm.ts";
import softmax from "../models/softmax.wasm.ts";
import { builtLibrary } from "./built.ts";

/** The modules that `cotangent build` wrote. */
export const open = async (): Promise<Library> =>
  builtLibrary("wasm", { adam, chain, cnn, layernorm, matmul, mlp, "mlp-large": mlpLarge, softmax });
