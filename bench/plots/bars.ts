import type { Row, Run } from "../row.ts";
import { figures, legend, lineAxis, ratioAxis, sides, unity } from "./ratios.ts";
import { type Plot, type Series, titleOf } from "./svg.ts";

/** Each row's ratio over the one that was asked for, the lowest on top; on the right, both. */
export function barsPlot(run: Run): Plot {
  const rows = run.rows.toSorted((a, b) => reached(a) - reached(b));
  const names = rows.map(({ id }) => id);
  const ratios = rows.map(({ ratio, atLeast }) => `${figures(ratio)} of ${figures(atLeast)}`);
  return {
    height: 140 + 22 * rows.length,
    option: {
      title: titleOf("Every bar: the ratio reached ÷ the ratio asked for", run),
      legend,
      grid: { left: 300, right: 150, top: 80, bottom: 60 },
      xAxis: ratioAxis("reached ÷ asked for", 2, rows.map(reached)),
      yAxis: [
        { ...lineAxis(names), splitLine: { show: true } },
        { ...lineAxis(ratios), position: "right" },
      ],
      series: [dots("reached", sides.above.color, true, rows), dots("not reached", sides.below.color, false, rows)],
    },
  };
}

const reached = ({ ratio, atLeast }: Row): number => ratio / atLeast;

const dots = (name: string, color: string, ok: boolean, rows: readonly Row[]): Series => ({
  type: "scatter",
  name,
  color,
  silent: true,
  symbolSize: 10,
  itemStyle: { opacity: 1 },
  data: rows.map((row) => (row.ok === ok ? reached(row) : "-")),
  markLine: unity,
});
