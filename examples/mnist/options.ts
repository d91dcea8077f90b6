import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import type { Settings } from "./train.ts";

export const targets = ["loops"] as const;

export interface Options extends Settings {
  readonly target: (typeof targets)[number];
  readonly json: boolean;
}

/** What the command line asks for; undefined when it wanted help, or was wrong: that is said, and the exit code set (2 for wrong). */
export function readOptions(argv: readonly string[]): Options | undefined {
  const command = new Command("npm run mnist --")
    .description("Trains the 784-128-10 MLP of mlp.ts on MNIST.")
    .option("--epochs <n>", "passes over the 60,000 digits", wholeFrom(1), 8)
    .option("--batch <n>", "digits a step", wholeFrom(1), 32)
    .option("--seed <n>", "fixes the first weights and the order", wholeFrom(0), 1)
    .option("--lr <x>", "Adam's first learning rate; it falls to zero along a line", positive, 1e-3)
    .addOption(new Option("--target <name>", "what to build and run").choices(targets).default("loops"))
    .option("--json", "print the outcome as one JSON object on the last line", false)
    .allowExcessArguments(false)
    .exitOverride();
  try {
    return command.parse(argv, { from: "user" }).opts<Options>();
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode === 0 ? 0 : 2;
    return undefined;
  }
}

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
