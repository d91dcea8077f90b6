/** `npm run bench -- --target loops [--json]`: this against its peers, every ratio from one run, every result checked before it is timed. */
import { join, relative } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { build } from "../cli/build.ts";
import { describeMachine, describeVersions } from "./measure/machine.ts";
import type { Result, Row } from "./row.ts";
import { showTable } from "./table.ts";
import { openTarget, type TargetName, targetNames } from "./targets/index.ts";
import { buildResult } from "./works/build.ts";
import { bundleResult } from "./works/bundle.ts";
import { eagerResult } from "./works/eager.ts";
import { matmulWork } from "./works/matmul.ts";
import { mlpWork } from "./works/mlp.ts";
import { compare } from "./works/work.ts";

const PACKAGES = ["@tensorflow/tfjs-core", "@tensorflow/tfjs-backend-cpu", "@tensorflow/tfjs-backend-wasm", "esbuild", "ts-morph"];

/** Every work, by a name that `--only` matches. */
const works: Readonly<Record<string, (target: TargetName) => Promise<Result[]>>> = {
  mlp: async (target) => compare(await openTarget(target), mlpWork()),
  "matmul-64": async (target) => compare(await openTarget(target), matmulWork(64)),
  "matmul-128": async (target) => compare(await openTarget(target), matmulWork(128)),
  "matmul-256": async (target) => compare(await openTarget(target), matmulWork(256)),
  "matmul-512": async (target) => compare(await openTarget(target), matmulWork(512)),
  bundle: async (target) => [await bundleResult(target)],
  eager: async () => [await eagerResult()],
  build: async () => [buildResult()],
};

const root = join(import.meta.dirname, "..");
const MODELS = ["bench/models/mlp.ts", "bench/models/matmul.ts", "examples/mnist/mlp.ts"];

/** What is measured is what today's compiler writes. */
async function refuseStale(target: TargetName): Promise<void> {
  const stale = (await Promise.all(MODELS.map((model) => build(join(root, model), { target, check: true })))).flat();
  if (stale.length === 0) return;
  const files = stale.map((file) => relative(root, file)).join(", ");
  throw new CommanderError(1, "stale", `error: stale: ${files}\nRun: npm run cotangent -- build ${MODELS.join(" ")}`);
}

interface Options {
  readonly target: TargetName;
  readonly only: string;
  readonly json: boolean;
}

async function main({ target, only, json }: Options): Promise<void> {
  const machine = describeMachine();
  const versions = describeVersions(PACKAGES);
  if (!json) console.log(`${machine.cpu}, ${machine.cores} cores, Node ${versions.node}`);
  const chosen = Object.entries(works).filter(([name]) => name.includes(only));
  if (chosen.length === 0) throw new CommanderError(2, "unmatched", `error: --only ${only}: there are ${Object.keys(works).join(", ")}`);
  await refuseStale(target);

  const rows: Row[] = [];
  for (const [, work] of chosen) {
    const results = await work(target);
    rows.push(...results.flatMap(({ row }) => (row ? [row] : [])));
    if (json) for (const { id, row, note } of results) console.error(row ? `${id}: done` : `${id}: ${note}`);
    else console.log(showTable(results));
  }
  if (json) console.log(JSON.stringify({ machine, versions, rows }));
}

const command = new Command("npm run bench --")
  .description("Measures a target of Cotangent against its peers: each line is one work and one peer, timed in the same minutes.")
  .addOption(new Option("--target <name>", "what to measure").choices(targetNames).default("loops"))
  .option("--only <part>", "the works whose name contains this", "")
  .option("--json", "print one JSON object as the last line", false)
  .allowExcessArguments(false)
  .exitOverride()
  .action(main);

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  const own = !error.code.startsWith("commander.");
  if (own) console.error(error.message);
  process.exitCode = own || error.exitCode === 0 ? error.exitCode : 2;
}
