/** A long function in parts: compilers and people take a function of some hundred statements well, and one of ten thousand badly. */
import type { Body, Statement } from "./write-body.ts";
import { args, type Doc, layout, record, recordType } from "./write-layout.ts";

/** Statements in one function. */
const STATEMENTS = 500;

interface Part {
  /** `const loss_vjp_part1 = (p: P, x: Tensor<["B", 784]>): { h: Tensor<["B", 128]> } => {` */
  readonly head: string;
  readonly statements: readonly Statement[];
  /** `{ h }`: what later parts and the result mention. */
  readonly result: string;
  /** `const { h } = loss_vjp_part1(p, x);` */
  readonly call: string;
}

/** The parts of a function's body, in order; none if it is short enough. */
export function partsOf(name: string, params: readonly { readonly name: string; readonly type: Doc }[], body: Body): Part[] {
  const { statements, sizes } = body;
  if (statements.length <= STATEMENTS) return [];
  const count = Math.ceil(statements.length / STATEMENTS);
  const length = Math.ceil(statements.length / count);
  const chunks = Array.from({ length: count }, (_, k) => statements.slice(k * length, (k + 1) * length));
  const known = [...params, ...sizes, ...statements];
  return chunks.map((chunk, k): Part => {
    const own = new Set(chunk.map((s) => s.name));
    const mentioned = union(chunk);
    const later = union([...chunks.slice(k + 1).flat(), body.result]);
    const into = known.filter((x) => mentioned.has(x.name) && !own.has(x.name));
    const out = chunk.filter((s) => later.has(s.name));
    const part = `${name}_part${k + 1}`;
    const names = record(out.map((s) => s.name));
    const typed = ({ name, type }: { readonly name: string; readonly type: Doc }): Doc => [`${name}: `, type];
    return {
      head: layout([`const ${part} = `, args(into.map(typed)), ": ", recordType(out.map(typed)), " => {"]),
      statements: chunk,
      result: layout(names, 2),
      call: layout(["const ", names, ` = ${part}`, args(into.map((x) => x.name)), ";"], 2),
    };
  });
}

const union = (all: readonly { readonly mentions: ReadonlySet<string> }[]): Set<string> =>
  new Set(all.flatMap(({ mentions }) => [...mentions]));
