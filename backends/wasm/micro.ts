/**
 * The inner kernel of every contraction: a tile of up to 6 rows × 8 columns whose sums stay in registers (12 of the 15 that engines use) while
 * k runs. The left operand is read where it lies, an element broadcast at a time; the right one comes packed, 8 columns side by side.
 */
import type { Dim } from "../../dsl/types.ts";
import { type Assembler, type Code, type Func, i32, type Local, none, v128 } from "./assembler.ts";
import { Sizes } from "./memory.ts";

export const ROWS = 6;
/** The height of the last tiles, where rows are no multiple of 6: sixes and fours make every even number from 4 on but 2. */
export const FEWER_ROWS = 4;
export const COLUMNS = 8;
/** Bytes of a tile of sums, and of a row of it. */
export const TILE_BYTES = ROWS * COLUMNS * 4;
export const ROW_BYTES = COLUMNS * 4;
/** Steps of k in a turn of the loop. Low tiles are not worth the bytes. */
const UNROLL = 2;
const UNROLLED_ROWS = 4;

/** How the left operand lies: strides in elements, k's from slow to fast. */
export interface Left {
  readonly row: Dim;
  readonly k: readonly { readonly extent: Dim; readonly stride: Dim }[];
}

/**
 * The function `(a, row, along, b, step, c, count, fresh) → ()`: the tile at `c` (+)= Σ over the first `count` turns of the slowest k, and all of
 * the others, of left · right. Rows of the left operand are `row` bytes apart, and its elements `along` from one k to the next; the 8 columns of
 * the right one are `step` bytes further on for each k. `fresh`: the sums begin at 0, not with what the tile holds.
 *
 * Every contraction with one k has the same function: six pointers that move cost no more than one with immediates for its rows.
 */
export function microKernel(asm: Assembler, rows: number, { k }: Left): string {
  const deeper = k.slice(1).map(({ extent, stride }) => `${extent}:${stride}`);
  const key = `micro ${rows} ${deeper.length === 0 ? "" : [k[0]?.stride, ...deeper].join(" ")}`;
  return asm.shared(key, `contract_${rows}x${COLUMNS}`, (name) => {
    asm.func(name, [i32, i32, i32, i32, i32, i32, i32, i32], none, (f) => new Micro(f, rows, k).emit());
  });
}

class Micro {
  readonly #f: Func;
  readonly #sizes: Sizes;
  readonly #k: Left["k"];
  readonly #row: Local;
  readonly #along: Local;
  readonly #b: Local;
  readonly #step: Local;
  readonly #c: Local;
  readonly #count: Local;
  readonly #fresh: Local;
  readonly #sums: readonly Local[];
  readonly #right: readonly Local[];
  readonly #element: Local;
  /** Where each row is. */
  readonly #pointers: readonly Local[];

  constructor(f: Func, rows: number, k: Left["k"]) {
    this.#f = f;
    this.#sizes = new Sizes(f);
    this.#k = k;
    const [a, row, along, b, step, c, count, fresh] = f.types.map((_, at) => f.param(at)) as Params;
    [this.#row, this.#along, this.#b, this.#step, this.#c, this.#count, this.#fresh] = [row, along, b, step, c, count, fresh];
    this.#sums = Array.from({ length: rows * 2 }, () => f.fresh(v128));
    this.#right = [f.fresh(v128), f.fresh(v128)];
    this.#element = f.fresh(v128);
    this.#pointers = [a, ...Array.from({ length: rows - 1 }, () => f.fresh(i32))];
  }

  emit(): void {
    const f = this.#f;
    const each = (body: (sum: Local, offset: number) => void): void => {
      for (const [k, sum] of this.#sums.entries()) body(sum, k * 16);
    };
    for (const [r, pointer] of this.#pointers.entries())
      if (r > 0) f.set(pointer, f.m.i32.add(f.get(this.#pointers[r - 1] as Local), f.get(this.#row)));
    // A local is 0 from the beginning.
    f.if(f.m.i32.eqz(f.get(this.#fresh)), () => each((sum, offset) => f.set(sum, f.m.v128.load(offset, 16, f.get(this.#c)))));
    this.#level(0);
    each((sum, offset) => f.emit(f.m.v128.store(offset, 16, f.get(this.#c), f.get(sum))));
  }

  /** The loop over one of k's indices. */
  #level(level: number): void {
    const f = this.#f;
    const { extent, stride } = this.#k[level] as Left["k"][number];
    const inner = this.#k[level + 1];
    const count = level === 0 ? this.#count : f.fresh(i32);
    if (level > 0 && !inner && typeof extent === "number" && extent <= 8) {
      this.#steps(extent);
      return;
    }
    if (level > 0) f.set(count, this.#sizes.size(extent));
    if (inner) {
      this.#countdown(count, 1, () => {
        this.#level(level + 1);
        this.#forward(f.m.i32.sub(this.#bytes(stride), f.m.i32.mul(this.#sizes.size(inner.extent), this.#bytes(inner.stride))));
      });
      return;
    }
    const unrolled = this.#pointers.length >= UNROLLED_ROWS;
    if (unrolled) this.#countdown(count, UNROLL, () => this.#steps(UNROLL));
    this.#countdown(count, 1, () => this.#steps(1));
  }

  /** `while (count >= n) { body; count -= n }` */
  #countdown(count: Local, n: number, body: () => void): void {
    const f = this.#f;
    const enough = (): Code => f.m.i32.ge_s(f.get(count), f.int(n));
    f.if(enough(), () =>
      f.repeat(() => {
        body();
        f.set(count, f.add(f.get(count), -n));
      }, enough),
    );
  }

  /** So many k: for each, two vectors of the right operand, and each row's element times both. */
  #steps(n: number): void {
    const f = this.#f;
    for (let k = 0; k < n; k++) {
      for (const [v, local] of this.#right.entries()) f.set(local, f.m.v128.load(v * 16, 4, f.get(this.#b)));
      f.set(this.#b, f.m.i32.add(f.get(this.#b), f.get(this.#step)));
      for (const [r, pointer] of this.#pointers.entries()) {
        f.set(this.#element, f.m.v128.load32_splat(0, 4, f.get(pointer)));
        f.set(pointer, f.m.i32.add(f.get(pointer), f.get(this.#along)));
        for (const [v, local] of this.#right.entries()) {
          const sum = this.#sums[r * 2 + v] as Local;
          f.set(sum, f.fma(f.get(this.#element), f.get(local), f.get(sum)));
        }
      }
    }
  }

  #forward(bytes: Code): void {
    const f = this.#f;
    const by = f.let(i32, bytes);
    for (const pointer of this.#pointers) f.set(pointer, f.m.i32.add(f.get(pointer), f.get(by)));
  }
  #bytes(stride: Dim): Code {
    return this.#f.mul(this.#sizes.size(stride), 4);
  }
}
type Params = [Local, Local, Local, Local, Local, Local, Local, Local];
