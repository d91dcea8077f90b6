import type { Result } from "../row.ts";
import { openTarget, type TargetName } from "../targets/index.ts";
import { adamWork } from "./adam.ts";
import { buildResult } from "./build.ts";
import { bundleResult } from "./bundle.ts";
import { chainWork } from "./chain.ts";
import { cnnWork } from "./cnn.ts";
import { eagerResult } from "./eager.ts";
import { layerNormWork } from "./layernorm.ts";
import { matmulThreadsWork, matmulWork } from "./matmul.ts";
import { mlpLargeWork, mlpWork } from "./mlp.ts";
import { softmaxWork } from "./softmax.ts";
import { startResult } from "./start.ts";
import { compare, type Work } from "./work.ts";

type Run = (target: TargetName) => Promise<readonly Result[]>;

const race =
  (work: () => Work): Run =>
  async (target) =>
    compare(target, await openTarget(target), work());
const only =
  (which: TargetName, run: Run): Run =>
  async (target) =>
    target === which ? run(target) : [];

/** Every work, by a name that `--only` matches. Its bars say which targets it is for. */
export const works: Readonly<Record<string, Run>> = {
  mlp: race(mlpWork),
  "mlp-large": race(mlpLargeWork),
  "mlp-adam": race(adamWork),
  cnn: race(cnnWork),
  "matmul-64": race(() => matmulWork(64)),
  "matmul-128": race(() => matmulWork(128)),
  "matmul-256": race(() => matmulWork(256)),
  "matmul-512": race(() => matmulWork(512)),
  "matmul-1024": race(() => matmulWork(1024)),
  "matmul-256-threads": race(() => matmulThreadsWork(256)),
  "matmul-512-threads": race(() => matmulThreadsWork(512)),
  "matmul-1024-threads": race(() => matmulThreadsWork(1024)),
  chain: race(chainWork),
  softmax: race(softmaxWork),
  layernorm: race(layerNormWork),
  bundle: async (target) => [await bundleResult(target)],
  start: only("wasm", async (target) => [await startResult(target)]),
  eager: only("loops", async () => [await eagerResult()]),
  build: only("loops", async () => [buildResult()]),
};
