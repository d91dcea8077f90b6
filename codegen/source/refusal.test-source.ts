/** For tests of what is refused: source in, what is printed out. */
import { printDiagnostic } from "./diagnostic.ts";
import { type ReadOptions, readModule } from "./read.ts";

const names = ["abs", "adam", "add", "dim", "exp", "grad", "greater", "iota", "matmul", "mean", "model", "mul", "relu", "reshape", "sum"];
const imports = `import { ${names.join(", ")}, tanh, type Tensor, uniform, valueAndGrad, where } from "cotangent";`;

/** The module is `wrong.ts`; its first line imports what it may need. */
export function refusal(source: string, options: ReadOptions = {}): string {
  const indent = /^\n( *)/.exec(source)?.[1] ?? "";
  const text = source.replaceAll(`\n${indent}`, "\n").trimEnd();
  const read = readModule("wrong.ts", { budget: 100_000, ...options, text: `${imports}${text}\n` });
  return read.ok ? "accepted" : read.diagnostics.map(printDiagnostic).join("\n\n");
}
