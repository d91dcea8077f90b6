import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Absent, orAbsent } from "../absent.ts";
import { bundle } from "../bundle/bundle.ts";
import { summarize } from "../measure/race.ts";
import { type Result, rowOf } from "../row.ts";
import type { TargetName } from "../targets/index.ts";

const ROUNDS = 15;
const NOTHING = fileURLToPath(import.meta.resolve("../bundle/nothing.mjs"));
const OURS = import.meta.resolve("../bundle/first-step.ts");
const THEIRS = import.meta.resolve("../bundle/first-step.jax-js.ts");

/** From the start of a process to the end of the MLP's first step, less what Node takes to do nothing: ours against jax-js, both bundled, whole processes, in turns. */
export async function startResult(target: TargetName): Promise<Result> {
  const id = `${target}/start-mlp/jax-js`;
  const built = await orAbsent(Promise.all([OURS, THEIRS].map((program) => bundle(program, target, "node"))));
  if (built instanceof Absent) return { id, note: `skipped: ${built.message}` };
  const programs = [NOTHING, ...built.map(({ file }) => file)];
  const times = programs.map((): number[] => []);
  for (let round = 0; round < ROUNDS; round++) for (const [i, program] of programs.entries()) times[i]!.push(millisecondsOf(program));
  const [bare, ours, theirs] = times.map(summarize) as [Timing, Timing, Timing];
  const above = (of: keyof Timing, it: Timing): number => it[of] - bare[of];
  const row = rowOf({ id, ours: above("best", ours), theirs: above("best", theirs), unit: "ms", better: "less", atLeast: 1 / 0.2 });
  const medians = above("median", theirs) / above("median", ours);
  return { id, row, note: `${medians.toFixed(2)}x between medians; Node alone ${bare.best.toFixed(0)} ms` };
}

type Timing = ReturnType<typeof summarize>;

function millisecondsOf(program: string): number {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8" });
  if (status !== 0) throw new Error(`bench: ${program} failed with ${status}:\n${stderr}`);
  return performance.now() - start;
}
