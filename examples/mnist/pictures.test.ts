import { decode } from "fast-png";
import { expect, test } from "vitest";
import { type Digits, PIXELS } from "./digits.ts";
import { drawCurve, drawMistakes } from "./pictures.ts";

test("the curve is one SVG with its three named lines", () => {
  const svg = drawCurve("784-128-10", {
    losses: Array.from({ length: 60 }, (_, step) => 1 / (step + 1)),
    scores: [
      { loss: 0.6, accuracy: 0.912, mistakes: [] },
      { loss: 0.3, accuracy: 0.954, mistakes: [] },
    ],
  });
  expect(svg).toMatch(/^<svg .*<\/svg>$/s);
  for (const text of ["MNIST, 784-128-10", "training loss", "test loss", "test accuracy", "epoch", "90.0 %"])
    expect(svg).toContain(`>${text}<`);
  expect(svg).not.toContain("NaN");
});

const digits: Digits = { count: 2, images: new Float32Array(2 * PIXELS), labels: Int32Array.of(4, 7) };
digits.images[PIXELS + 3] = 1;

test("the sheet shows each mistake, the surest first, black on white, with both labels", () => {
  const svg = drawMistakes(digits, [
    { index: 0, predicted: 9, probability: 0.5 },
    { index: 1, predicted: 2, probability: 0.75 },
  ]);
  expect(svg).toContain("2 of 2 test digits misread (true → predicted)");
  expect([...svg.matchAll(/<title>(.*?)<\/title>/g)].map(([, title]) => title)).toEqual([
    "test digit 1: 7, read as 2 with probability 0.750",
    "test digit 0: 4, read as 9 with probability 0.500",
  ]);
  const [first] = [...svg.matchAll(/base64,([^"]+)/g)].map(([, text]) => decode(Buffer.from(text!, "base64")));
  expect([first!.width, first!.height, first!.channels]).toEqual([28, 28, 1]);
  expect([...first!.data.slice(2, 5)]).toEqual([255, 0, 255]);
});

test("no mistakes, and more than fit", () => {
  expect(drawMistakes(digits, [])).toContain("0 of 2 test digits misread (true → predicted)");
  const many = Array.from({ length: 97 }, () => ({ index: 0, predicted: 1, probability: 0.9 }));
  expect(drawMistakes(digits, many)).toContain("97 of 2 test digits misread; the 96 surest (true → predicted)");
});
