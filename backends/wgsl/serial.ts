/** An invocation for each outer index, or for four of them that lie side by side. */
import { addressOf } from "../../codegen/address.ts";
import type { Kernel } from "../../codegen/kernel.ts";
import type { Loop } from "../../dsl/expr.ts";
import { int, plus, times } from "./arithmetic.ts";
import { type Code, code, level } from "./code.ts";
import { isMultiple } from "./elements.ts";
import type { Layout } from "./layout.ts";
import { countOf, emitEnd, emitIndices, groupNumber, stridesOf } from "./loops.ts";
import { type Grid, UNIT } from "./shader.ts";
import { emitStages } from "./stages.ts";
import type { Writer } from "./writer.ts";

/** Invocations of a workgroup. */
const INVOCATIONS = 64;

/** Is memory best seen four elements at a time? All that is stored has to be. */
export function isWide({ outer, stages }: Kernel, layout: Layout, addsUp = false): boolean {
  const strides = stridesOf(outer);
  return (
    countOf(outer) !== 1 &&
    stages.every((stage) => {
      if (stage.kind !== "store") return stage.kind === "let" || addsUp;
      if (stage.loops.length > 0) return false;
      const { terms, others, constant } = addressOf(stage.target, stage.index);
      return (
        constant === 0 &&
        others.length === 0 &&
        layout.isAligned(stage.target) &&
        outer.every(({ index }) => terms.get(index) === strides.get(index))
      );
    })
  );
}

export function emitSerial(w: Writer, { outer, stages }: Kernel): Grid {
  const total = countOf(outer);
  if (total === 1) {
    emitIndices(w, outer, code("0"));
    emitStages(w, stages);
    return { groups: [], invocations: 1 };
  }
  const each = w.module.wide ? UNIT : 1;
  const n = w.let("n", times(plus(times(groupNumber, int(INVOCATIONS)), code("i32(lane)")), int(each)));
  emitEnd(w, n, w.sizes.size(total), INVOCATIONS * each);
  if (w.module.wide) emitFour(w, { outer, stages }, n);
  else {
    emitIndices(w, outer, n);
    emitStages(w, stages);
  }
  return { groups: [{ dim: total, per: INVOCATIONS * each }], invocations: INVOCATIONS };
}

/** The last index goes on by one in a vector; where vectors go on from row to row, all do. */
function emitFour(w: Writer, { outer, stages }: Pick<Kernel, "outer" | "stages">, n: Code): void {
  const last = outer.at(-1) as Loop;
  const lanes = code(w.module.use("lanes"), level.primary, true);
  const inRow = outer.length === 1 || isMultiple(last.extent);
  if (inRow) emitIndices(w, outer, n);
  else emitIndices(w, outer, w.let("at", plus(n, lanes)));
  const first = inRow ? w.index(last.index) : n;
  if (inRow) w.setIndex(last.index, plus(first, lanes));
  const strides = inRow ? new Map([[last.index, 1]]) : stridesOf(outer);
  w.along({ first, strides }, () => emitStages(w, stages));
}
