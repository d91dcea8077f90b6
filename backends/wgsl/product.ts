/** A contraction as one product of matrices for each batch: whatever loops there are, they are numbered as rows, columns, steps of the sum and batches. */
import { type Address, addressOf } from "../../codegen/address.ts";
import type { Kernel, Stage } from "../../codegen/kernel.ts";
import { matrixProductOf } from "../../codegen/matrices.ts";
import type { Loop } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { isMultiple, liesInVectors } from "./elements.ts";
import type { Layout } from "./layout.ts";
import { countOf } from "./loops.ts";

/** sum[batch, row, column] = Σ over `steps` of left[batch, row, step] · right[batch, step, column] */
export interface Product {
  readonly sum: string;
  readonly batches: readonly Loop[];
  readonly rows: readonly Loop[];
  readonly columns: readonly Loop[];
  readonly steps: readonly Loop[];
  readonly left: Operand;
  readonly right: Operand;
  /** What becomes of a sum. */
  readonly rest: readonly Stage[];
}

export interface Operand {
  readonly source: Value;
  readonly address: Address;
  /** Its rows or columns. */
  readonly across: readonly Loop[];
  /** What lies side by side, four at a time from multiples of four on. */
  readonly wide: "steps" | "across" | undefined;
}

/** A kernel as a product, if it is that and has enough rows and columns to be one; it has been collapsed. */
export function productOf(kernel: Kernel, layout: Layout): Product | undefined {
  const found = matrixProductOf(kernel);
  if (!found || countOf(found.over) === 0) return undefined;
  const [left, right] = [found.left, found.right].map((load) => ({ source: load.source, address: addressOf(load.source, load.index) })) as [
    Read,
    Read,
  ];
  const has = ({ address }: Read, { index }: Loop): boolean => address.terms.has(index);
  const rows = kernel.outer.filter((loop) => has(left, loop) && !has(right, loop));
  const columns = kernel.outer.filter((loop) => has(right, loop) && !has(left, loop));
  if ([rows, columns].some(isFew)) return undefined;
  const operand = (read: Read, across: readonly Loop[]): Operand => ({ ...read, across, wide: wideOf(read, across, found.over, layout) });
  return {
    sum: found.sum,
    batches: kernel.outer.filter((loop) => !rows.includes(loop) && !columns.includes(loop)),
    rows,
    columns,
    steps: found.over,
    left: operand(left, rows),
    right: operand(right, columns),
    rest: found.rest,
  };
}
interface Read {
  readonly source: Value;
  readonly address: Address;
}

/** Fewer than this are no tile. */
const FEW = 8;
const isFew = (loops: readonly Loop[]): boolean => {
  const count = countOf(loops);
  return typeof count === "number" && count < FEW;
};

function wideOf({ source, address }: Read, across: readonly Loop[], steps: readonly Loop[], layout: Layout): Operand["wide"] {
  if (!layout.isAligned(source)) return undefined;
  const along = (loop: Loop | undefined): boolean =>
    loop !== undefined &&
    isMultiple(loop.extent) &&
    address.terms.get(loop.index) === 1 &&
    isMultiple(address.constant) &&
    [...address.terms].every(([name, stride]) => name === loop.index || isMultiple(stride));
  return along(across.at(-1)) ? "across" : along(steps.at(-1)) ? "steps" : undefined;
}

/** The part of an address that these loops make. */
export const termsOf = ({ terms }: Address, loops: readonly Loop[]): Map<string, Dim> =>
  new Map([...terms].filter(([name]) => loops.some(({ index }) => index === name)));

/** Are all results stored four columns at a time? */
export function isWideProduct({ columns, rest }: Product, layout: Layout): boolean {
  const { index, extent } = columns.at(-1) as Loop;
  return isMultiple(extent) && rest.every((stage) => stage.kind !== "store" || liesInVectors(layout, stage, new Map([[index, 1]])));
}
