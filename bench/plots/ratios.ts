import type { MarkLineComponentOption } from "echarts";
import { axis, colors, font } from "./svg.ts";

/** Whole powers of the base on either side of all ratios, and of 1. */
export function ratioAxis(name: string, logBase: number, ratios: readonly number[]) {
  const exponents = ratios.map((ratio) => Math.log(ratio) / Math.log(logBase));
  const min = logBase ** Math.floor(Math.min(0, ...exponents));
  const max = logBase ** Math.ceil(Math.max(0, ...exponents));
  return { ...axis(`${name} (log scale)`, 32, "×"), type: "log" as const, logBase, min, max };
}

/** One text a line, downwards. */
export const lineAxis = (lines: readonly string[]) => ({
  type: "category" as const,
  inverse: true,
  data: [...lines],
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: { ...font, interval: 0, rich: { group: { ...font, fontWeight: "bold" as const } } },
});

export const legend = { right: 16, top: 16, itemGap: 24, textStyle: font } as const;

/** Where a mark is, seen from the line at 1. Its label stands away from that. */
export const sides = {
  above: { color: colors.blue, position: "right" },
  below: { color: colors.vermilion, position: "left" },
} as const;
export type Side = (typeof sides)[keyof typeof sides];

export const figures = (ratio: number): string => `${Number(ratio.toPrecision(3))}×`;

/** The line at 1: as fast as the peer, or just at the bar. */
export const unity: MarkLineComponentOption = {
  silent: true,
  symbol: "none",
  label: { show: false },
  lineStyle: { color: "#444", type: "solid", width: 1.5 },
  data: [{ xAxis: 1 }],
  z: 1,
};
