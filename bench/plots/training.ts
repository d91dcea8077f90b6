import type { Row, Run } from "../row.ts";
import { nameOf, peerOf, rowsOf } from "./peers.ts";
import { figures, legend, lineAxis, ratioAxis, type Side, sides, unity } from "./ratios.ts";
import { font, type Plot, type Series, titleOf } from "./svg.ts";

const models = {
  "mlp-784-128-10-b32": "MLP 784-128-10, batch 32",
  "mlp-784-512-512-10-b128": "MLP 784-512-512-10, batch 128",
  "cnn-b32": "CNN, batch 32",
} as const;

/** A peer below its model's name. */
interface Line {
  readonly name: string;
  readonly row?: Row;
}

/** How many times as many training steps a second as each peer, model by model. */
export function trainingPlot(run: Run): Plot {
  const lines: readonly Line[] = Object.entries(models).flatMap(([work, model]) => [
    { name: `{group|${model}}` },
    ...rowsOf(`wasm/${work}`, run.rows).map((row) => ({ name: nameOf(peerOf(row)), row })),
  ]);
  const ratios = lines.flatMap(({ row }) => row?.ratio ?? []);
  return {
    height: 140 + 26 * lines.length,
    option: {
      title: titleOf("Training steps per second, Cotangent in WebAssembly ÷ peer", run),
      legend,
      grid: { left: 240, right: 60, top: 80, bottom: 60 },
      xAxis: ratioAxis("times as fast as the peer", 10, ratios),
      yAxis: lineAxis(lines.map(({ name }) => name)),
      series: [bars("faster", sides.above, (ratio) => ratio >= 1, lines), bars("slower", sides.below, (ratio) => ratio < 1, lines)],
    },
  };
}

const bars = (name: string, { color, position }: Side, belongs: (ratio: number) => boolean, lines: readonly Line[]): Series => ({
  type: "bar",
  name,
  color,
  silent: true,
  barGap: "-100%",
  barWidth: 16,
  data: lines.map(({ row }) => (row && belongs(row.ratio) ? row.ratio : "-")),
  label: { ...font, show: true, backgroundColor: "#fff", padding: 2, position, formatter: ({ value }) => figures(Number(value)) },
  markLine: unity,
});
