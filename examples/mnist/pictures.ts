// ECharts draws SVG text without a browser, a DOM or a canvas.
import { type EChartsOption, init } from "echarts";
import { encode } from "fast-png";
import { type Digits, PIXELS } from "./digits.ts";
import { type History, mean } from "./history.ts";
import type { Mistake, Score } from "./score.ts";

/** Points an epoch on the training curve; each is the mean of the steps in between. */
const POINTS = 15;

/** Loss (left axis, logarithmic) and test accuracy (right axis) against epochs, as SVG text. */
export function drawCurve(network: string, { losses, scores }: History): string {
  const option: EChartsOption = {
    animation: false,
    backgroundColor: "#fff",
    title: { text: `MNIST, ${network}`, left: "center" },
    legend: { bottom: 0, itemGap: 30, data: ["training loss", "test loss", "test accuracy"] },
    grid: { left: 60, right: 60, top: 50, bottom: 70 },
    xAxis: { type: "value", name: "epoch", nameLocation: "middle", nameGap: 28, min: 0, max: scores.length },
    yAxis: [
      { type: "log", name: "loss" },
      { type: "value", name: "accuracy", min: lowestTick(scores), max: 1, axisLabel: { formatter: percent }, splitLine: { show: false } },
    ],
    series: [
      line("training loss", 0, "#91b4e8", smooth(losses, scores.length)),
      line(
        "test loss",
        0,
        "#1f4e9c",
        scores.map(({ loss }, i) => [i + 1, loss]),
        true,
      ),
      line(
        "test accuracy",
        1,
        "#d1603d",
        scores.map(({ accuracy }, i) => [i + 1, accuracy]),
        true,
      ),
    ],
  };
  const chart = init(null, null, { renderer: "svg", ssr: true, width: 860, height: 480 });
  try {
    chart.setOption(option);
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

type Series = Extract<NonNullable<EChartsOption["series"]>, readonly unknown[]>[number];

function line(name: string, yAxisIndex: number, color: string, data: number[][], showSymbol = false): Series {
  return { type: "line", name, yAxisIndex, color, data, showSymbol, symbolSize: 7, lineStyle: { width: showSymbol ? 2 : 1 } };
}

const percent = (v: number): string => `${(100 * v).toFixed(1)} %`;

/** `[epoch, mean loss since the last point]`. */
function smooth(losses: readonly number[], epochs: number): number[][] {
  const stepsPerEpoch = losses.length / epochs;
  const stride = Math.max(1, Math.round(stepsPerEpoch / POINTS));
  return Array.from({ length: Math.floor(losses.length / stride) }, (_, i) => {
    const end = (i + 1) * stride;
    return [end / stepsPerEpoch, mean(losses.slice(end - stride, end))];
  });
}

/** The accuracy axis begins at a whole percent, a little below the lowest point. */
function lowestTick(scores: readonly Score[]): number {
  return Math.max(0, Math.floor(Math.min(1, ...scores.map(({ accuracy }) => accuracy)) * 100 - 0.5) / 100);
}

const SHOWN = 96;
const COLUMNS = 12;
const CELL = { width: 76, height: 92, image: 56 };
const TITLE = 44;

/** The mistakes the model was surest of, each digit over `true → predicted`, as SVG text. */
export function drawMistakes(digits: Digits, mistakes: readonly Mistake[]): string {
  const shown = [...mistakes].sort((a, b) => b.probability - a.probability).slice(0, SHOWN);
  const width = COLUMNS * CELL.width + 20;
  const height = TITLE + Math.max(1, Math.ceil(shown.length / COLUMNS)) * CELL.height + 10;
  const cells = shown.map((mistake, k) => {
    const x = 10 + (k % COLUMNS) * CELL.width;
    const y = TITLE + Math.floor(k / COLUMNS) * CELL.height;
    return drawCell(digits, mistake, x, y);
  });
  const title = `${mistakes.length} of ${digits.count} test digits misread${shown.length < mistakes.length ? `; the ${shown.length} surest` : ""} (true → predicted)`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" font-family="sans-serif" text-anchor="middle">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    `<text x="${width / 2}" y="28" font-size="17" font-weight="bold">${title}</text>`,
    ...cells,
    "</svg>\n",
  ].join("\n");
}

function drawCell({ images, labels }: Digits, { index, predicted, probability }: Mistake, x: number, y: number): string {
  const pixels = Uint8Array.from(images.subarray(index * PIXELS, (index + 1) * PIXELS), (v) => 255 - Math.round(255 * v));
  const png = Buffer.from(encode({ width: 28, height: 28, data: pixels, channels: 1, depth: 8 })).toString("base64");
  const left = x + (CELL.width - CELL.image) / 2;
  const middle = x + CELL.width / 2;
  return [
    `<g><title>test digit ${index}: ${labels[index]}, read as ${predicted} with probability ${probability.toFixed(3)}</title>`,
    `<image x="${left}" y="${y}" width="${CELL.image}" height="${CELL.image}" style="image-rendering:pixelated" href="data:image/png;base64,${png}"/>`,
    `<text x="${middle}" y="${y + CELL.image + 16}" font-size="14"><tspan fill="#1f7a3d">${labels[index]}</tspan> → <tspan fill="#b3261e">${predicted}</tspan></text></g>`,
  ].join("");
}
