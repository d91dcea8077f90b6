import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { defaultTarget, type Target, targetNames } from "../../cli/targets.ts";
import { type ModelName, models } from "./models.ts";
import type { Settings } from "./train.ts";

export interface Options extends Settings {
  readonly model: ModelName;
  readonly target: Target;
  readonly threads: number;
  readonly json: boolean;
}

/** What the command line asks for; undefined when it wanted help, or was wrong: that is said, and the exit code set (2 for wrong). */
export function readOptions(argv: readonly string[]): Options | undefined {
  const command = new Command("npm run mnist --")
    .description("Trains a network on MNIST: the MLP of mlp.ts, or the convolutions of cnn.ts.")
    .addOption(new Option("--model <name>", "which network").choices(Object.keys(models)).default("mlp"))
    .option("--epochs <n>", "passes over the 60,000 digits", wholeFrom(1), 8)
    .option("--batch <n>", "digits a step", wholeFrom(1), 32)
    .option("--seed <n>", "fixes the first weights and the order", wholeFrom(0), 1)
    .option("--lr <x>", `Adam's first learning rate; it falls to zero along a line (default: ${rates})`, positive)
    .addOption(new Option("--target <name>", "what to build and run").choices(targetNames).default(defaultTarget))
    .option("--threads <n>", "how many share each step; loops run on one", wholeFrom(1), 1)
    .option("--json", "print the outcome as one JSON object on the last line", false)
    .allowExcessArguments(false)
    .exitOverride();
  try {
    const given = command.parse(argv, { from: "user" }).opts<Omit<Options, "lr"> & Partial<Options>>();
    if (given.target !== "wasm" && given.threads > 1) command.error("error: option '--threads <n>' needs the target wasm");
    return { lr: models[given.model].lr, ...given };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return undefined;
  }
}

const rates = Object.entries(models)
  .map(([name, { lr }]) => `${lr} for ${name}`)
  .join(", ");

function wholeFrom(least: number): (text: string) => number {
  return (text) => {
    if (!/^\d+$/.test(text) || Number(text) < least) throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`);
    return Number(text);
  };
}

function positive(text: string): number {
  if (!(Number(text) > 0 && Number(text) < Infinity)) throw new InvalidArgumentError("It must be a positive number.");
  return Number(text);
}
