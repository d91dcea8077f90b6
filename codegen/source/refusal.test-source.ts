/** For tests of what is refused: source in, what is printed out. */
import { printDiagnostic } from "./diagnostic.ts";
import { type ReadOptions, readModule } from "./read.ts";

const names =
  "abs adam add dim exp grad greater iota matmul mean model mul relu reshape sum tanh type_Tensor uniform valueAndGrad where".split(" ");

/** The module is `wrong.ts`; its first line imports what it uses. */
export function refusal(source: string, options: ReadOptions = {}): string {
  const indent = /^\n( *)/.exec(source)?.[1] ?? "";
  const body = source.replaceAll(`\n${indent}`, "\n").trimEnd();
  const used = names.filter((name) => new RegExp(`\\b${name.replace("type_", "")}\\b`).test(body)).map((name) => name.replace("_", " "));
  const read = readModule("wrong.ts", { budget: 100_000, ...options, text: `import { ${used.join(", ")} } from "cotangent";${body}\n` });
  return read.ok ? "accepted" : read.diagnostics.map(printDiagnostic).join("\n\n");
}
