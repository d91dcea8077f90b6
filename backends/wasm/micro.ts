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
/** Steps of k in a turn of the loop: where rows share a pointer, and where each has one to move. Low tiles are not worth the bytes. */
const UNROLL = 2;
const UNROLL_POINTERS = 4;
const UNROLLED_ROWS = 4;

/** How the left operand lies: strides in elements, k's from slow to fast. */
export interface Left {
  readonly row: Dim;
  readonly k: readonly { readonly extent: Dim; readonly stride: Dim }[];
  /** Every `count` is a multiple of 4. */
  readonly even: boolean;
}

/**
 * The function `(a, b, step, c, count, fresh) → ()`: the tile at `c` (+)= Σ over the first `count` turns of the slowest k, and all of the others,
 * of left · right, whose 8 columns are `step` bytes further on for each k. `fresh`: the sums begin at 0, not with what the tile holds.
 */
export function microKernel(asm: Assembler, rows: number, left: Left): string {
  const key = `micro ${rows} ${left.row} ${left.even} ${left.k.map(({ extent, stride }, level) => `${level === 0 ? "" : extent}:${stride}`).join(" ")}`;
  return asm.shared(key, `contract_${rows}x${COLUMNS}`, (name) => {
    asm.func(name, [i32, i32, i32, i32, i32, i32], none, (f) => new Micro(f, rows, left).emit());
  });
}

class Micro {
  readonly #f: Func;
  readonly #sizes: Sizes;
  readonly #left: Left;
  readonly #b: Local;
  readonly #sums: readonly Local[];
  readonly #right: readonly Local[];
  readonly #element: Local;
  /** Rows at constant distances share a pointer. */
  readonly #pointers: readonly Local[];
  readonly #rows: number;
  readonly #unroll: number;

  constructor(f: Func, rows: number, left: Left) {
    this.#f = f;
    this.#sizes = new Sizes(f);
    this.#left = left;
    this.#rows = rows;
    this.#b = f.param(1);
    this.#sums = Array.from({ length: rows * 2 }, () => f.fresh(v128));
    this.#right = [f.fresh(v128), f.fresh(v128)];
    this.#element = f.fresh(v128);
    const apart = typeof left.row === "number" && left.row >= 0 ? 1 : rows;
    this.#unroll = apart === 1 ? UNROLL : UNROLL_POINTERS;
    this.#pointers = [f.param(0), ...Array.from({ length: apart - 1 }, () => f.fresh(i32))];
  }

  emit(): void {
    const f = this.#f;
    const [c, fresh] = [f.param(3), f.param(5)];
    const each = (body: (sum: Local, offset: number) => void): void => {
      for (const [k, sum] of this.#sums.entries()) body(sum, k * 16);
    };
    for (const [r, pointer] of this.#pointers.entries())
      if (r > 0) f.set(pointer, f.m.i32.add(f.get(this.#pointers[r - 1] as Local), this.#bytes(this.#left.row)));
    // A local is 0 from the beginning.
    f.if(f.m.i32.eqz(f.get(fresh)), () => each((sum, offset) => f.set(sum, f.m.v128.load(offset, 16, f.get(c)))));
    this.#level(0);
    each((sum, offset) => f.emit(f.m.v128.store(offset, 16, f.get(c), f.get(sum))));
  }

  /** The loop over one of k's indices. */
  #level(level: number): void {
    const f = this.#f;
    const { extent, stride } = this.#left.k[level] as Left["k"][number];
    const inner = this.#left.k[level + 1];
    const count = level === 0 ? f.param(4) : f.fresh(i32);
    const forward = typeof stride === "number" && stride >= 0;
    if (level > 0 && !inner && forward && typeof extent === "number" && extent <= 8) {
      this.#steps(stride, extent);
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
    const unrolled = forward && this.#rows >= UNROLLED_ROWS;
    if (unrolled) this.#countdown(count, this.#unroll, () => this.#steps(stride, this.#unroll));
    if (!unrolled || level > 0 || !this.#left.even) this.#countdown(count, 1, () => this.#steps(stride, 1));
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

  #steps(stride: Dim, n: number): void {
    for (let k = 0; k < n; k++) this.#step(stride, k);
    this.#advance(stride, n);
  }

  /** One k: two vectors of the right operand, each row's element times both. */
  #step(stride: Dim, k: number): void {
    const f = this.#f;
    const along = k === 0 ? 0 : k * (stride as number) * 4;
    for (const [v, local] of this.#right.entries()) f.set(local, f.m.v128.load(v * 16, 4, f.get(this.#b)));
    f.set(this.#b, f.m.i32.add(f.get(this.#b), f.get(f.param(2))));
    const element = this.#element;
    for (let r = 0; r < this.#rows; r++) {
      const [pointer, across] =
        this.#pointers.length === 1 ? [this.#pointers[0], r * (this.#left.row as number) * 4] : [this.#pointers[r], 0];
      f.set(element, f.m.v128.load32_splat(along + across, 4, f.get(pointer as Local)));
      for (const [v, local] of this.#right.entries()) {
        const sum = this.#sums[r * 2 + v] as Local;
        f.set(sum, f.fma(f.get(element), f.get(local), f.get(sum)));
      }
    }
  }

  #advance(stride: Dim, n: number): void {
    const f = this.#f;
    this.#forward(typeof stride === "number" ? f.int(n * stride * 4) : f.mul(this.#bytes(stride), n));
  }
  #forward(bytes: Code): void {
    const f = this.#f;
    const [first, ...others] = this.#pointers as [Local, ...Local[]];
    if (others.length === 0) {
      f.set(first, f.m.i32.add(f.get(first), bytes));
      return;
    }
    const by = f.let(i32, bytes);
    for (const pointer of this.#pointers) f.set(pointer, f.m.i32.add(f.get(pointer), f.get(by)));
  }
  #bytes(stride: Dim): Code {
    return this.#f.mul(this.#sizes.size(stride), 4);
  }
}
