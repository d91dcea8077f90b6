/** `npm run mnist`: builds the model, trains it on MNIST, draws what came of it, saves it, and checks that what was saved scores the same. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { BuildError, build } from "../../cli/build.ts";
import { loadCheckpoint, saveCheckpoint, type Tree } from "./checkpoint.ts";
import { loadMnist } from "./data.ts";
import { type ModelName, models, type Network } from "./models.ts";
import { type Options, readOptions } from "./options.ts";
import { drawCurve, drawMistakes } from "./pictures.ts";
import { scoreOn } from "./score.ts";
import { showScore, train } from "./train.ts";

const here = import.meta.dirname;

/** Which tensors and images these are, tsc knows for each network. */
const programs: Readonly<Record<ModelName, (options: Options) => Promise<void>>> = {
  mlp: (options) => main(models.mlp, options),
  cnn: (options) => main(models.cnn, options),
};

async function main<P extends Tree, X>(network: Network<P, X>, { model, target, threads, json, ...settings }: Options): Promise<void> {
  await build(join(here, `${model}.ts`), { target });
  const built = await (await network.module(target)).default({ threads });
  const data = loadMnist();
  const { p, losses, scores, secondsPerEpoch } = await train(network, built, data, settings);
  const score = scores.at(-1)!;

  const out = join(here, "out");
  mkdirSync(out, { recursive: true });
  const file = (name: string): string => join(out, `${model}.${name}`);
  const [curve, mistakes, checkpoint] = [file("curve.svg"), file("mistakes.svg"), file("safetensors")];
  writeFileSync(curve, drawCurve(network.title, { losses, scores }));
  writeFileSync(mistakes, drawMistakes(data.test, score.mistakes));
  await saveCheckpoint(checkpoint, p, {
    epochs: String(settings.epochs),
    seed: String(settings.seed),
    testAccuracy: String(score.accuracy),
  });

  const saved = loadCheckpoint(checkpoint, p);
  const reloaded = await scoreOn((pixels, count) => built.logits(saved, network.images(pixels, count)), data.test);
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
    await programs[options.model](options);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  }
}
