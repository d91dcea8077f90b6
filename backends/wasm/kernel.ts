/** A kernel as WebAssembly functions. */
import { collapse } from "../../codegen/collapse.ts";
import type { Kernel } from "../../codegen/kernel.ts";
import { bytesOf } from "../../codegen/memory.ts";
import { type Pass, passesOf } from "../../codegen/passes.ts";
import { split } from "../../codegen/split.ts";
import { addDims, mulDims } from "../../dsl/dim.ts";
import type { Loop } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Assembler, i32, none } from "./assembler.ts";
import { asContraction, emitContraction } from "./contraction.ts";
import { Lanes } from "./lanes.ts";
import { type Layout, ownRoom, Sizes } from "./memory.ts";
import { emitNest, outerLane } from "./nest.ts";
import type { Phase, Room } from "./phase.ts";
import { asSweep, emitSweep, sweepRoom } from "./sweep.ts";

/** Elements of one loop are shared out such that whole vectors stay together, and threads do not write to one cache line. */
const LANES = 16;

export interface EmittedKernel {
  readonly phases: readonly Phase[];
  readonly room: Room;
}

/** `rows`: the values that live within a row, and how many elements of each it has. */
export function emitKernel(asm: Assembler, layout: Layout, kernel: Kernel, name: string, rows: ReadonlyMap<Value, Dim>): EmittedKernel {
  const collapsed = collapse(split(kernel));
  const contraction = asContraction(collapsed);
  if (contraction) return emitContraction(asm, layout, name, contraction);
  const { outer, stages } = collapsed;
  const sweep = asSweep(collapsed);
  const begin = (v: Value): Dim => layout.begin(v);
  const passes = passesOf(stages, { overlap: (a, b) => begin(a) === begin(b), isTemporary: (v) => rows.has(v) });
  // Four rows at once would want four rows' room.
  const within = outerLane(outer, stages) === undefined ? placed(rows, passes) : { begins: new Map<Value, Dim>(), bytes: 0 };
  const room: Room = { shared: 0, own: sweep ? sweepRoom(sweep) : within.bytes };
  const fn = asm.name(name);
  asm.func(fn, [i32, i32], none, (f) => {
    const sizes = new Sizes(f);
    const span = { from: f.param(0), to: f.param(1) };
    if (room.own === 0) emitNest(new Lanes(f, sizes, layout), collapsed, passes, span);
    else {
      const own = ownRoom(f, sizes, layout, room);
      const names = new Set(outer.map((loop) => loop.index));
      if (sweep) emitSweep(new Lanes(f, sizes, layout), sweep, span, own);
      else emitNest(new Lanes(f, sizes, layout, { begins: within.begins, outer: names, own }), collapsed, passes, span);
    }
  });
  const [first] = outer as readonly (Loop | undefined)[];
  return { phases: [{ name: fn, units: { dim: first?.extent ?? 1, per: 1, grain: outer.length === 1 ? LANES : 1 } }], room };
}

/** What is still stored, one after the other, each with a vector to spare. */
function placed(rows: ReadonlyMap<Value, Dim>, passes: readonly Pass[]): { readonly begins: ReadonlyMap<Value, Dim>; readonly bytes: Dim } {
  const begins = new Map<Value, Dim>();
  let bytes: Dim = 0;
  const stored = new Set(passes.flatMap(({ stages }) => stages.flatMap((stage) => (stage.kind === "store" ? [stage.target] : []))));
  for (const [v, elements] of rows) {
    if (!stored.has(v)) continue;
    begins.set(v, bytes);
    const size = typeof elements === "number" ? Math.ceil(elements / 4) * 4 : addDims(elements, 4);
    bytes = addDims(bytes, mulDims(size, bytesOf(v.dtype)));
  }
  return { begins, bytes };
}
