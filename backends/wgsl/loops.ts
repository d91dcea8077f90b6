/** Indices as WGSL: how many there are, numbers taken apart into them, loops. */
import { evaluateDim, mulDims, namesOfDim, sizeOf } from "../../dsl/dim.ts";
import type { Loop } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import { modulo, over } from "./arithmetic.ts";
import { type Code, code, level, within } from "./code.ts";
import { MOST_GROUPS } from "./shader.ts";
import type { Writer } from "./writer.ts";

/** How many indices there are. */
export const countOf = (loops: readonly Loop[]): Dim => sizeOf(loops.map((loop) => loop.extent));

/** A size, for comparing work: what is known at run time only is taken for `n`. */
export const nominal = (dim: Dim, n = 256): number => evaluateDim(dim, Object.fromEntries(namesOfDim(dim).map((name) => [name, n])));

/** The next power of two. */
export const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));

/** How far it is from an index to the next one, where all are numbered, the last fastest. */
export const stridesOf = (loops: readonly Loop[]): Map<string, Dim> =>
  new Map(loops.map(({ index }, k) => [index, loops.slice(k + 1).reduce<Dim>((product, { extent }) => mulDims(product, extent), 1)]));

/** Takes a number apart into the indices of loops, the last fastest. */
export function emitIndices(w: Writer, loops: readonly Loop[], n: Code): void {
  const strides = stridesOf(loops);
  for (const [k, { index, extent }] of loops.entries()) {
    const slow = over(n, w.sizes.size(strides.get(index) as Dim));
    w.setIndex(index, w.named(index, k === 0 ? slow : modulo(slow, w.sizes.size(extent))));
  }
}

/** The number of this workgroup. */
export const groupNumber: Code = code("i32(group.x + group.y * groups.x)");
/** The number of this invocation within its workgroup. */
export const laneNumber: Code = code("i32(lane)");

/** What is behind the last of so many has nothing to do; a workgroup has `per` of them. */
export function emitEnd(w: Writer, n: Code, total: Code, per = 1): void {
  const count = /^\d+$/.test(total.text) ? Number(total.text) : undefined;
  if (count !== undefined && count % per === 0 && count / per <= MOST_GROUPS) return;
  w.block(`if (${isBehind(n, total)})`, () => w.line("return;"));
}
export const isBehind = (n: Code, total: Code): string => `${n.text} >= ${within(total, level.sum)}`;

export function emitLoops(w: Writer, [loop, ...rest]: readonly Loop[], body: () => void): void {
  if (loop) w.loop(loop.index, loop.extent, () => emitLoops(w, rest, body));
  else body();
}
