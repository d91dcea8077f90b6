/** A long function in parts: compilers and people take a function of some hundred statements well, and one of ten thousand badly. */
import type { Body, Statement } from "./write-body.ts";
import { args, type Doc, layout, record, recordType } from "./write-layout.ts";

/** Statements in one function. */
const STATEMENTS = 500;

interface Part {
  /** `const loss_vjp_part2 = (p: P, part1: ReturnType<typeof loss_vjp_part1>): { d_h: Tensor<["B", 128]> } => {` */
  readonly head: string;
  /** `const { h } = part1;` */
  readonly into: readonly string[];
  readonly statements: readonly Statement[];
  /** `{ d_h }`: what later parts and the result mention. */
  readonly result: string;
}
interface Named {
  readonly name: string;
  readonly type: Doc;
}
interface Parts {
  readonly parts: readonly Part[];
  /** `const part1 = loss_vjp_part1(p, x);` and, of the last, what the result mentions. */
  readonly calls: readonly string[];
}

/** A function's body in parts, if it is too long for one. */
export function partsOf(name: string, params: readonly Named[], { sizes, statements, result }: Body): Parts | undefined {
  if (statements.length <= STATEMENTS) return undefined;
  const length = Math.ceil(statements.length / Math.ceil(statements.length / STATEMENTS));
  const chunks = Array.from({ length: Math.ceil(statements.length / length) }, (_, k) => statements.slice(k * length, (k + 1) * length));
  const taken = new Set([...params, ...sizes, ...statements].map((x) => x.name));
  const local = (k: number): string => (taken.has(`part${k + 1}`) ? `${name}_saved${k + 1}` : `part${k + 1}`);
  const mentions = [...chunks.map(mentionsOf), result.mentions];
  const kept = chunks.map((chunk, k) => chunk.filter((s) => mentions.slice(k + 1).some((later) => later.has(s.name))));

  /** The parts before `k` that have something for it, and the statements that take it out of them. */
  const from = (k: number): { readonly saved: readonly number[]; readonly into: readonly string[] } => {
    const used = kept.slice(0, k).map((all) => all.filter((s) => mentions[k]?.has(s.name)));
    const saved = used.flatMap((all, i) => (all.length > 0 ? [i] : []));
    return { saved, into: saved.map((i) => layout(["const ", record((used[i] ?? []).map((s) => s.name)), ` = ${local(i)};`], 2)) };
  };
  const outer = (k: number): Named[] => [...params, ...sizes].filter((x) => mentions[k]?.has(x.name));
  const typed = (x: Named): Doc => [`${x.name}: `, x.type];
  const parts = chunks.map((chunk, k): Part => {
    const { saved, into } = from(k);
    const given = [...outer(k).map(typed), ...saved.map((i) => `${local(i)}: ReturnType<typeof ${name}_part${i + 1}>`)];
    return {
      head: layout([`const ${name}_part${k + 1} = `, args(given), ": ", recordType((kept[k] ?? []).map(typed)), " => {"]),
      into,
      statements: chunk,
      result: layout(record((kept[k] ?? []).map((s) => s.name)), 2),
    };
  });
  const calls = chunks.map((_, k) => {
    const given = [...outer(k).map((x) => x.name), ...from(k).saved.map(local)];
    return layout([`const ${local(k)} = ${name}_part${k + 1}`, args(given), ";"], 2);
  });
  return { parts, calls: [...calls, ...from(chunks.length).into] };
}

const mentionsOf = (chunk: readonly Statement[]): Set<string> => new Set(chunk.flatMap((s) => [...s.mentions]));
