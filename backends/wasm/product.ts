/** A contraction's plan: how its matrices lie, what is packed, how far it goes in one block, and the memory that it takes. Numbers and dims only. */
import { type Address, addressOf } from "../../codegen/address.ts";
import type { MatrixProduct } from "../../codegen/matrices.ts";
import { addDims, mulDims, sizeOf, upperBound } from "../../dsl/dim.ts";
import type { Loop } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { isForward } from "./bounds.ts";
import { COLUMNS, type Left, ROWS, TILE_BYTES } from "./micro.ts";
import type { Phase, Room } from "./phase.ts";

/** Steps of the slowest k in a block, such that a panel's share is a quarter of the first cache. */
const BLOCK = 256;
/** Tiles in a block of rows: the left operand's share stays in the second cache while all panels pass. */
export const TILES = 16;

/**
 * The right operand is read where it lies if its rows are no further apart than so many elements: the lines of 8 columns then fall onto enough
 * sets of the first cache, and packing would take longer than it gains.
 */
const NEAR = 128;

export class Product {
  readonly c: MatrixProduct;
  readonly left: Left;
  /** Is the right operand packed once, being the same whatever the loops around say? */
  readonly packsOnce: boolean;
  /** How many elements the right operand's columns, 8 side by side in memory, are further on for the next k; undefined where they are packed. */
  readonly rightStep: number | undefined;
  /** Elements of a column: the product of k's extents; of all but the slowest. */
  readonly k: Dim;
  readonly inner: Dim;
  /** Steps of the slowest k in a block; are there several? */
  readonly block: number;
  readonly inBlocks: boolean;

  constructor(c: MatrixProduct) {
    this.c = c;
    const [left, right] = [addressOf(c.left.source, c.left.index), addressOf(c.right.source, c.right.index)];
    const stride = (address: Address, loop: Loop): Dim => address.terms.get(loop.index) ?? 0;
    const near = this.wholePanels && c.over.length === 1 && stride(right, c.column) === 1;
    const step = stride(right, c.over[0] as Loop);
    this.rightStep = near && typeof step === "number" && step >= 0 && step <= NEAR ? step : undefined;
    this.packsOnce = this.rightStep === undefined && c.around.every((loop) => !right.terms.has(loop.index));
    this.k = sizeOf(c.over.map((loop) => loop.extent));
    this.inner = sizeOf(c.over.slice(1).map((loop) => loop.extent));
    this.block = typeof this.inner === "number" ? Math.max(4, Math.ceil(BLOCK / Math.max(1, this.inner))) : 4;
    const slowest = (c.over[0] as Loop).extent;
    const k = c.over.map((loop) => ({ extent: loop.extent, stride: stride(left, loop) }));
    this.left = { row: stride(left, c.row), k };
    this.inBlocks = typeof slowest !== "number" || slowest > this.block * 4;
  }

  /** What can be done side by side: turns of the first loop around, or tiles of rows. */
  get units(): Phase["units"] {
    const [first] = this.c.around;
    return first ? { dim: first.extent, per: 1, grain: 1 } : { dim: this.c.row.extent, per: ROWS, grain: 1 };
  }

  /** Rows run forwards: then the last tile may read behind the end, where there is always something (`#slack`), and nobody wants its sums. */
  get forward(): boolean {
    return isForward(this.left.row);
  }
  /** All columns are in panels of 8. */
  get wholePanels(): boolean {
    const { extent } = this.c.column;
    return typeof extent === "number" && extent % COLUMNS === 0;
  }
  /** Bytes behind the left operand that its last tile may read. */
  get #slack(): Dim {
    const bytes = this.forward ? mulDims(this.left.row, (ROWS - 1) * 4) : 0;
    // Whole cache lines, since the tiles come after it.
    return typeof bytes === "number" ? Math.ceil(bytes / 64) * 64 : bytes;
  }

  /** A bound for the columns of all panels. */
  get #width(): Dim {
    const { extent } = this.c.column;
    return typeof extent === "number" ? Math.ceil(extent / COLUMNS) * COLUMNS : upperBound(addDims(extent, COLUMNS - 1));
  }
  get #packed(): Dim {
    if (this.rightStep !== undefined) return 0;
    return mulDims(mulDims(this.#width, upperBound(this.k)), 4);
  }
  /** Bytes of the sums that a thread has under way. */
  get tileBytes(): Dim {
    return this.inBlocks ? mulDims(this.#width, (TILES * TILE_BYTES) / COLUMNS) : TILE_BYTES;
  }
  get room(): Room {
    return this.packsOnce
      ? { shared: addDims(this.#packed, this.#slack), own: this.tileBytes }
      : { shared: this.#slack, own: addDims(this.#packed, this.tileBytes) };
  }
}
