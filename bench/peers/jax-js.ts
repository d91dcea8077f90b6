import { defaultDevice, init } from "@jax-js/jax";
import { Absent } from "../absent.ts";
import type { Library } from "../library.ts";
import { versionOf } from "../measure/machine.ts";
import { trainCnn } from "./jax-js/cnn.ts";
import { trainMlp } from "./jax-js/mlp.ts";

/** jax-js on its WebAssembly backend, one thread (Node has no `Worker` global for its threads to find). */
export async function open(): Promise<Library> {
  if (!(await init("wasm")).includes("wasm")) throw new Absent("jax-js has no WebAssembly here");
  defaultDevice("wasm");
  return { name: "jax-js", version: versionOf("@jax-js/jax"), does: { mlp: trainMlp, cnn: trainCnn } };
}
