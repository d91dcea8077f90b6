/** Where a program's values lie in the arena, in elements of 4 bytes; and which may be read and written four at a time. */
import type { Program } from "../../codegen/program.ts";
import { addDims, divDims, mulDims, sizeOf, subDims, termsOfDim, upperBound } from "../../dsl/dim.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { UNIT } from "./shader.ts";

/** Is a dim of sizes that there is room for, which are multiples of `UNIT` themselves, such a multiple? */
const isAligned = (room: Dim): boolean => termsOfDim(room).every(({ coefficient, names }) => names.length > 0 || coefficient % UNIT === 0);

/** The next such multiple. */
function roundUp(room: Dim): Dim {
  const rest = (termsOfDim(room).find(({ names }) => names.length === 0)?.coefficient ?? 0) % UNIT;
  return addDims(room, (UNIT - rest) % UNIT);
}

export class Layout {
  readonly #memory: Pick<Program["memory"], "slots" | "bytes">;
  /** Nothing begins but at a multiple of `UNIT`: so what comes after a value's end, up to the next one, is nobody's. */
  readonly #allAligned: boolean;
  /** What shaders of one kernel have for themselves. */
  readonly #apart: ReadonlySet<Value>;
  constructor(memory: Pick<Program["memory"], "slots" | "bytes">, apart: readonly Value[] = []) {
    this.#memory = memory;
    this.#apart = new Set(apart);
    this.#allAligned = [...memory.slots.values()].every(({ offset }) => isAligned(offset));
  }

  /** The same, with values behind all others, and the bytes that they take. */
  withScratch(values: readonly Value[]): { readonly layout: Layout; readonly bytes: Dim } {
    const slots = new Map(this.#memory.slots);
    let end = this.scratch;
    for (const v of values) {
      const size = roundUp(upperBound(sizeOf(v.shape)));
      slots.set(v, { offset: end, size });
      end = addDims(end, size);
    }
    return { layout: new Layout({ slots, bytes: this.#memory.bytes }, values), bytes: mulDims(subDims(end, this.scratch), 4) };
  }

  /** Of sizes that there is room for. */
  begin(v: Value): Dim {
    return this.#slot(v).offset;
  }
  /** Is the first element one of four that are read and written at once, and may the last be, whatever comes after it? */
  isAligned(v: Value): boolean {
    const { offset, size } = this.#slot(v);
    return isAligned(offset) && (this.#allAligned || isAligned(size));
  }
  /** Does every element that is used have a vector for itself? */
  isAlone(v: Value): boolean {
    return this.isAligned(v) && (sizeOf(v.shape) === 1 || (this.#apart.has(v) && v.shape.at(-1) === UNIT));
  }
  /** The first element behind all values: a multiple of `UNIT`. */
  get scratch(): Dim {
    return roundUp(divDims(this.#memory.bytes, 4) as Dim);
  }

  #slot(v: Value): Program["memory"]["slots"] extends ReadonlyMap<Value, infer S> ? S : never {
    const slot = this.#memory.slots.get(v);
    if (!slot) throw new Error(`internal: ${v.op.name} has no place in memory`);
    return slot;
  }
}
