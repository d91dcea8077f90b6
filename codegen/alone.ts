/** One kernel of a program as a program of its own, so that it can be run, and what it writes compared, by itself. */
import { nameOf, parameter, type Value } from "../dsl/value.ts";
import type { GraphLeaf, Param } from "./graph.ts";
import { isInlineConstant } from "./inline.ts";
import { type Kernel, writesOf } from "./kernel.ts";
import { planMemory, readsOfKernel } from "./memory.ts";
import { dimSources, type Program } from "./program.ts";

/** A plain function: first what the kernel reads, then for each run-time size a tensor that long; its result is a list of what it writes. */
export interface Alone {
  readonly program: Program;
  readonly reads: readonly Value[];
  readonly sizes: readonly string[];
  readonly writes: readonly Value[];
}

export function alone({ kernels, dims }: Program, kernel: Kernel, align: number): Alone {
  const writes = writesOf(kernel);
  const reads = readsOfKernel(kernel).filter((v) => !isInlineConstant(v) && !writes.includes(v));
  const sizes = dims.map((dim) => dim.name);
  const name = `kernel_${kernels.indexOf(kernel)}`;
  const inputs = [...reads, ...sizes.map((size) => parameter([size], "i32"))].map(
    (value, k): GraphLeaf => ({ path: nameOf(value) ?? `read_${k}`, value }),
  );
  const program: Program = {
    name,
    params: inputs.map(({ path, value }): Param => ({ name: path, tree: value })),
    result: writes,
    step: false,
    noStep: undefined,
    inputs,
    outputs: writes.map((value, k) => ({ path: `[${k}]`, value })),
    constants: [],
    dims: dimSources(name, inputs),
    requirements: [],
    equalities: [],
    kernels: [kernel],
    memory: planMemory([kernel], { resident: inputs.map(({ value }) => value), results: writes, inPlace: new Map(), align }),
  };
  return { program, reads, sizes, writes };
}
