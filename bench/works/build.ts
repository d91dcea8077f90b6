import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { summarize } from "../measure/race.ts";
import { type Result, rowOf } from "../row.ts";

const ROUNDS = 5;
const root = join(import.meta.dirname, "..", "..");
const MODEL = "examples/mnist/mlp.ts";

/** `cotangent build` of the MNIST example against ts-morph alone loading and checking the same file: whole processes, in turns. */
export function buildResult(): Result {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(secondsOf(["cli/main.ts", "build", MODEL]));
    theirs.push(secondsOf([fileURLToPath(import.meta.resolve("./ts-morph-alone.ts")), MODEL]));
  }
  const [mine, alone] = [summarize(ours), summarize(theirs)];
  const row = rowOf({ id: "build/mnist/ts-morph", ours: mine.best, theirs: alone.best, unit: "s", better: "less", atLeast: 1 / 2 });
  return { id: row.id, row, note: `${(mine.median / alone.median).toFixed(2)}x its time between medians` };
}

function secondsOf(args: readonly string[]): number {
  const start = performance.now();
  const { status, stderr, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`bench: node ${args.join(" ")} failed with ${status}:\n${stdout}${stderr}`);
  return (performance.now() - start) / 1000;
}
