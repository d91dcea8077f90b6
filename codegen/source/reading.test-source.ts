/** For tests: what is read, and what is refused, from a file or a text. */
import type { Value } from "../../dsl/value.ts";
import { type Graph, paramLeaves, resultLeaves } from "../graph.ts";
import { printDiagnostic } from "./diagnostic.ts";
import { type Read, type ReadOptions, readModule, type SourceModule } from "./read.ts";

export function read(file: string, options?: ReadOptions): SourceModule {
  const result = readModule(file, options);
  if (!result.ok) throw new Error(printed(result));
  return result.module;
}
/** The module is `program.ts`, and `ct` is cotangent. */
export const readText = (text: string): SourceModule => read("program.ts", { text: `import * as ct from "cotangent";\n${text}\n` });

export const printed = (result: Read): string => (result.ok ? "accepted" : result.diagnostics.map(printDiagnostic).join("\n\n"));

/** `f(x: f32[B, 784], lr: number)` */
export const signature = (graph: Graph): string =>
  `${graph.name}(${paramLeaves(graph)
    .map(({ path, value }) => `${path}: ${value.attrs.number ? "number" : `${value.dtype}[${value.shape.join(", ")}]`}`)
    .join(", ")})`;
export const firstResult = (module: SourceModule): Value => resultLeaves(module.functions[0] as Graph)[0]?.value as Value;

const names =
  "abs adam add dim exp grad greater iota matmul mean model mul relu reshape sum tanh type_Model type_Tensor uniform valueAndGrad where".split(
    " ",
  );

/** What is printed of a module, `wrong.ts`; its first line imports what it uses. */
export function refusal(source: string, options: ReadOptions = {}): string {
  const indent = /^\n( *)/.exec(source)?.[1] ?? "";
  const body = source.replaceAll(`\n${indent}`, "\n").trimEnd();
  const used = names.filter((name) => new RegExp(`\\b${name.replace("type_", "")}\\b`).test(body)).map((name) => name.replace("_", " "));
  return printed(readModule("wrong.ts", { budget: 100_000, ...options, text: `import { ${used.join(", ")} } from "cotangent";${body}\n` }));
}
