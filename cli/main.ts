#!/usr/bin/env node
/** The command line. Exit codes: 0 done, 1 the model is at fault or a file is stale, 2 the command line is, 70 we are. */
import { relative } from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { BuildError, type BuildOptions, build, flagsOf, read } from "./build.ts";
import type { CheckOptions } from "./check.ts";
import { type ExplainOptions, explain } from "./explain.ts";
import { defaultTarget, type Target, type TargetRow, targetNames, targets, Unavailable } from "./targets.ts";
import { version } from "./version.ts";

const shown = (path: string): string => relative(process.cwd(), path).replaceAll("\\", "/");

async function buildCommand(files: readonly string[], options: BuildOptions): Promise<void> {
  for (const file of files) {
    const paths = await build(file, options);
    if (!options.check) console.log(`${shown(file)} → ${paths.map(shown).join(", ")}`);
    else if (paths.length === 0) console.log(`${shown(file)}: up to date`);
    else {
      console.error(
        `${shown(file)}: stale: ${paths.map(shown).join(", ")}\nRun \`${["cotangent build", shown(file), ...flagsOf(options)].join(" ")}\`.`,
      );
      process.exitCode = 1;
    }
  }
}

async function checkCommand(files: readonly string[], options: CheckOptions): Promise<void> {
  const { check } = await import("./check.ts");
  for (const file of files)
    for await (const { model, kernels, fault } of check(file, options)) {
      console.log(`${fault ? "✗" : "✓"} ${shown(file)}  ${model}  ${options.target}: ${fault ?? `${kernels} kernels, as loops`}`);
      if (fault) process.exitCode = 1;
    }
}

async function explainCommand(file: string, { target, ...options }: ExplainOptions & { readonly target?: Target }): Promise<void> {
  const row: TargetRow | undefined = target && targets[target];
  const shadersOf = await row?.shaders?.();
  console.log(explain(read(file), { ...options, ...(row && { align: row.align }), ...(shadersOf && { shadersOf }) }));
}

const whole = (text: string): number => {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError(`"${text}" is not a whole number.`);
  return Number(text);
};

/** `B=32,T=16` */
function sizes(text: string): Readonly<Record<string, number>> {
  const entries = text.split(",").map((entry) => {
    const match = /^\s*([\w$.]+)\s*=\s*(\d+)\s*$/.exec(entry);
    if (!match) throw new InvalidArgumentError(`"${entry}" is not a size such as B=32.`);
    return [match[1] as string, Number(match[2])] as const;
  });
  return Object.fromEntries(entries);
}

const program = new Command("cotangent")
  .description("Builds models written in TypeScript: their gradients as source, their steps as code.")
  .version(version)
  .showHelpAfterError("(cotangent --help tells more)")
  .exitOverride();
const targetOption = (description: string): Option => new Option("-t, --target <name>", description).choices([...targetNames]);
const target = targetOption("what the compiled module is made of").default(defaultTarget);

program
  .command("build")
  .description("write MODEL.adjoint.ts and MODEL.<target>.ts beside each model, and MODEL.fma.wasm and MODEL.simd.wasm for wasm")
  .argument("<model.ts...>", "files that export models")
  .addOption(target)
  .option("--specialize <sizes>", "build for fixed run-time sizes, such as B=32", sizes)
  .option("--inline", "wasm: put the modules into the TypeScript file instead of beside it")
  .option("--debug", "wasm: also write the WebAssembly text, with names")
  .option("--check", "write nothing; exit with 1 if a file is missing or stale")
  .action(buildCommand);

program
  .command("check")
  .description("run each kernel of a target beside plain loops, and name the first that computes something else")
  .argument("<model.ts...>", "files that export models")
  .addOption(target)
  .option("--dims <sizes>", "what run-time sizes are taken to be, such as B=32", sizes)
  .option("--seed <n>", "where the random numbers begin", whole, 1)
  .action(checkCommand);

program
  .command("explain")
  .description("show what each model becomes: passes, kernels, FLOPs, bytes, memory")
  .argument("<model.ts>", "a file that exports models")
  .option("--dims <sizes>", "what run-time sizes are taken to be, such as B=32", sizes, {})
  .option("--graph", "print the graphs as Mermaid flow charts instead")
  .addOption(targetOption("also what this target makes of it: for wgsl, its shaders"))
  .action(explainCommand);

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
  else if (error instanceof BuildError) {
    console.error(error.message);
    process.exitCode = 1;
  } else if (error instanceof Unavailable) {
    console.error(error.message);
    process.exitCode = 2;
  } else {
    console.error(`internal: ${error instanceof Error ? error.stack : error}\nThis is a fault in cotangent, not in your model.`);
    process.exitCode = 70;
  }
}
