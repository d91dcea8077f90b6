import type { Row, Run } from "../row.ts";
import { nameOf, peerOf, rowsOf } from "./peers.ts";
import { axis, colors, font, type Plot, type Series, titleOf } from "./svg.ts";

const sizes = [64, 128, 256, 512, 1024] as const;
const peers = { "onnxruntime-node": colors.vermilion, "tfjs-wasm": colors.green, "onnxruntime-web": colors.purple } as const;

/** GFLOP/s of a square f32 product against its size. */
export function matmulPlot(run: Run): Plot {
  const works = sizes.map((n) => ({ n, rows: rowsOf(`wasm/matmul-${n}`, run.rows) }));
  const theirs = (peer: string) => (rows: readonly Row[]) => rows.find((row) => peerOf(row) === peer)?.theirs;
  const points = (rate: (rows: readonly Row[]) => number | undefined): number[][] =>
    works.flatMap(({ n, rows }) => {
      const found = rate(rows);
      return found === undefined ? [] : [[n, found]];
    });
  return {
    height: 460,
    option: {
      title: titleOf("Matrix product in f32, N × N by N × N, on one thread", run),
      grid: { left: 70, right: 210, top: 80, bottom: 60 },
      xAxis: { ...axis("N (log scale)", 32), type: "log", logBase: 2, min: sizes[0], max: sizes.at(-1)! },
      yAxis: { ...axis("GFLOP/s (best round)", 42), type: "value", min: 0 },
      series: [
        line(
          "Cotangent, WebAssembly",
          colors.blue,
          3,
          points(([row]) => row?.ours),
        ),
        ...Object.entries(peers).map(([peer, color]) => line(nameOf(peer), color, 1.5, points(theirs(peer)))),
      ],
    },
  };
}

const line = (name: string, color: string, width: number, data: number[][]): Series => ({
  type: "line",
  name,
  color,
  data,
  silent: true,
  clip: false,
  symbol: "circle",
  symbolSize: 7,
  lineStyle: { width },
  endLabel: { ...font, show: true, formatter: "{a}", color, distance: 10, lineHeight: 18 },
  labelLayout: { moveOverlap: "shiftY" },
});
