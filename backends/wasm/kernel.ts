/** A kernel as WebAssembly functions. */
import { collapse } from "../../codegen/collapse.ts";
import type { Kernel } from "../../codegen/kernel.ts";
import type { Loop } from "../../dsl/expr.ts";
import { type Assembler, i32, none } from "./assembler.ts";
import { asContraction, emitContraction } from "./contraction.ts";
import { Lanes } from "./lanes.ts";
import { type Layout, Sizes } from "./memory.ts";
import { emitNest } from "./nest.ts";
import type { Phase, Room } from "./phase.ts";

/** Elements of one loop are shared out such that whole vectors stay together, and threads do not write to one cache line. */
const LANES = 16;

export function emitKernel(
  asm: Assembler,
  layout: Layout,
  kernel: Kernel,
  name: string,
): { readonly phases: readonly Phase[]; readonly room: Room } {
  const collapsed = collapse(kernel);
  const contraction = asContraction(collapsed);
  if (contraction) return emitContraction(asm, layout, name, contraction);
  const fn = asm.name(name);
  asm.func(fn, [i32, i32], none, (f) => {
    const lanes = new Lanes(f, new Sizes(f), layout);
    emitNest(lanes, collapsed, { from: f.get(f.param(0)), to: () => f.get(f.param(1)) });
  });
  const [first] = collapsed.outer as readonly (Loop | undefined)[];
  return {
    phases: [{ name: fn, units: { dim: first?.extent ?? 1, per: 1, grain: collapsed.outer.length === 1 ? LANES : 1 } }],
    room: { shared: 0, own: 0 },
  };
}
