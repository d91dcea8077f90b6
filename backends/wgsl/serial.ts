/** An invocation for each outer index, or for four of them that lie side by side. */
import type { Kernel } from "../../codegen/kernel.ts";
import type { Loop } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { int, plus, times } from "./arithmetic.ts";
import { isMultiple, liesInVectors } from "./elements.ts";
import type { Layout } from "./layout.ts";
import { countOf, emitEnd, emitIndices, groupNumber, laneNumber, stridesOf } from "./loops.ts";
import { type Grid, UNIT } from "./shader.ts";
import { emitStages } from "./stages.ts";
import type { Writer } from "./writer.ts";

/** Invocations of a workgroup. */
const INVOCATIONS = 64;

/** Of four neighbours the last index goes on by one; where vectors go on from row to row, all do. */
const isInRow = (outer: readonly Loop[]): boolean => outer.length === 1 || isMultiple((outer.at(-1) as Loop).extent);
const lanesOf = (outer: readonly Loop[]): Map<string, Dim> => {
  const strides = stridesOf(outer);
  return isInRow(outer) ? new Map([...strides].slice(-1)) : strides;
};

/** Are four neighbours best computed at once? All that is stored has to be vectors; what is folded, if it lies `across` what it is folded over. */
export function isWide({ outer, stages }: Kernel, layout: Layout, across: boolean): boolean {
  if (countOf(outer) === 1) return false;
  const strides = lanesOf(outer);
  return stages.every((stage) => {
    if (stage.kind === "store") return stage.loops.length === 0 && liesInVectors(layout, stage, strides);
    return stage.kind === "let" || across;
  });
}

export function emitSerial(w: Writer, { outer, stages }: Kernel): Grid {
  const total = countOf(outer);
  if (total === 1) {
    emitIndices(w, outer, int(0));
    emitStages(w, stages);
    return { groups: [], invocations: 1 };
  }
  const each = w.module.wide ? UNIT : 1;
  const n = w.let("n", times(plus(times(groupNumber, int(INVOCATIONS)), laneNumber), int(each)));
  emitEnd(w, n, w.sizes.size(total), INVOCATIONS * each);
  const body = (): void => emitStages(w, stages);
  if (w.module.wide && !isInRow(outer)) {
    emitIndices(w, outer, w.let("at", w.lanesFrom(n)));
    w.along({ first: n, strides: lanesOf(outer) }, body);
  } else {
    emitIndices(w, outer, n);
    if (w.module.wide) w.four((outer.at(-1) as Loop).index, body);
    else body();
  }
  return { groups: [{ dim: total, per: INVOCATIONS * each }], invocations: INVOCATIONS };
}
