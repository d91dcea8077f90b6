/** The passes of a row kernel, when a row is shared between invocations: what stays in registers, and where invocations wait for each other. */
import { mapStage } from "../../codegen/collapse.ts";
import { keyOf, loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Stage } from "../../codegen/kernel.ts";
import { type Pass, type PassOptions, passesOf } from "../../codegen/passes.ts";
import { type Expr, indexVar, local, rewrite, visitExpr } from "../../dsl/expr.ts";
import type { DType } from "../../dsl/types.ts";
import { nameOf, type Value } from "../../dsl/value.ts";

export interface RowPass extends Pass {
  /** What another invocation has written to memory is read, or the other way round: first all meet. */
  readonly waits: boolean;
}

/** Passes over rows; loops of the same lengths have the same indices. */
export function rowPasses(stages: readonly Stage[], options: PassOptions): Pass[] {
  const names = new Map<string, readonly string[]>();
  return passesOf(stages, options).map((pass) => {
    if (pass.loops.length === 0) return pass;
    const lengths = pass.loops.map(({ extent }) => extent).join();
    const own = pass.loops.map(({ index }) => index);
    const common = names.get(lengths) ?? own;
    names.set(lengths, common);
    const loops = pass.loops.map((loop, k) => ({ ...loop, index: common[k] as string }));
    const memo = new Map<Expr, Expr>();
    const renamed = (x: Expr): Expr =>
      rewrite(
        x,
        (node) => (node.kind === "index" && own.includes(node.name) ? indexVar(common[own.indexOf(node.name)] as string) : node),
        memo,
      );
    return { loops, stages: pass.stages.map((stage) => renamedStage(stage, renamed, loops)) };
  });
}
function renamedStage(stage: Stage, change: (x: Expr) => Expr, loops: Pass["loops"]): Stage {
  const changed = mapStage(stage, change);
  if (changed.kind === "reduce") return { ...changed, over: loops };
  return changed.kind === "store" && changed.loops.length > 0 ? { ...changed, loops } : changed;
}

/** Where memory is read and written: what a pass does at each of its turns. */
interface Access {
  readonly value: Value;
  readonly key: string;
  readonly isStore: boolean;
}
const placeKey = (loops: Pass["loops"], index: readonly Expr[]): string =>
  `${loops.map(({ extent }) => extent).join()}: ${index.map(keyOf).join()}`;

function accessesOf({ loops, stages }: Pass): Access[] {
  return stages.flatMap((stage) => [
    ...expressionsOf(stage)
      .flatMap(loadsOf)
      .map(({ source, index }) => ({ value: source, key: placeKey(loops, index), isStore: false })),
    ...(stage.kind === "store" ? [{ value: stage.target, key: placeKey(loops, stage.index), isStore: true }] : []),
  ]);
}

/** Which passes have to wait: invocations have the same turns of all passes whose loops are as long. */
export function withWaits(passes: readonly Pass[], overlap: PassOptions["overlap"]): RowPass[] {
  let since: Access[] = [];
  return passes.map((pass) => {
    const own = accessesOf(pass);
    const waits = own.some((b) =>
      since.some(
        (a) =>
          (a.isStore || b.isStore) && (a.value === b.value || overlap(a.value, b.value)) && (a.key !== b.key || pass.loops.length === 0),
      ),
    );
    since = waits ? own : [...since, ...own];
    return { ...pass, waits };
  });
}

/**
 * Of passes that are written out turn by turn: what a pass loads or stores and a later one of the same length reads at the same place stays in
 * a register, at most `most` values of a turn. What is then read by nobody is not stored.
 */
export function keptInRegisters(
  passes: readonly Pass[],
  isTemporary: (v: Value) => boolean,
  most: number,
): { readonly passes: Pass[]; readonly kept: string[] } {
  const kept: string[] = [];
  const known = new Map<string, Expr>();
  const keyOfPlace = (loops: Pass["loops"], v: Value, index: readonly Expr[]): string =>
    `${keyOf({ kind: "load", dtype: v.dtype, source: v, index })} ${loops.map((l) => l.extent).join()}`;
  const isReadLater = (at: number, key: string): boolean =>
    passes.slice(at + 1).some(({ loops, stages }) =>
      stages
        .flatMap(expressionsOf)
        .flatMap(loadsOf)
        .some(({ source, index }) => keyOfPlace(loops, source, index) === key),
    );
  const wants = (at: number, key: string): boolean => !known.has(key) && kept.length < most && isReadLater(at, key);
  const register = (key: string, dtype: DType, wish: string): Expr => {
    const name = `${wish}:kept${kept.length}`;
    kept.push(name);
    const made = local(name, dtype);
    known.set(key, made);
    return made;
  };
  const rewritten = passes.map(({ loops, stages }, at): Pass => {
    if (loops.length === 0) return { loops, stages };
    const out: Stage[] = [];
    for (const stage of stages) {
      const change = (x: Expr): Expr =>
        rewrite(x, (node) => (node.kind === "load" ? (known.get(keyOfPlace(loops, node.source, node.index)) ?? node) : node));
      for (const { source, index, dtype } of expressionsOf(stage).flatMap(loadsOf)) {
        const key = keyOfPlace(loops, source, index);
        if (!loops.some((loop) => mentions(index, loop.index)) || !wants(at, key)) continue;
        const value = change({ kind: "load", dtype, source, index });
        const { name } = register(key, dtype, nameOf(source) ?? source.op.name) as Expr & { readonly kind: "local" };
        out.push({ kind: "let", name, dtype, value });
      }
      const now = mapStage(stage, change);
      if (now.kind !== "store") out.push(now);
      else {
        const { target, index } = stage as typeof now;
        const key = keyOfPlace(loops, target, index);
        if (!wants(at, key)) out.push(now);
        else {
          const made = register(key, target.dtype, nameOf(target) ?? target.op.name) as Expr & { readonly kind: "local" };
          out.push({ kind: "let", name: made.name, dtype: target.dtype, value: now.value }, { ...now, value: made });
        }
      }
    }
    return { loops, stages: out };
  });
  const isRead = (v: Value): boolean =>
    rewritten.some(({ stages }) =>
      stages
        .flatMap(expressionsOf)
        .flatMap(loadsOf)
        .some(({ source }) => source === v),
    );
  const isWanted = (stage: Stage): boolean => stage.kind !== "store" || !isTemporary(stage.target) || isRead(stage.target);
  return { passes: rewritten.map(({ loops, stages }) => ({ loops, stages: stages.filter(isWanted) })), kept };
}

function mentions(index: readonly Expr[], name: string): boolean {
  let found = false;
  const seen = new Set<Expr>();
  for (const x of index)
    visitExpr(
      x,
      (node) => {
        if (node.kind === "index" && node.name === name) found = true;
      },
      seen,
    );
  return found;
}
