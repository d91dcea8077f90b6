import { test } from "vitest";
import { measureCore } from "../core.test-source.ts";
import { type Start, trainBesideLoops } from "../spike.test-source.ts";
import { instantiate } from "./spike.ts";

const start: Start = async (plan, sizes) => {
  const { memory, run } = await instantiate(plan, sizes);
  return {
    write: (byte, words) => new Int32Array(memory.buffer).set(words, byte / 4),
    run,
    read: async () => memory.buffer.slice(0) as ArrayBuffer,
  };
};

test("x", async () => {
  
  for (const o of [
    { batch: 32, taken: 0 },
    { batch: 32, taken: 1000 },
    { fuse: false, reuse: false, batch: 5, taken: 0 },
    { fuse: false, reuse: false, batch: 5, taken: 1000 },
  ]) {
    const t0 = performance.now();
    const r = await trainBesideLoops(start, o);
    for (const st of [0, 1, 2])
      console.log(
        r.kernels,
        st,
        r.found
          .filter((f) => f.step === st)
          .map((f) => f.path + " " + f.apart.toExponential(1))
          .join(" | "),
      );
    console.log(performance.now() - t0);
  }
});
