/** Packing: the right operand's columns, 8 side by side, k by k; what is missing in the last panel is 0. */
import { addressOf } from "../../codegen/address.ts";
import type { MatrixProduct } from "../../codegen/matrices.ts";
import { type Expr, indexVar, int, rewrite } from "../../dsl/expr.ts";
import { type Code, i32, type Local } from "./assembler.ts";
import type { Lanes } from "./lanes.ts";
import { COLUMNS, ROW_BYTES } from "./micro.ts";
import type { Product } from "./product.ts";

/** Packs the panels `from … to`. */
export function packPanels(lanes: Lanes, p: Product, panels: Local, from: Local, to: Local): void {
  const { f, sizes } = lanes;
  const { m } = f;
  const { right, column, over } = p.c;
  const panel = f.let(i32, f.get(from));
  const bytes = f.let(i32, f.mul(sizes.size(p.k), ROW_BYTES));
  const target = f.let(i32, m.i32.add(f.get(panels), m.i32.mul(f.get(panel), f.get(bytes))));
  const j = lanes.variable(column);
  const accesses = [{ value: right.source, index: right.index }];
  /** `fixed`: the column stays where it is, so that pointers may know it. */
  const rows = (fixed: boolean, body: () => void): void => {
    const go = (depth: number): void => {
      const loop = over[depth];
      if (!loop) {
        body();
        f.set(target, f.add(f.get(target), ROW_BYTES));
        return;
      }
      const k = lanes.variable(loop);
      f.set(k, f.int(0));
      f.loop(k, sizes.bound(loop.extent), 1, () =>
        depth === over.length - 1 ? go(depth + 1) : lanes.pointers.entered(loop.index, accesses, () => go(depth + 1)),
      );
    };
    if (fixed) lanes.pointers.entered(column.index, accesses, () => go(0));
    else go(0);
  };
  f.loop(panel, to, 1, () => {
    f.set(j, f.mul(f.get(panel), COLUMNS));
    const vectors = (columns: readonly number[], to: Local): void => {
      for (const [k, v] of columns.entries()) f.emit(m.v128.store(k * 16, 16, f.get(to), lanes.four(shifted(p, right, v))));
    };
    const whole = (): void => lanes.along(column.index, () => rows(true, () => vectors([0, 4], target)));
    // Two panels at once use what a line of memory has: by one, each line would come twice.
    const two = (): void => {
      const next = f.fresh(i32);
      lanes.along(column.index, () =>
        rows(true, () => {
          f.set(next, m.i32.add(f.get(target), f.get(bytes)));
          vectors([0, 4], target);
          vectors([8, 12], next);
        }),
      );
      f.set(target, m.i32.add(f.get(target), f.get(bytes)));
      f.set(panel, f.add(f.get(panel), 1));
    };
    const part = (): void =>
      lanes.along(undefined, () =>
        rows(false, () => {
          const end = f.let(i32, f.add(f.get(j), COLUMNS));
          f.repeat(
            () => {
              const inside = m.i32.lt_s(f.get(j), sizes.size(column.extent));
              f.emit(m.f32.store(0, 4, f.get(target), m.if(inside, lanes.one(right), m.f32.const(0))));
              f.set(target, f.add(f.get(target), 4));
              f.set(j, f.add(f.get(j), 1));
            },
            () => m.i32.lt_s(f.get(j), f.get(end)),
          );
          f.set(j, f.add(f.get(j), -COLUMNS));
          f.set(target, f.add(f.get(target), -ROW_BYTES));
        }),
      );
    const { extent } = column;
    const holds = (columns: number): Code => m.i32.le_s(f.add(f.get(j), columns), sizes.size(extent));
    const one = (): void => {
      if (typeof extent === "number" && extent % COLUMNS === 0) whole();
      else if (typeof extent === "number" && extent < COLUMNS) part();
      else f.if(holds(COLUMNS), whole, part);
    };
    const lies = addressOf(right.source, right.index).terms.get(column.index) === 1;
    if (!lies || (typeof extent === "number" && extent < 2 * COLUMNS)) one();
    else f.if(m.i32.and(m.i32.lt_s(f.add(f.get(panel), 1), f.get(to)), holds(2 * COLUMNS)), two, one);
  });
}

/** The right operand `by` columns on. */
function shifted(p: Product, x: MatrixProduct["right"], by: number): MatrixProduct["right"] {
  if (by === 0) return x;
  const j = indexVar(p.c.column.index);
  const moved: Expr = { kind: "call", dtype: "i32", fn: "addInt", args: [j, int(by)] };
  return {
    ...x,
    index: x.index.map((i) => rewrite(i, (node) => (node.kind === "index" && node.name === p.c.column.index ? moved : node))),
  };
}
