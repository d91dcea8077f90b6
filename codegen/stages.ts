/** A group of stored values as a kernel: what is at the rank of the outer indices becomes a row local, everything else a loop. */
import { type Expr, indexVar, type Loop, local, rewrite } from "../dsl/expr.ts";
import type { Dim } from "../dsl/types.ts";
import { nameOf, type Origin, type Value } from "../dsl/value.ts";
import type { Group, Part } from "./group.ts";
import { indicesOf, readOf } from "./inline.ts";
import type { Kernel, Stage } from "./kernel.ts";
import { mergeReductions } from "./merge.ts";

export function kernelOf(g: Group, needed: ReadonlySet<Value>): Kernel {
  const names = new Map<Value, string>();
  const taken = new Map<string, number>();
  const nameFor = (v: Value): string => {
    const base = nameOf(v) ?? v.op.name.replace(/^reduce_/, "");
    let name = base;
    for (let n = taken.get(base) ?? 1; taken.has(name); n++) {
      name = `${base}${n + 1}`;
      taken.set(base, n + 1);
    }
    taken.set(name, 1);
    names.set(v, name);
    return name;
  };
  const last = (g.parts.findLast((part) => nameOf(part.value)) ?? g.parts.at(-1)) as Part;
  const name = nameOf(last.value) ?? last.value.op.name;
  const origins = g.parts.flatMap((part) => part.value.origin ?? []);
  const [only] = g.parts;
  if (only?.value.op.kind === "scatter") return { name, outer: [], stages: scatterStages(only.value), origins };
  const outer = (g.parts[0] as Part).value.shape.slice(0, g.prefix).map((extent, axis): Loop => ({ index: `i${axis}`, extent }));
  const stages = g.parts.flatMap((part) => stagesOf(part, g.prefix, needed.has(part.value), nameFor, (x) => localise(x, names, g.prefix)));
  // Locals are stored last: what they overwrite, the carry's old values, has been read by then.
  const isPlainStore = (stage: Stage): boolean => stage.kind === "store" && stage.loops.length === 0;
  return {
    name,
    outer,
    stages: [...mergeReductions(stages.filter((s) => !isPlainStore(s))), ...stages.filter(isPlainStore)],
    origins: uniqueOrigins(origins),
  };
}

/** Loads of values that are row locals by now become reads of those. */
function localise(x: Expr, names: ReadonlyMap<Value, string>, prefix: number): Expr {
  return rewrite(x, (node) => {
    if (node.kind !== "load") return node;
    const name = names.get(node.source);
    return name === undefined || effectiveRank(node.source) > prefix ? node : local(name, node.dtype);
  });
}
function effectiveRank(v: Value): number {
  const last = v.shape.findLastIndex((d) => d !== 1);
  return last + 1;
}

function stagesOf(part: Part, prefix: number, isNeeded: boolean, nameFor: (v: Value) => string, localise: (x: Expr) => Expr): Stage[] {
  const { value, element, rank, reduces } = part;
  const index = indicesOf(value);
  const store = (x: Expr, loops: readonly Loop[]): Stage => ({ kind: "store", loops, target: value, index, value: x, mode: "set" });
  if (rank > prefix) {
    const loops = value.shape
      .slice(prefix)
      .map((extent, k): Loop => ({ index: `i${prefix + k}`, extent }))
      .filter((loop) => loop.extent !== 1);
    return [store(localise(element), loops)];
  }
  const inner = localise(element);
  const name = nameFor(value);
  const result = local(name, value.dtype);
  const made: Stage =
    reduces && inner.kind === "reduce"
      ? { kind: "reduce", over: inner.over, accumulators: [{ name, dtype: value.dtype, combine: inner.combine, value: inner.body }] }
      : { kind: "let", name, dtype: value.dtype, value: inner };
  return isNeeded ? [made, store(result, [])] : [made];
}

function scatterStages(v: Value): Stage[] {
  if (v.op.kind !== "scatter") throw new Error("internal: not a scatter");
  const reads = v.args.map(readOf);
  const index = indicesOf(v);
  const loop = (extent: Dim, axis: number): Loop => ({ index: `i${axis}`, extent });
  const space = v.op.updates(v.args, v.attrs);
  const { target, value, inside } = v.op.scatter(
    reads,
    space.map((_, axis) => indexVar(`i${axis}`)),
    v,
  );
  return [
    { kind: "store", loops: v.shape.map(loop), target: v, index, value: v.op.initial(reads, index, v), mode: "set" },
    { kind: "store", loops: space.map(loop), target: v, index: target, value, mode: "add", where: inside },
  ];
}

function uniqueOrigins(origins: readonly Origin[]): Origin[] {
  const seen = new Map(origins.map((o) => [`${o.file}:${o.line}`, o]));
  return [...seen.values()];
}
