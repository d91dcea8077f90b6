/** Where values lie, as code: offsets and sizes are numbers, or polynomials of the module's globals. */
import { bytesOf, type Memory } from "../../codegen/memory.ts";
import { addDims, mulDims, termsOfDim } from "../../dsl/dim.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Bound, type Code, type Func, i32, type Local } from "./assembler.ts";
import { type Room, THREAD } from "./phase.ts";

/** The globals that hold a size: of this call, and the largest that there is room for. */
export const sizeGlobal = (name: string): string => name;
export const roomGlobal = (name: string): string => `max:${name}`;

/** Bytes kept free at the beginning of memory, for the threads to meet at. */
export const FIRST_BYTE = 128;

/** Sizes that there is room for are multiples of this, so that a vector of any value begins at a multiple of its 16 bytes. */
export const UNIT = 4;

/** A program's memory: every value's first byte, and room behind them all that a kernel may use while it runs. */
export class Layout {
  readonly #memory: Memory;
  constructor(memory: Memory) {
    this.#memory = memory;
  }
  /** In bytes, in terms of the largest sizes. */
  begin(v: Value): Dim {
    const slot = this.#memory.slots.get(v);
    if (!slot) throw new Error(`internal: ${v.op.name} has no place in memory`);
    return addDims(FIRST_BYTE, mulDims(slot.offset, bytesOf(v.dtype)));
  }
  /** Where the room for kernels begins. */
  get scratch(): Dim {
    return addDims(FIRST_BYTE + 64, this.#memory.bytes);
  }
}

/** Dims as code within one function: what is computed is computed once, at its head. */
export class Sizes {
  readonly #f: Func;
  readonly #known = new Map<string, Local>();

  constructor(f: Func) {
    this.#f = f;
  }
  /** The size of this call. */
  size(dim: Dim): Code {
    return this.#f.read(this.bound(dim));
  }
  /** The same, for a loop. */
  bound(dim: Dim): Bound {
    return this.#dim(dim, sizeGlobal);
  }
  /** The size that there is room for. */
  room(dim: Dim): Code {
    return this.#f.read(this.#dim(dim, roomGlobal));
  }

  #dim(dim: Dim, global: (name: string) => string): Bound {
    if (typeof dim === "number") return dim;
    const key = `${global("")}${dim}`;
    let local = this.#known.get(key);
    if (!local) {
      local = this.#f.fresh(i32);
      this.#known.set(key, local);
      this.#f.head.push(this.#f.m.local.set(local.at, this.#polynomial(dim, global)));
    }
    return local;
  }

  #polynomial(dim: Dim, global: (name: string) => string): Code {
    const { m } = this.#f;
    const terms = termsOfDim(dim).map(({ coefficient, names }) => {
      const [first, ...rest] = names.map((name) => m.global.get(global(name), i32));
      if (first === undefined) return this.#f.int(coefficient);
      return this.#f.mul(
        rest.reduce((product, factor) => m.i32.mul(product, factor), first),
        coefficient,
      );
    });
    return terms.reduce((sum, term) => m.i32.add(sum, term));
  }
}

/** Where this thread's own room begins. */
export function ownRoom(f: Func, sizes: Sizes, layout: Layout, { shared, own }: Room): Local {
  const begin = sizes.room(addDims(layout.scratch, shared));
  return f.let(i32, f.m.i32.add(begin, f.m.i32.mul(f.m.global.get(THREAD, i32), sizes.room(own))));
}
