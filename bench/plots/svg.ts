import { type EChartsOption, init } from "echarts";
import type { Run } from "../row.ts";

/** A picture: its height in pixels, all are equally wide, and what is in it. */
export interface Plot {
  readonly height: number;
  readonly option: EChartsOption;
}
export type Series = Extract<NonNullable<EChartsOption["series"]>, readonly unknown[]>[number];

const WIDTH = 880;

/** ECharts has sizes and colours of its own for each kind of text: this is given to all. */
export const font = { fontFamily: "sans-serif", fontSize: 13, color: "#222" } as const;

/** Told apart by everyone: Okabe and Ito's, the purple darker, since names are written in it. */
export const colors = { blue: "#0072b2", vermilion: "#d55e00", green: "#009e73", purple: "#a6559d" } as const;

/** A title, and below it where the figures are from. */
export const titleOf = (title: string, { machine, versions }: Run): NonNullable<EChartsOption["title"]> => ({
  text: title,
  subtext: `${machine.cpu}, ${machine.cores} cores, ${machine.platform}, Node ${versions.node}`,
  left: 16,
  top: 12,
  textStyle: { ...font, fontSize: 17 },
  subtextStyle: { ...font, color: "#555" },
});

/** An axis's name, so many pixels away from it, and its figures with a unit: `1000`, without a comma. */
export const axis = (name: string, nameGap: number, unit = "") => ({
  name,
  nameGap,
  nameLocation: "middle" as const,
  nameTextStyle: font,
  axisLabel: { ...font, formatter: (value: number) => `${value}${unit}` },
});

/** SVG text, on white, so that it reads on a dark page, too. */
export function drawSvg({ height, option }: Plot): string {
  const chart = init(null, null, { renderer: "svg", ssr: true, width: WIDTH, height });
  try {
    chart.setOption({ ...option, animation: false, backgroundColor: "#fff", textStyle: font });
    return `${chart.renderToSVGString()}\n`;
  } finally {
    chart.dispose();
  }
}
