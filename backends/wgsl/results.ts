/** What is stored once for each row. */
import type { Stage } from "../../codegen/kernel.ts";
import type { Pass } from "../../codegen/passes.ts";
import { int, over, plus, times } from "./arithmetic.ts";
import { type Code, code, level, typeOf, within } from "./code.ts";
import type { Layout } from "./layout.ts";
import { countOf, laneNumber, stridesOf } from "./loops.ts";
import type { Rows } from "./rows.ts";
import { UNIT } from "./shader.ts";
import { emitStage, emitStages } from "./stages.ts";
import type { Writer } from "./writer.ts";

type Store = Stage & { readonly kind: "store" };
const isStore = (stage: Stage): stage is Store => stage.kind === "store";

/** Is something stored once for each row, beside what is stored for the next one? */
export const hasResults = (passes: readonly Pass[], layout: Layout): boolean =>
  passes.some(({ loops, stages }) => loops.length === 0 && stages.filter(isStore).some(({ target }) => !layout.isAlone(target)));

/** Which row this invocation is in, and where; what holds if there is such a row. */
export interface RowPlace {
  readonly row: Code;
  readonly own: Code;
  readonly isThere: readonly Code[];
}

/** Stages without loops: all invocations of a row compute, one stores. */
export function emitOnce(w: Writer, rows: Rows, stages: readonly Stage[], place: RowPlace): void {
  emitStages(
    w,
    stages.filter((stage) => !isStore(stage)),
  );
  const stores = stages.filter(isStore);
  const alone = stores.filter(({ target }) => rows.each === 1 || w.module.layout.isAlone(target));
  const others = stores.filter((stage) => !alone.includes(stage));
  const isFirst = code(`${place.own.text} == 0`, level.relation);
  if (alone.length > 0) w.where([isFirst, ...place.isThere], () => alone.forEach((stage) => void emitStage(w, stage)));
  if (others.length > 0) emitVectors(w, rows, others, isFirst, place);
}

/** The workgroup's rows put together what they have, and some invocations store it, four rows at a time. */
function emitVectors(w: Writer, { outer, along, across }: Rows, stores: readonly Store[], isFirst: Code, { row, isThere }: RowPlace): void {
  const arrays = stores.map(({ target }) => {
    const name = w.module.names.fresh("results");
    w.module.declare("", `var<workgroup> ${name}: array<${typeOf(target.dtype)}, ${across}>;`);
    return name;
  });
  w.where([isFirst], () => {
    for (const [k, { value }] of stores.entries())
      w.line(`${arrays[k]}[${over(laneNumber, int(along)).text}] = ${w.expression(value).text};`);
  });
  w.line("workgroupBarrier();");
  w.where([code(`lane < ${across / UNIT}u`, level.relation)], () => {
    const at = w.let("at", times(laneNumber, int(UNIT)));
    const first = w.let("first", plus(row, at));
    const isFirstThere = code(`${first.text} < ${within(w.sizes.size(countOf(outer)), level.sum)}`, level.relation);
    w.where(isThere.length > 0 ? [isFirstThere] : [], () => {
      for (const [k, { target, index }] of stores.entries()) {
        const four = [0, 1, 2, 3].map((j) => `${arrays[k]}[${plus(at, int(j)).text}]`).join(", ");
        w.along({ first, strides: stridesOf(outer) }, () => w.store(target, index, code(`vec4(${four})`, level.primary, true)));
      }
    });
  });
}
