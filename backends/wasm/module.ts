/** Programs as one WebAssembly module: a function for each that runs its kernels in order, over an imported memory. */
import type { Kernel } from "../../codegen/kernel.ts";
import type { Program } from "../../codegen/program.ts";
import type { Dim } from "../../dsl/types.ts";
import { Assembler, type Code, i32, none, type Variant } from "./assembler.ts";
import { barrierFunction, partFunction, THREADS, threadGlobals } from "./barrier.ts";
import { type EmittedKernel, emitKernel } from "./kernel.ts";
import { Layout, roomGlobal, Sizes, sizeGlobal } from "./memory.ts";
import { type Phase, THREAD } from "./phase.ts";
import { rowValues } from "./rows.ts";

export interface WasmModule {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same as text, for people; if it was asked for. */
  readonly text: string | undefined;
  /** Core functions that it imports. */
  readonly imports: readonly string[];
  /** Of each program, its kernels. */
  readonly kernels: readonly (readonly EmittedKernel[])[];
}

/**
 * Fewer and closer locals: a fifth of the bytes. Engines optimise the rest themselves. What folds constants (`precompute`) would also put those of
 * 16 bytes back from their globals to where they are used: exp would take 2.4 times as long.
 */
const tidy = ["simplify-locals", "coalesce-locals", "reorder-locals", "vacuum"];

/** What a run is given besides the thread and how many there are: every size, then what there is room for, by these names. */
const argumentsOf = ({ dims }: Program): string[] => [...dims.map((d) => sizeGlobal(d.name)), ...dims.map((d) => roomGlobal(d.name))];

export interface EmitOptions {
  /** The text, too. */
  readonly text?: boolean;
  /** Every phase is exported, so that it can be run, and timed, by itself. */
  readonly apart?: boolean;
}

export function emitWasm(programs: readonly Program[], variant: Variant, options: EmitOptions = {}): WasmModule {
  const asm = new Assembler(variant);
  const { m } = asm;
  // The least memory that any session has; a session brings its own. Its maximum is what a shared one must state.
  m.setMemory(1, 65536, null, [], false, false, "memory");
  m.addMemoryImport("memory", "env", "memory", 0 as never);
  for (const name of new Set([...threadGlobals, ...programs.flatMap(argumentsOf)])) m.addGlobal(name, i32, true, m.i32.const(0));
  const kernels = programs.map((program) => emitProgram(asm, program));
  if (options.apart) for (const { name } of kernels.flat().flatMap(({ phases }) => phases)) m.addFunctionExport(name, name);
  m.runPasses(tidy);
  if (!m.validate()) throw new Error("internal: the module is not valid");
  const made = {
    bytes: Uint8Array.from(m.emitBinary()),
    text: options.text ? annotated(m.emitText(), programs) : undefined,
    imports: [...asm.imports],
    kernels,
  };
  m.dispose();
  return made;
}

/** The text with the place in the user's source above each kernel's functions. */
function annotated(text: string, programs: readonly Program[]): string {
  const places = new Map(
    programs.flatMap(({ name, kernels }) => kernels.map((kernel) => [`${name}.${kernel.name}`, placesOf(kernel)] as const)),
  );
  return text.replace(/^ \(func \$"?([\w.$]+?)(_\d+|_pack)*"? /gm, (line, kernel) => {
    const origins = places.get(kernel);
    return origins ? ` ;; ${origins}\n${line}` : line;
  });
}
const placesOf = ({ origins }: Kernel): string => [...new Set(origins.map(({ file, line }) => `${file}:${line}`))].join(", ");

/** Adds a program's functions. */
function emitProgram(asm: Assembler, program: Program): EmittedKernel[] {
  const layout = new Layout(program.memory);
  const rows = rowValues(program);
  const kernels = program.kernels.map((kernel) =>
    emitKernel(asm, layout, kernel, `${program.name}.${kernel.name}`, rows.get(kernel) ?? new Map()),
  );
  const names = argumentsOf(program);
  const all = phases(
    asm,
    program.name,
    kernels.flatMap((kernel) => kernel.phases),
  );
  const run = asm.name(`${program.name}.run`);
  asm.func(run, [i32, i32, ...names.map(() => i32)], none, (f) => {
    for (const [k, name] of [THREAD, THREADS, ...names].entries()) f.emit(f.m.global.set(name, f.get(f.param(k))));
    // Sizes are computed at the head of a function, from the globals: so after these are set, in one of its own.
    f.emit(f.m.call(all, [], none));
  });
  asm.m.addFunctionExport(run, program.name);
  return kernels;
}

/** The function that runs this thread's part of every phase. */
function phases(asm: Assembler, program: string, all: readonly Phase[]): string {
  const name = asm.name(`${program}.phases`);
  asm.func(name, [], none, (f) => {
    const sizes = new Sizes(f);
    const thread = (): Code => f.m.global.get(THREAD, i32);
    for (const { name: phase, units } of all) {
      const count = (dim: Dim, per: number): Code =>
        typeof dim === "number"
          ? f.int(Math.ceil(dim / per))
          : per === 1
            ? sizes.size(dim)
            : f.m.i32.div_u(f.add(sizes.size(dim), per - 1), f.int(per));
      const part = (of: Code): Code => f.m.call(partFunction(asm), [count(units.dim, units.per), f.int(units.grain), of], i32);
      f.emit(f.m.call(phase, [part(thread()), part(f.add(thread(), 1))], none));
      f.emit(f.m.call(barrierFunction(asm), [], none));
    }
  });
  return name;
}
