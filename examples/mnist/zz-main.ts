/** `npm run mnist`: builds the model, trains it on MNIST, draws what came of it, saves it, and checks that what was saved scores the same. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { loadMnist } from "./data.ts";
import { drawCurve, drawMistakes } from "./pictures.ts";
import { scoreOn } from "./score.ts";
import { type Mlp, type Settings, showScore, train } from "./train.ts";

/** How to load the module that each target's build writes. */
const targets = {
  loops: async (): Promise<Mlp> => (await import("./mlp.loops.ts")).default(),
} as const;
type Target = keyof typeof targets;

interface Options extends Settings {
  readonly target: Target;
  readonly json: boolean;
}

const here = import.meta.dirname;

async function main({ target, json, ...settings }: Options): Promise<void> {
  const mlp = await targets[target]();
  const data = loadMnist();
  const { p, losses, scores, secondsPerEpoch } = await train(mlp, data, settings);
  const score = scores.at(-1)!;

  const out = join(here, "out");
  mkdirSync(out, { recursive: true });
  const [curve, mistakes, checkpoint] = ["curve.svg", "mistakes.svg", "mlp.safetensors"].map((name) => join(out, name)) as [
    string,
    string,
    string,
  ];
  writeFileSync(curve, drawCurve({ losses, scores }));
  writeFileSync(mistakes, drawMistakes(data.test, score.mistakes));
  await saveCheckpoint(checkpoint, p, {
    epochs: String(settings.epochs),
    seed: String(settings.seed),
    testAccuracy: String(score.accuracy),
  });

  const reloaded = await scoreOn(mlp, loadCheckpoint(checkpoint), data.test);
  if (reloaded.accuracy !== score.accuracy || reloaded.loss !== score.loss) {
    throw new Error(
      `internal: the checkpoint scores otherwise than the model it was made of: ${showScore(reloaded)}, not ${showScore(score)}`,
    );
  }
  const shown = (file: string): string => relative(process.cwd(), file);
  console.log(`${showScore(score)}, ${secondsPerEpoch.toFixed(1)} s an epoch`);
  console.log(`drawn: ${shown(curve)}, ${shown(mistakes)}; saved, reloaded, scoring the same: ${shown(checkpoint)}`);
  if (json) {
    const { epochs } = settings;
    console.log(JSON.stringify({ testAccuracy: score.accuracy, epochs, target, secondsPerEpoch, checkpoint, pictures: [curve, mistakes] }));
  }
}

const whole =
  (least: number) =>
  (text: string): number => {
    const n = Number(text);
    if (text.trim() === "" || !Number.isSafeInteger(n) || n < least)
      throw new InvalidArgumentError(`It must be a whole number, at least ${least}.`);
    return n;
  };
const positive = (text: string): number => {
  const n = Number(text);
  if (!(Number.isFinite(n) && n > 0)) throw new InvalidArgumentError("It must be a positive number.");
  return n;
};

const command = new Command("npm run mnist --")
  .description("Trains the 784-128-10 MLP of mlp.ts on MNIST.")
  .option("--epochs <n>", "passes over the 60,000 digits", whole(1), 6)
  .option("--batch <n>", "digits a step", whole(1), 32)
  .option("--seed <n>", "fixes first weights and order", whole(0), 1)
  .option("--lr <x>", "Adam's first learning rate; it falls to zero along a line", positive, 1e-3)
  .addOption(new Option("--target <name>", "what to build and run").choices(Object.keys(targets)).default("loops"))
  .option("--json", "print the outcome as one JSON object on the last line", false)
  .allowExcessArguments(false)
  .exitOverride()
  .action(main);

try {
  await command.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : 2;
}
