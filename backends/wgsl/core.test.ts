import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { core } from "../../dsl/core.ts";
import { measureCore } from "../core.test-source.ts";
import { softwareDevice, start } from "./run.test-source.ts";
import { hasSoftwareGpu } from "./swiftshader.ts";

describe.skipIf(!hasSoftwareGpu)("on SwiftShader", () => {
  let device: GPUDevice;
  beforeAll(async () => {
    device = await softwareDevice();
  });
  afterAll(() => device.destroy());

  test("every core function is what dsl/core.ts says", async () => {
    const apart = await measureCore((plan, sizes) => start(device, plan, sizes));
    expect(Object.keys(apart).sort()).toEqual(Object.keys(core).sort());
    for (const [fn, error] of Object.entries(apart)) expect(error, fn).toBeLessThan(2e-7);
  });
});
