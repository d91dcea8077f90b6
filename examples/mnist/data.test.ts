import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { loadMnist, readDigits } from "./data.ts";
import { batches, type Digits, PIXELS, pick } from "./digits.ts";

const { train, test: held } = loadMnist();

describe("the packaged data is MNIST", () => {
  test("60,000 digits to train on, 10,000 to test on", () => {
    expect([train.count, train.images.length, train.labels.length]).toEqual([60_000, 60_000 * PIXELS, 60_000]);
    expect([held.count, held.images.length, held.labels.length]).toEqual([10_000, 10_000 * PIXELS, 10_000]);
  });

  test("as many of each digit as its authors say", () => {
    const histogram = (labels: Int32Array) => Array.from({ length: 10 }, (_, digit) => labels.filter((y) => y === digit).length);
    expect(histogram(train.labels)).toEqual([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]);
    expect(histogram(held.labels)).toEqual([980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
  });

  test("pixels are bytes over 255; their mean is the known 0.1307", () => {
    const mean = train.images.reduce((sum, v) => sum + v, 0) / train.images.length;
    expect(mean).toBeCloseTo(0.1307, 4);
    expect(train.images.reduce((top, v) => Math.max(top, v), 0)).toBe(1);
    expect(Array.from(train.labels.subarray(0, 5))).toEqual([5, 0, 4, 1, 9]);
  });
});

describe("batches", () => {
  const few: Digits = pick(
    train,
    Array.from({ length: 10 }, (_, i) => i),
  );
  const labelsOf = (options: { seed: number; epoch?: number; size: number }) =>
    Array.from(batches(few, options), ({ labels }) => Array.from(labels));

  test("hold every digit once, and the last one what is left", () => {
    const all = [...batches(few, { seed: 1, size: 4 })];
    expect(all.map(({ count }) => count)).toEqual([4, 4, 2]);
    expect(all.map(({ images }) => images.length / PIXELS)).toEqual([4, 4, 2]);
    expect(all.flatMap(({ labels }) => [...labels]).sort()).toEqual([...few.labels].sort());
  });

  test("keep each image beside its label", () => {
    for (const { count, images, labels } of batches(few, { seed: 7, size: 3 })) {
      for (let row = 0; row < count; row++) {
        const image = images.subarray(row * PIXELS, (row + 1) * PIXELS);
        const source = [...few.labels.keys()].find((i) => same(few.images.subarray(i * PIXELS, (i + 1) * PIXELS), image));
        expect(few.labels[source!]).toBe(labels[row]);
      }
    }
  });

  test("are fixed by the seed and the epoch, and differ between them", () => {
    expect(labelsOf({ seed: 1, size: 10 })).toEqual(labelsOf({ seed: 1, epoch: 0, size: 10 }));
    expect(labelsOf({ seed: 1, epoch: 1, size: 10 })).not.toEqual(labelsOf({ seed: 1, size: 10 }));
    expect(labelsOf({ seed: 2, size: 10 })).not.toEqual(labelsOf({ seed: 1, size: 10 }));
  });

  test("divide MNIST by 32 exactly", () => {
    const sizes = Array.from(batches(held, { seed: 1, size: 32 }), ({ count }) => count);
    expect(sizes).toHaveLength(313);
    expect(sizes.at(-1)).toBe(16);
  });

  test.each([0, -1, 1.5, Number.NaN])("a size of %s is refused", (size) => {
    expect(() => [...batches(few, { seed: 1, size })]).toThrow(`batches: size must be a positive integer: ${size}`);
  });
});

describe("a damaged file is refused", () => {
  const folder = mkdtempSync(join(tmpdir(), "mnist-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const file = (name: string, ...bytes: number[]) => {
    writeFileSync(join(folder, name), Uint8Array.from(bytes));
    return join(folder, name);
  };
  const images = file("images", 0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 28, 0, 0, 0, 28);
  const labels = file("labels", 0, 0, 8, 1, 0, 0, 0, 0);

  test("an empty set is fine", () => {
    expect(readDigits(images, labels).count).toBe(0);
  });
  test.each([
    ["not there", join(folder, "absent"), labels, "mnist: cannot read "],
    ["empty", file("empty"), labels, "mnist: not an IDX file of bytes of rank 3: 0 bytes in "],
    ["of another kind", labels, labels, "mnist: not an IDX file of bytes of rank 3: 0x00000801 in "],
    ["cut in the header", file("header", 0, 0, 8, 3, 0), labels, "mnist: the header is cut short: 5 bytes in "],
    [
      "cut in the data",
      file("short", 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28, 9),
      labels,
      "mnist: 1x28x28 elements expected, 1 found in ",
    ],
    ["of other images", file("small", 0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2), labels, "mnist: images must be 28x28: 2x2 in "],
    ["of too many labels", images, file("more", 0, 0, 8, 1, 0, 0, 0, 1, 3), "mnist: counts differ: 0 images in "],
    [
      "of strange labels",
      file("one", 0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28, ...Array(PIXELS).fill(0)),
      file("eleven", 0, 0, 8, 1, 0, 0, 0, 1, 11),
      "mnist: label 0 is not a digit: 11 in ",
    ],
  ])("%s", (_, imageFile, labelFile, message) => {
    expect(() => readDigits(imageFile, labelFile)).toThrow(message);
  });
});

function same(a: Float32Array, b: Float32Array): boolean {
  return a.every((v, i) => v === b[i]);
}
