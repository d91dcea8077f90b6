import { describe } from "vitest";
import { spikeTests } from "../spike.test-source.ts";
import { startWith } from "./run.test-source.ts";

describe("with multiply-add", () => spikeTests(startWith(true)));
describe("plain SIMD", () => spikeTests(startWith(false)));
