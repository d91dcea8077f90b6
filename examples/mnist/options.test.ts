import { afterEach, describe, expect, test, vi } from "vitest";
import { readOptions } from "./options.ts";

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

test("without arguments, what the README promises", () => {
  expect(readOptions([])).toEqual({ model: "mlp", epochs: 8, batch: 32, seed: 1, lr: 1e-3, target: "wasm", threads: 1, json: false });
});

test("a network has a rate of its own, which the command line overrules", () => {
  expect(readOptions(["--model", "cnn"])).toMatchObject({ model: "cnn", epochs: 8, lr: 4e-3 });
  expect(readOptions(["--model", "cnn", "--lr", "1e-3"])).toMatchObject({ lr: 1e-3 });
});

test("every option", () => {
  const argv = "--model cnn --epochs 2 --batch 64 --seed 7 --lr 3e-3 --target wasm --threads 2 --json".split(" ");
  expect(readOptions(argv)).toEqual({
    model: "cnn",
    epochs: 2,
    batch: 64,
    seed: 7,
    lr: 3e-3,
    target: "wasm",
    threads: 2,
    json: true,
  });
});

describe("a mistake is named, and the exit code is 2", () => {
  test.each([
    [["--epochs", "0"], "option '--epochs <n>' argument '0' is invalid. It must be a whole number, at least 1."],
    [["--epochs", ""], "option '--epochs <n>' argument '' is invalid."],
    [["--batch", "many"], "option '--batch <n>' argument 'many' is invalid."],
    [["--seed", "-1"], "option '--seed <n>' argument '-1' is invalid. It must be a whole number, at least 0."],
    [["--lr", "-1"], "option '--lr <x>' argument '-1' is invalid. It must be a positive number."],
    [["--target", "cuda"], "option '--target <name>' argument 'cuda' is invalid. Allowed choices are wasm, loops, wgsl."],
    [["--model", "gpt"], "option '--model <name>' argument 'gpt' is invalid. Allowed choices are mlp, cnn."],
    [["--threads", "0"], "option '--threads <n>' argument '0' is invalid. It must be a whole number, at least 1."],
    [["--target", "loops", "--threads", "2"], "option '--threads <n>' needs the target wasm"],
    [["--fast"], "unknown option '--fast'"],
    [["10"], "too many arguments"],
  ])("%j", (argv, message) => {
    const stderr = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    expect(readOptions(argv)).toBeUndefined();
    expect(stderr.mock.calls.join("")).toContain(message);
    expect(process.exitCode).toBe(2);
  });
});

test("help is no mistake", () => {
  const stdout = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  expect(readOptions(["--help"])).toBeUndefined();
  expect(stdout.mock.calls.join("")).toContain("Usage: npm run mnist -- [options]");
  expect(process.exitCode).toBe(0);
});
