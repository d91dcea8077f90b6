import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Run } from "../row.ts";
import { barsPlot } from "./bars.ts";
import { matmulPlot } from "./matmul.ts";
import { drawSvg } from "./svg.ts";
import { withTables } from "./tables.ts";
import { trainingPlot } from "./training.ts";

/** What was measured, as `--json` printed it, and what is drawn of it. */
export const folder = join(import.meta.dirname, "..", "..", "docs", "plots");

/** The page that shows them. */
export const page = join(folder, "..", "performance.md");
export const pageText = (): string => withTables(readFileSync(page, "utf8"), { wasm: read("wasm.json"), loops: read("loops.json") });

/** SVG text by the name of its file. */
export function drawPlots(): Readonly<Record<string, string>> {
  const [wasm, loops] = [read("wasm.json"), read("loops.json")];
  const both: Run = { ...wasm, rows: [...wasm.rows, ...loops.rows] };
  const plots = { "matmul.svg": matmulPlot(wasm), "training.svg": trainingPlot(wasm), "bars.svg": barsPlot(both) };
  return Object.fromEntries(Object.entries(plots).map(([file, plot]) => [file, drawSvg(plot)]));
}

const read = (file: string): Run => JSON.parse(readFileSync(join(folder, file), "utf8"));
