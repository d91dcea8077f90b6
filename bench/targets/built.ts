import type { CompiledModule } from "cotangent";
import { Absent } from "../absent.ts";
import type { Library } from "../library.ts";
import { versionOf } from "../measure/machine.ts";
import { chain, exp, layerNorm, softmax } from "./memory.ts";
import { multiply } from "./multiply.ts";
import { trainAdam, trainCnn, trainMlp } from "./train.ts";

interface Models {
  readonly adam: typeof import("../models/adam.ts");
  readonly chain: typeof import("../models/chain.ts");
  readonly cnn: typeof import("../models/cnn.ts");
  readonly layernorm: typeof import("../models/layernorm.ts");
  readonly matmul: typeof import("../models/matmul.ts");
  readonly mlp: typeof import("../models/mlp.ts");
  readonly "mlp-large": typeof import("../models/mlp-large.ts");
  readonly softmax: typeof import("../models/softmax.ts");
}
interface LoadOptions {
  readonly threads?: number;
}
/** What a target made of the models: default exports of generated modules, which have the same call types whichever the target. */
export type Built = { readonly [M in keyof Models]?: (options?: LoadOptions) => Promise<CompiledModule<Models[M]>> };
/** Loads the module of a model. Throws `Absent` where it is not built. */
export type Open = <M extends keyof Models>(model: M, options?: LoadOptions) => Promise<CompiledModule<Models[M]>>;

/** A target of ours: each work by the modules that it built. */
export function builtLibrary(name: string, built: Built): Library {
  const open: Open = (model, options) => {
    const load = built[model];
    if (!load) throw new Absent(`models/${model}.${name}.ts is not built`);
    return load(options);
  };
  return {
    name,
    version: versionOf("cotangent"),
    does: {
      matmul: multiply(open),
      mlp: trainMlp(open),
      adam: trainAdam(open),
      cnn: trainCnn(open),
      chain: chain(open),
      softmax: softmax(open),
      exp: exp(open),
      layerNorm: layerNorm(open),
    },
  };
}
