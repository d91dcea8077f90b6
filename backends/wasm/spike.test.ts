import { spikeTests } from "../spike.test-source.ts";
import { instantiate } from "./spike.ts";

spikeTests(async (plan, sizes) => {
  const { memory, run } = await instantiate(plan, sizes);
  return {
    write: (byte, words) => new Int32Array(memory.buffer).set(words, byte / 4),
    run,
    read: async () => memory.buffer as ArrayBuffer,
  };
});
