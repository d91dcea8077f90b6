/** `cotangent check`: does each kernel of a target compute what it computes as plain loops? From the model's types alone. */
import { instantiatePrograms } from "../backends/loops/instantiate.ts";
import { compile } from "../codegen/pipeline.ts";
import { sizeNames } from "../codegen/specialize.ts";
import { showShape } from "../dsl/dim.ts";
import { nameOf } from "../dsl/value.ts";
import { type Difference, firstDifference, type Runner } from "../proofs/kernels.ts";
import { read } from "./build.ts";
import { type Target, targets } from "./targets.ts";

export interface CheckOptions {
  readonly target: Target;
  /** Run-time sizes; those not given are 5. */
  readonly dims?: Readonly<Record<string, number>>;
  readonly seed: number;
}

/** What was found of one model. */
export interface Finding {
  readonly model: string;
  readonly kernels: number;
  /** Why it is wrong; undefined where it holds. */
  readonly fault?: string;
}

const loops: Runner = { align: 1, run: (programs) => instantiatePrograms(programs) };

/** Findings one by one, as they are made. Throws `BuildError`. */
export async function* check(file: string, { target, dims = {}, seed }: CheckOptions): AsyncGenerator<Finding> {
  const { align, runner } = targets[target];
  const run = await runner();
  for (const graph of read(file).functions) {
    const sizes = Object.fromEntries(sizeNames(graph).map((name) => [name, dims[name] ?? 5]));
    const program = compile(graph, { align });
    const found = await firstDifference(program, loops, { align, run }, sizes, randomFrom(seed));
    yield { model: graph.name, kernels: program.kernels.length, ...(found && { fault: showDifference(found) }) };
  }
}

function showDifference({ kernel, value, index, expected, actual, allowed }: Difference): string {
  const places = kernel.origins.map(({ file, line }) => `${file}:${line}`).join(", ");
  const name = nameOf(value) ?? value.op.name;
  return (
    `kernel ${kernel.name}${places ? ` (${places})` : ""}: ${name}[${index.join(", ")}] of ${showShape(value.shape)} is ${actual}, ` +
    `and ${expected} as loops; they may differ by ${allowed.toExponential(1)}`
  );
}

/** Numbers from 0 to 1, the same for the same seed. Park & Miller 1988. */
function randomFrom(seed: number): () => number {
  let state = (seed % 2147483646) + 1;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
