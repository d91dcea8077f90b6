import { PIXELS } from "../../mnist/digits.ts";

/** The side of a digit's picture, and of the box that its ink fills. */
const SIDE = 28;
const BOX = 20;
/** In units of the pad's 280: two pixels and a half of the digit. */
const PEN = 24;

/** A canvas to draw on; `changed` hears of every stroke while it is made. */
export function drawable(pad: HTMLCanvasElement, changed: () => void): { clear(): void } {
  const pen = contextOf(pad);
  Object.assign(pen, { lineWidth: PEN, lineCap: "round", lineJoin: "round", strokeStyle: "#fff" });
  let last: readonly [number, number] | undefined;
  const place = ({ offsetX, offsetY }: PointerEvent) =>
    [(offsetX * pad.width) / pad.clientWidth, (offsetY * pad.height) / pad.clientHeight] as const;
  const draw = (event: PointerEvent): void => {
    if (!last) return;
    const next = place(event);
    pen.beginPath();
    pen.moveTo(...last);
    pen.lineTo(...next);
    pen.stroke();
    last = next;
    changed();
  };
  pad.addEventListener("pointerdown", (event) => {
    pad.setPointerCapture(event.pointerId);
    last = place(event);
    draw(event);
  });
  pad.addEventListener("pointermove", draw);
  for (const end of ["pointerup", "pointercancel"]) pad.addEventListener(end, () => (last = undefined));
  return {
    clear() {
      pen.clearRect(0, 0, pad.width, pad.height);
      changed();
    },
  };
}

/**
 * What is on the pad, made as MNIST's digits were: the ink fills a box of 20 × 20, its centre of mass in the middle of 28 × 28. `[1, 784]` in
 * 0…1, also drawn to `seen`; undefined where there is no ink.
 */
export function digitOn(pad: HTMLCanvasElement, seen: HTMLCanvasElement): Float32Array | undefined {
  const view = contextOf(seen);
  view.clearRect(0, 0, SIDE, SIDE);
  const found = inkOf(contextOf(pad));
  if (!found) return undefined;
  const { left, top, width, height, x, y } = found;
  const scale = BOX / Math.max(width, height);
  view.imageSmoothingQuality = "high";
  view.drawImage(pad, left, top, width, height, SIDE / 2 - (x - left) * scale, SIDE / 2 - (y - top) * scale, width * scale, height * scale);
  const { data } = view.getImageData(0, 0, SIDE, SIDE);
  return Float32Array.from({ length: PIXELS }, (_, i) => data[4 * i + 3]! / 255);
}

/** Where there is ink: the rectangle around it, and its centre of mass. Strokes are white, so alpha is the ink. */
function inkOf(context: CanvasRenderingContext2D) {
  const { width: across, height: down } = context.canvas;
  const { data } = context.getImageData(0, 0, across, down);
  let [left, top, right, bottom, mass, x, y] = [across, down, 0, 0, 0, 0, 0];
  for (let row = 0; row < down; row++)
    for (let column = 0; column < across; column++) {
      const ink = data[4 * (row * across + column) + 3]!;
      if (ink === 0) continue;
      left = Math.min(left, column);
      right = Math.max(right, column + 1);
      top = Math.min(top, row);
      bottom = row + 1;
      mass += ink;
      x += ink * (column + 0.5);
      y += ink * (row + 0.5);
    }
  return mass === 0 ? undefined : { left, top, width: right - left, height: bottom - top, x: x / mass, y: y / mass };
}

const contextOf = (canvas: HTMLCanvasElement): CanvasRenderingContext2D =>
  canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
