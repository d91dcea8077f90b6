import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rowOf } from "../row.ts";
import { barsPlot } from "./bars.ts";
import { drawPlots, folder, page, pageText } from "./index.ts";
import { matmulPlot } from "./matmul.ts";

const run = { machine: { cpu: "some", cores: 1, platform: "any" }, versions: { node: "24" }, rows: [] };

test("the pictures are of the figures that lie beside them: npm run plots", () => {
  const files = readdirSync(folder).filter((file) => file.endsWith(".svg"));
  const committed = Object.fromEntries(files.map((file) => [file, readFileSync(join(folder, file), "utf8")]));
  const drawn = drawPlots();
  for (const svg of Object.values(drawn)) expect(svg).not.toContain("NaN");
  expect(Object.keys(drawn).sort()).toEqual(files.sort());
  expect(drawn).toEqual(committed);
});

test("so are the tables", () => {
  expect(readFileSync(page, "utf8")).toBe(pageText());
});

test("a bar that is missed is drawn as missed, and comes first", () => {
  const row = (work: string, ours: number) => rowOf({ id: `wasm/${work}/numpy`, ours, theirs: 1, unit: "M/s", better: "more", atLeast: 2 });
  const { yAxis, series } = barsPlot({ ...run, rows: [row("fast", 4), row("slow", 1)] }).option;
  expect(yAxis).toMatchObject([{ data: ["wasm/slow/numpy", "wasm/fast/numpy"] }, { data: ["1× of 2×", "4× of 2×"] }]);
  expect(series).toMatchObject([
    { name: "reached", data: ["-", 2] },
    { name: "not reached", data: [0.5, "-"] },
  ]);
});

test("part of a run is refused", () => {
  expect(() => matmulPlot(run)).toThrow("plots: no row of wasm/matmul-64: draw a run without --only");
});
