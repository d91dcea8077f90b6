/** `npm run mnist`: builds the model, trains it on MNIST, draws what came of it, saves it, and checks that what was saved scores the same. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { BuildError, build } from "../../cli/build.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { loadMnist } from "./data.ts";
import { type Options, readOptions } from "./options.ts";
import { drawCurve, drawMistakes } from "./pictures.ts";
import { scoreOn } from "./score.ts";
import { type Mlp, showScore, train } from "./train.ts";

/** How to load the module that each target's build writes. */
const loaders = {
  loops: async (): Promise<Mlp> => (await import("./mlp.loops.ts")).default(),
} as const satisfies Record<Options["target"], () => Promise<Mlp>>;

const here = import.meta.dirname;

async function main({ target, json, ...settings }: Options): Promise<void> {
  await build(join(here, "mlp.ts"), { target });
  const mlp = await loaders[target]();
  const data = loadMnist();
  const { p, losses, scores, secondsPerEpoch } = await train(mlp, data, settings);
  const score = scores.at(-1)!;

  const out = join(here, "out");
  mkdirSync(out, { recursive: true });
  const [curve, mistakes, checkpoint] = [join(out, "curve.svg"), join(out, "mistakes.svg"), join(out, "mlp.safetensors")];
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

const options = readOptions(process.argv.slice(2));
if (options) {
  try {
    await main(options);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
