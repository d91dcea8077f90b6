/**
 * Contractions: Σ left · right with whatever is computed of the sum. The right operand, which has the columns, is packed into panels of 8 columns;
 * tiles of 6 × 8 are summed by the inner kernel (`micro.ts`) and finished by the kernel's other stages while they are in the cache.
 */
import { addressOf } from "../../codegen/address.ts";
import { contractionOf } from "../../codegen/contraction.ts";
import type { Kernel, Stage } from "../../codegen/kernel.ts";
import type { Expr, Loop } from "../../dsl/expr.ts";
import { type Assembler, i32, none } from "./assembler.ts";
import { Lanes } from "./lanes.ts";
import { type Layout, Sizes } from "./memory.ts";
import { COLUMNS } from "./micro.ts";
import { fitLanes } from "./nest.ts";
import { packPanels } from "./panels.ts";
import type { Phase, Room } from "./phase.ts";
import { Product } from "./product.ts";
import { Tiles } from "./tiles.ts";

export type Load = Expr & { readonly kind: "load" };

export interface Contraction {
  readonly sum: string;
  readonly left: Load;
  readonly right: Load;
  /** Loops around the matrices: of both operands, or rows and columns that are not next to the others. */
  readonly around: readonly Loop[];
  readonly row: Loop;
  readonly column: Loop;
  readonly over: readonly Loop[];
  /** What becomes of a sum. */
  readonly rest: readonly Stage[];
}

/** A kernel as a matrix product, if it is one; it has been collapsed. */
export function asContraction({ outer, stages }: Kernel): Contraction | undefined {
  const [stage, ...rest] = stages;
  if (stage?.kind !== "reduce" || stage.accumulators.length !== 1) return undefined;
  if (rest.some((s) => s.kind === "reduce" || (s.kind === "store" && (s.loops.length > 0 || s.mode === "add" || s.where))))
    return undefined;
  const [{ name, dtype, combine, value }] = stage.accumulators as [(typeof stage.accumulators)[number]];
  const found = contractionOf({ kind: "reduce", dtype, combine, over: stage.over, body: value });
  const column = outer.at(-1);
  if (!found || !column || dtype !== "f32" || stage.over.length === 0 || !fitLanes(rest, column.index)) return undefined;
  if (typeof column.extent === "number" && column.extent < 3) return undefined;
  const places = [found.left, found.right].map((x) => ({ load: x, address: addressOf(x.source, x.index) }));
  if (places.some(({ address }) => address.others.length > 0)) return undefined;
  const has = ({ address }: (typeof places)[number], loop: Loop): boolean => address.terms.has(loop.index);
  const [right, left] = (has(places[1] as (typeof places)[1], column) ? [places[1], places[0]] : [places[0], places[1]]) as [
    (typeof places)[number],
    (typeof places)[number],
  ];
  if (!has(right, column) || has(left, column)) return undefined;
  const row = outer.findLast((loop) => has(left, loop) && !has(right, loop));
  if (!row || (typeof row.extent === "number" && row.extent < 2)) return undefined;
  const around = outer.filter((loop) => loop !== row && loop !== column);
  return { sum: name, left: left.load, right: right.load, around, row, column, over: stage.over, rest };
}

/** The phases of a contraction: packing, if the right operand is the same in all loops around; then the tiles. */
export function emitContraction(
  asm: Assembler,
  layout: Layout,
  name: string,
  c: Contraction,
): { readonly phases: Phase[]; readonly room: Room } {
  const product = new Product(c);
  const { room, units } = product;
  const main = asm.name(name);
  const phases: Phase[] = [{ name: main, units }];
  if (product.packsOnce) {
    const pack = asm.name(`${name}_pack`);
    asm.func(pack, [i32, i32], none, (f) => {
      const sizes = new Sizes(f);
      packPanels(new Lanes(f, sizes, layout), product, f.let(i32, sizes.room(layout.scratch)), f.param(0), f.param(1));
    });
    phases.unshift({ name: pack, units: { dim: c.column.extent, per: COLUMNS, grain: 1 } });
  }
  asm.func(main, [i32, i32], none, (f) => new Tiles(asm, layout, product).emit(f));
  return { phases, room };
}
