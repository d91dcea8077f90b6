/** `npm run bench -- --target loops [--json]`: this against its peers, every ratio from one run, every result checked before it is timed. */
import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { Command, CommanderError, Option } from "commander";
import { build } from "../cli/build.ts";
import { describeMachine, versionOf } from "./measure/machine.ts";
import { peerVersions } from "./peers/index.ts";
import type { Row, Run } from "./row.ts";
import { showTable } from "./table.ts";
import { type TargetName, targetNames } from "./targets/index.ts";
import { works } from "./works/index.ts";

const root = join(import.meta.dirname, "..");

/** What is measured is what today's compiler writes: nothing that lies beside a model is stale. */
async function refuseStale(target: TargetName): Promise<void> {
  const models = globSync(`{bench/models,examples/mnist}/*.${target}.ts`, { cwd: root }).map((file) =>
    file.replace(`.${target}.ts`, ".ts"),
  );
  const stale = (await Promise.all(models.map((model) => build(join(root, model), { target, check: true })))).flat();
  if (stale.length === 0) return;
  const files = stale.map((file) => relative(root, file)).join(", ");
  throw new CommanderError(1, "stale", `error: stale: ${files}\nRun: npm run cotangent -- build --target ${target} ${models.join(" ")}`);
}

interface Options {
  readonly target: TargetName;
  readonly only: string;
  readonly json: boolean;
}

async function main({ target, only, json }: Options): Promise<void> {
  const machine = describeMachine();
  const { node } = process.versions;
  if (!json) console.log(`${machine.cpu}, ${machine.cores} cores, Node ${node}`);
  const chosen = Object.entries(works).filter(([name]) => name.includes(only));
  if (chosen.length === 0) throw new CommanderError(2, "unmatched", `error: --only ${only}: there are ${Object.keys(works).join(", ")}`);
  await refuseStale(target);

  const rows: Row[] = [];
  for (const [, work] of chosen) {
    const results = await work(target);
    rows.push(...results.flatMap(({ row }) => (row ? [row] : [])));
    if (json) for (const { id, row, note } of results) console.error(row ? `${id}: done` : `${id}: ${note}`);
    else if (results.length > 0) console.log(showTable(results));
  }
  const versions = {
    node,
    cotangent: versionOf("cotangent"),
    esbuild: versionOf("esbuild"),
    "ts-morph": versionOf("ts-morph"),
    ...(await peerVersions()),
  };
  if (json) console.log(JSON.stringify({ machine, versions, rows } satisfies Run));
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
