/** What stays in registers from one pass over a row to the next, where turns are written out. */
import { mapStage } from "../../codegen/collapse.ts";
import { keyOf, loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Stage } from "../../codegen/kernel.ts";
import type { Pass } from "../../codegen/passes.ts";
import { type Expr, load, local, rewrite, visitExpr } from "../../dsl/expr.ts";
import { nameOf, type Value } from "../../dsl/value.ts";

type Load = Expr & { readonly kind: "load" };
const loadsIn = ({ stages }: Pass): Load[] => stages.flatMap(expressionsOf).flatMap(loadsOf);

/** The element that a pass reads or writes in one of its turns: turns over as many elements go by the same indices. */
const elementKey = ({ loops }: Pass, x: Load): string => `${keyOf(x)} of ${loops.map(({ extent }) => extent).join()}`;

/** Is it another element in each turn? */
function variesIn({ loops }: Pass, { index }: Load): boolean {
  let found = false;
  for (const x of index)
    visitExpr(x, (node) => {
      if (node.kind === "index" && loops.some((loop) => loop.index === node.name)) found = true;
    });
  return found;
}

/**
 * What a pass loads or stores, and a later one of the same length reads at the same place, is a local of each turn, `most` of them altogether.
 * What then nobody reads is not stored.
 */
export function keptInRegisters(
  passes: readonly Pass[],
  isTemporary: (v: Value) => boolean,
  most: number,
): { readonly passes: readonly Pass[]; readonly kept: ReadonlySet<string> } {
  const kept = new Set<string>();
  const known = new Map<string, Expr>();

  /** A local for an element that is met in a pass, if a later one wants it. */
  const keep = (at: number, x: Load): (Expr & { readonly kind: "local" }) | undefined => {
    const key = elementKey(passes[at] as Pass, x);
    const isWanted = (): boolean => passes.slice(at + 1).some((later) => loadsIn(later).some((y) => elementKey(later, y) === key));
    if (known.has(key) || kept.size >= most || !isWanted()) return undefined;
    const made = local(`${nameOf(x.source) ?? x.source.op.name}:kept${kept.size}`, x.dtype) as Expr & { readonly kind: "local" };
    kept.add(made.name);
    known.set(key, made);
    return made;
  };

  const rewritten = passes.map((pass, at): Pass => {
    if (pass.loops.length === 0) return pass;
    const change = (x: Expr): Expr => rewrite(x, (node) => (node.kind === "load" ? (known.get(elementKey(pass, node)) ?? node) : node));
    const stages = pass.stages.flatMap((stage): Stage[] => {
      const lets = expressionsOf(stage)
        .flatMap(loadsOf)
        .filter((x) => variesIn(pass, x))
        .flatMap((x): Stage[] => {
          const value = change(x);
          const made = keep(at, x);
          return made ? [{ kind: "let", name: made.name, dtype: made.dtype, value }] : [];
        });
      const now = mapStage(stage, change);
      const made = stage.kind === "store" ? keep(at, load(stage.target, stage.index) as Load) : undefined;
      if (now.kind !== "store" || !made) return [...lets, now];
      return [...lets, { kind: "let", name: made.name, dtype: made.dtype, value: now.value }, { ...now, value: made }];
    });
    return { ...pass, stages };
  });
  const isWanted = (stage: Stage): boolean =>
    stage.kind !== "store" || !isTemporary(stage.target) || rewritten.some((pass) => loadsIn(pass).some((x) => x.source === stage.target));
  return { passes: rewritten.map(({ loops, stages }) => ({ loops, stages: stages.filter(isWanted) })), kept };
}
