// The same in jax-js.
import { defaultDevice, init } from "@jax-js/jax";
import { trainMlp } from "../peers/jax-js/mlp.ts";
import { task } from "./first-step-task.ts";

await init("wasm");
defaultDevice("wasm");
const contender = await trainMlp(task);
await contender.run();
await contender.result();
