/** What a set of programs is made of: a proof over programs that never contract anything proves nothing about contractions. */
import type { Graph } from "../../codegen/graph.ts";
import { topological } from "../../dsl/differentiate.ts";
import { ops } from "../../dsl/ops/index.ts";
import { leavesOf } from "../../dsl/tree.ts";
import { isValue, parameter, type Value } from "../../dsl/value.ts";
import { meaningOf, type Program } from "./language.ts";

export interface Coverage {
  /** Ops of the registry that no program's value or gradient contains. */
  readonly missingOps: readonly string[];
  readonly ranks: readonly number[];
  /** Shares of all programs, from 0 to 1. */
  readonly symbolic: number;
  readonly sizeOne: number;
  /** Contraction, broadcast and sharing in one program, before it is differentiated. */
  readonly rich: number;
  /** Of the program itself: its gradient, constants and parameters not counted. */
  readonly medianOps: number;
}

export function coverageOf(programs: readonly { readonly program: Program; readonly graph: Graph }[]): Coverage {
  const all = programs.map(({ program, graph }) => ({ own: valuesOf(forward(program)), whole: valuesOf(graph.result) }));
  const seen = new Set(all.flatMap(({ whole }) => whole.map((v) => v.op.name)));
  const shapes = all.flatMap(({ own }) => own.map((v) => v.shape.length));
  const share = (test: (own: readonly Value[]) => boolean): number => all.filter(({ own }) => test(own)).length / all.length;
  const has = (own: readonly Value[], op: string): boolean => own.some((v) => v.op.name === op);
  const sizes = all.map(({ own }) => own.filter((v) => v.args.length > 0).length).sort((a, b) => a - b);
  return {
    missingOps: ops.map((op) => op.name).filter((op) => !seen.has(op)),
    ranks: [...new Set(shapes)].sort((a, b) => a - b),
    symbolic: share((own) => own.some((v) => v.shape.some((d) => typeof d === "string"))),
    sizeOne: share((own) => own.some((v) => v.shape.includes(1))),
    rich: share((own) => has(own, "dot_general") && has(own, "broadcast_in_dim") && shares(own)),
    medianOps: sizes[Math.floor(sizes.length / 2)] ?? 0,
  };
}

const valuesOf = (tree: unknown): Value[] => topological(leavesOf(tree).flatMap(({ value }) => (isValue(value) ? [value] : [])));

/** The results of the program on unknown arguments. */
function forward(program: Program): unknown {
  const unknown = ({ shape, dtype, name }: Program["inputs"][number]): Value => parameter(shape, dtype, name);
  const weights = Object.fromEntries(program.weights.map((weight) => [weight.name, unknown(weight)]));
  return meaningOf(program).f(weights, ...program.inputs.map(unknown));
}

/** Does anything computed have two readers? */
function shares(values: readonly Value[]): boolean {
  const readers = new Map<Value, number>();
  for (const v of values) for (const arg of new Set(v.args)) readers.set(arg, (readers.get(arg) ?? 0) + 1);
  return values.some((v) => v.args.length > 0 && (readers.get(v) ?? 0) > 1);
}
