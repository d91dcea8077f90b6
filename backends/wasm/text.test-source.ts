/** Functions of a module as text that a person can read: an expression on one line where it fits. */
import type { Graph } from "../../codegen/graph.ts";
import { compile } from "../../codegen/pipeline.ts";
import { emitWasm } from "./module.ts";

const WIDTH = 120;
type Node = string | readonly Node[];

/** The functions of a model whose names begin like this. */
export function functionsText(graph: Graph, prefix: string, fma = false): string {
  const { text = "" } = emitWasm([compile(graph)], { fma }, { text: true });
  const [module] = parse(text) as [readonly Node[]];
  return module
    .filter((node) => node[0] === "func" && String(node[1]).startsWith(`$${prefix}`))
    .map((node) => lines(node, "").join("\n"))
    .join("\n\n");
}

/** S-expressions; a comment is none. */
function parse(text: string): readonly Node[] {
  const stack: Node[][] = [[]];
  for (const [token] of text.replace(/;;.*$/gm, "").matchAll(/[()]|"[^"]*"|[^\s()]+/g)) {
    if (token === "(") stack.push([]);
    else if (token === ")") {
      const node = stack.pop() as Node[];
      stack.at(-1)?.push(node);
    } else stack.at(-1)?.push(token);
  }
  return stack[0] as Node[];
}

const flat = (node: Node): string => (typeof node === "string" ? node : `(${node.map(flat).join(" ")})`);
function lines(node: Node, indent: string): string[] {
  const one = indent + flat(node);
  const atoms = typeof node === "string" ? 0 : node.findIndex((part) => typeof part !== "string" && !isHeader(part));
  if (one.length <= WIDTH || typeof node === "string" || atoms < 0) return [one];
  const head = `${indent}(${node.slice(0, atoms).map(flat).join(" ")}`;
  const rest = node.slice(atoms).flatMap((part) => lines(part, `${indent}  `));
  return [head, ...rest.slice(0, -1), `${rest.at(-1)})`];
}
/** What belongs to the line of what it is about. */
const isHeader = (node: Node): boolean => ["param", "result", "local"].includes(String(node[0]));
