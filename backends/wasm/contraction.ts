/**
 * Contractions: Σ left · right with whatever is computed of the sum. The right operand, which has the columns, is packed into panels of 8 columns or read where it lies;
 * tiles of 6 × 8 are summed by the inner kernel (`micro.ts`) and finished by the kernel's other stages while they are in the cache.
 */
import type { Kernel } from "../../codegen/kernel.ts";
import { type MatrixProduct, matrixProductOf } from "../../codegen/matrices.ts";
import type { Loop } from "../../dsl/expr.ts";
import { type Assembler, i32, none } from "./assembler.ts";
import { Lanes } from "./lanes.ts";
import { type Layout, Sizes } from "./memory.ts";
import { COLUMNS } from "./micro.ts";
import { fitLanes } from "./nest.ts";
import { packPanels } from "./panels.ts";
import type { Phase, Room } from "./phase.ts";
import { Product } from "./product.ts";
import { Tiles } from "./tiles.ts";

/** A kernel as matrix products whose tiles are worth their packing; it has been collapsed. */
export function asContraction(kernel: Kernel): MatrixProduct | undefined {
  const product = matrixProductOf(kernel);
  if (!product || !fitLanes(product.rest, product.column.index)) return undefined;
  const fewer = ({ extent }: Loop, least: number): boolean => typeof extent === "number" && extent < least;
  return fewer(product.column, 3) || fewer(product.row, 2) ? undefined : product;
}

/** The phases of a contraction: packing, if the right operand is the same in all loops around; then the tiles. */
export function emitContraction(
  asm: Assembler,
  layout: Layout,
  name: string,
  c: MatrixProduct,
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
