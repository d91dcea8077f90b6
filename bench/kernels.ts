// `npm run kernels -- MODEL.ts NAME [B=32 …]`: each kernel of a model by itself, as WebAssembly on this thread: microseconds, GFLOP/s, GB/s.
import { FIRST_BYTE } from "../backends/wasm/memory.ts";
import { emitWasm } from "../backends/wasm/module.ts";
import { programsOf, read } from "../cli/build.ts";
import { flopsOf, trafficOf } from "../codegen/measure.ts";
import { core } from "../dsl/core.ts";
import { evaluateDim } from "../dsl/dim.ts";
import type { Dim } from "../dsl/types.ts";
import { summarize } from "./measure/race.ts";

const ROUNDS = 40;
const SECONDS_A_ROUND = 0.003;

const [file, name, ...given] = process.argv.slice(2);
if (!file || !name) throw new Error("usage: npm run kernels -- MODEL.ts NAME [B=32 …]");
const sizes = Object.fromEntries(given.map((size) => [size.split("=")[0], Number(size.split("=")[1])]));
const program = programsOf(read(file), { align: 4 }).find(({ graph }) => graph.name === name)?.program;
if (!program) throw new Error(`${file} exports no model ${name}`);
const missing = program.dims.filter((dim) => !((sizes[dim.name] as number) > 0)).map((dim) => dim.name);
if (missing.length > 0) throw new Error(`say how large ${missing.join(", ")} is: ${missing[0]}=32`);

const at = (dim: Dim): number => evaluateDim(dim, sizes);
const { bytes, kernels } = emitWasm([program], { fma: true }, { apart: true });
const emitted = kernels[0] ?? [];
const room = Math.max(0, ...emitted.map(({ room: { shared, own } }) => at(shared) + at(own)));
const pages = Math.ceil((2 * FIRST_BYTE + at(program.memory.bytes) + room) / 65536);
const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
const { instance } = await WebAssembly.instantiate(bytes, { env: { memory }, core: { ...core, waiting: () => {} } });
const call = instance.exports as unknown as Record<string, (...args: number[]) => void>;

// Small numbers, and indices within their range; a run of everything sets the sizes and gives every kernel what it reads.
const floats = new Float32Array(memory.buffer);
const words = new Int32Array(memory.buffer);
for (let i = FIRST_BYTE / 4; i < floats.length; i++) floats[i] = Math.sin(i) / 20;
for (const { value } of program.inputs.filter((input) => input.value.dtype !== "f32")) {
  const slot = program.memory.slots.get(value);
  if (slot) words.fill(1, FIRST_BYTE / 4 + at(slot.offset), FIRST_BYTE / 4 + at(slot.offset) + at(slot.size));
}
const dims = program.dims.map((dim) => sizes[dim.name] as number);
call[program.name]?.(0, 1, ...dims, ...dims);

let total = 0;
for (const [k, { phases }] of emitted.entries()) {
  const kernel = program.kernels[k];
  if (!kernel) continue;
  const parts = phases.map(({ name: phase, units }) => ({
    run: call[phase] as (from: number, to: number) => void,
    count: Math.ceil(at(units.dim) / units.per),
  }));
  const seconds = best(() => {
    for (const { run, count } of parts) run(0, count);
  });
  total += seconds;
  const figures = [seconds * 1e6, at(flopsOf(kernel)) / seconds / 1e9, at(trafficOf(kernel)) / seconds / 1e9];
  console.log(
    `${kernel.name.padEnd(20)} ${kernel.outer
      .map(({ extent }) => extent)
      .join(" × ")
      .padEnd(18)}${figures.map((x) => x.toFixed(1).padStart(10)).join("")}`,
  );
}
console.log(`${"sum".padEnd(39)}${(total * 1e6).toFixed(1).padStart(10)}   (µs, GFLOP/s, GB/s)`);

/** Seconds of the best of many short rounds. */
function best(run: () => void): number {
  const round = (): number => {
    let runs = 0;
    const start = performance.now();
    while (performance.now() - start < SECONDS_A_ROUND * 1e3) {
      run();
      runs++;
    }
    return (performance.now() - start) / 1e3 / runs;
  };
  for (let k = 0; k < ROUNDS; k++) round();
  return summarize(Array.from({ length: ROUNDS }, round)).best;
}
