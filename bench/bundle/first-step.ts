// A program that takes one step: what `start-mlp` times.
import { task } from "./first-step-task.ts";
import { train } from "./train.ts";

await train(task, 1);
