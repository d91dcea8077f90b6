export interface Axis {
  readonly from: number;
  readonly to: number;
  readonly ticks: readonly number[];
  readonly logarithmic?: boolean;
  show(tick: number): string;
}

/** Room for the ticks' text, in units of the picture. */
const LEFT = 44;
const EDGE = 8;

/** Draws the axis; gives what makes a line: a function that draws points, x in 0…1, in place of those before. Points outside lie on the edge. */
export function chart(
  svg: SVGSVGElement,
  { from, to, ticks, logarithmic, show }: Axis,
): (name: string) => (points: Iterable<Point>) => void {
  const { width, height } = svg.viewBox.baseVal;
  const scale = logarithmic ? Math.log : (y: number) => y;
  const across = (x: number): number => LEFT + x * (width - LEFT - EDGE);
  const up = (y: number): number => {
    const part = (scale(y) - scale(from)) / (scale(to) - scale(from));
    return height - EDGE - Math.min(Math.max(part, 0), 1) * (height - 2 * EDGE);
  };
  for (const tick of ticks) {
    const y = up(tick);
    add(svg, "line", { x1: LEFT, x2: width - EDGE, y1: y, y2: y });
    add(svg, "text", { x: LEFT - 8, y }).textContent = show(tick);
  }
  return (name) => {
    const line = add(svg, "polyline", { class: name });
    return (points) => line.setAttribute("points", Array.from(points, ([x, y]) => `${across(x).toFixed(1)},${up(y).toFixed(1)}`).join(" "));
  };
}
export type Point = readonly [x: number, y: number];

function add(svg: SVGSVGElement, name: "line" | "text" | "polyline", attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return svg.appendChild(element);
}
