/** Trains the MNIST MLP where it is opened. `?steps=100&seed=1&threads=2&module=mlp.simd.wasm` or `&target=wgsl`, none of them needed. */
import { tensor } from "cotangent";
import { CLASSES, type Digits, PIXELS, parseDigits } from "../../mnist/digits.ts";
import type { Params } from "../../mnist/mlp.ts";
import { readLogits, scoreOn } from "../../mnist/score.ts";
import { chart, type Point } from "./chart.ts";
import { digitOn, drawable } from "./pad.ts";
import { type Mlp, train } from "./training.ts";

/** Steps between two scores on the test digits. */
const SCORED = 100;
/** How many losses the curve's mean is over. */
const WINDOW = 50;
/** Points of a line: more than these cannot be told apart. */
const POINTS = 400;

const query = new URLSearchParams(location.search);
const onGpu = query.get("target") === "wgsl";
const numberIn = (name: string, otherwise: number): number => {
  const value = Number(query.get(name) ?? otherwise);
  if (!Number.isInteger(value) || value < 1) throw new Error(`?${name}= must be a positive integer: ${query.get(name)}`);
  return value;
};

const element = <E extends Element = HTMLElement>(id: string): E => document.querySelector(`#${id}`) as E;
const write = (id: string, text: string): void => void (element(id).textContent = text);
const percent = (part: number, digits = 0): string => `${(100 * part).toFixed(digits)} %`;
const nextFrame = (): Promise<unknown> => new Promise(requestAnimationFrame);

/** What the page is at: `loading`, `training`, `trained`, `failed`. */
const enter = (state: string, text: string): void => {
  document.body.dataset.state = state;
  write("status", text);
};

async function fetchDigits(set: "train" | "t10k"): Promise<Digits> {
  const [images, labels] = await Promise.all(
    [`${set}-images-idx3-ubyte`, `${set}-labels-idx1-ubyte`].map(async (name) => {
      const response = await fetch(name);
      if (!response.ok) throw new Error(`${name}: ${response.status} ${response.statusText}`);
      return { name, bytes: new Uint8Array(await response.arrayBuffer()) };
    }),
  );
  return parseDigits(images!, labels!);
}

async function loadModel(): Promise<Mlp> {
  if (onGpu) return (await import("../../mnist/mlp.wgsl.ts")).default();
  const { default: load } = await import("../../mnist/mlp.wasm.ts");
  const module = query.get("module");
  return load({ threads: numberIn("threads", 1), ...(module && { module: new URL(module, document.baseURI) }) });
}

const lossChart = chart(element("losses"), { from: 0.01, to: 3, ticks: [0.01, 0.03, 0.1, 0.3, 1, 3], logarithmic: true, show: String });
const [drawEach, drawMean] = [lossChart("each"), lossChart("mean")];
const drawAccuracy = chart(element("accuracies"), { from: 0.8, to: 1, ticks: [0.8, 0.9, 0.95, 1], show: percent })("accuracy");

function drawLosses(losses: readonly number[], steps: number): void {
  const each: Point[] = [];
  const means: Point[] = [];
  const stride = Math.ceil(losses.length / POINTS);
  for (let step = 0; step < losses.length; step += stride) {
    each.push([step / steps, losses[step]!]);
    means.push([step / steps, meanOfLast(losses, step + 1)]);
  }
  drawEach(each);
  drawMean(means);
}

const meanOfLast = (losses: readonly number[], end: number): number => {
  const last = losses.slice(Math.max(0, end - WINDOW), end);
  return last.reduce((sum, loss) => sum + loss, 0) / last.length;
};

async function run(mlp: Mlp, digits: { train: Digits; test: Digits }, seed: number, learned: (p: Params) => void): Promise<void> {
  const steps = numberIn("steps", 3000);
  const accuracies: Point[] = [];
  let next = 0;
  enter("training", `${digits.train.count.toLocaleString("en")} digits, in batches of 32`);
  for await (const { losses, milliseconds, params } of train(mlp, digits.train, { steps, seed })) {
    // For the console.
    Object.assign(globalThis, { losses });
    write("step", losses.length.toLocaleString("en"));
    write("loss", meanOfLast(losses, losses.length).toFixed(3));
    write("speed", Math.round(losses.length / (milliseconds / 1000)).toLocaleString("en"));
    drawLosses(losses, steps);
    if (losses.length >= next || losses.length === steps) {
      next = losses.length + SCORED;
      const p = await params();
      const { accuracy } = await scoreOn((pixels, count) => mlp.logits(p, tensor(pixels, [count, PIXELS])), digits.test);
      accuracies.push([losses.length / steps, accuracy]);
      write("accuracy", percent(accuracy, 1));
      drawAccuracy(accuracies);
      learned(p);
    }
    await nextFrame();
  }
  enter("trained", `Trained on ${steps.toLocaleString("en")} batches of 32.`);
}

/** The drawn digit, read again whenever it or what was learned changes. */
function readDrawn(mlp: Mlp): (p: Params) => void {
  const bars = Array.from({ length: CLASSES }, (_, digit) => {
    const bar = document.createElement("li");
    bar.append(String(digit), document.createElement("span"), document.createElement("data"));
    return element("bars").appendChild(bar);
  });
  let params: Params | undefined;
  const readAgain = async (): Promise<void> => {
    const digit = digitOn(element("pad"), element("seen"));
    if (!params) return;
    const read = digit && readLogits(await mlp.logits(params, tensor(digit, [1, PIXELS])).data());
    write("reading", read ? `It reads a ${read.surest}.` : "Draw one, also while it trains.");
    for (const [digit, bar] of bars.entries()) {
      const part = read?.probabilities[digit] ?? 0;
      bar.classList.toggle("surest", read?.surest === digit);
      bar.querySelector("span")?.style.setProperty("--part", String(part));
      bar.querySelector("data")!.textContent = read ? percent(part) : "";
    }
  };
  const pad = drawable(element("pad"), readAgain);
  element("clear").addEventListener("click", pad.clear);
  return (p) => {
    params = p;
    void readAgain();
  };
}

/** What the page came with, as the browser counted it. */
function factsOf(): string {
  const code = (performance.getEntriesByType("resource") as PerformanceResourceTiming[]).flatMap(({ name, decodedBodySize }) => {
    const file = name.slice(name.lastIndexOf("/") + 1);
    return /\.(js|wasm)$/.test(file) ? [`${file} ${(decodedBodySize / 1024).toFixed(1)} KB`] : [];
  });
  const threads = numberIn("threads", 1);
  return [
    ...code,
    onGpu ? "on the GPU" : `${threads} thread${threads > 1 ? "s" : ""}`,
    `${crossOriginIsolated ? "" : "not "}cross-origin isolated`,
  ].join(" · ");
}

try {
  enter("loading", "Loading…");
  const [mlp, train, test] = await Promise.all([loadModel(), fetchDigits("train"), fetchDigits("t10k")]);
  write("facts", factsOf());
  const learned = readDrawn(mlp);
  const again = element<HTMLButtonElement>("again");
  let seed = numberIn("seed", 1);
  for (;;) {
    again.disabled = true;
    await run(mlp, { train, test }, seed++, learned);
    again.disabled = false;
    await new Promise((resolve) => again.addEventListener("click", resolve, { once: true }));
  }
} catch (error) {
  enter("failed", String(error));
  throw error;
}
