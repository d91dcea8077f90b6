/** Addresses as code: what does not change in a loop is added up before it, in a pointer. */
import { type Address, addressOf } from "../../codegen/address.ts";
import { bytesOf } from "../../codegen/memory.ts";
import { mulDims, termsOfDim } from "../../dsl/dim.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Code, type Func, i32, type Local } from "./assembler.ts";
import type { Layout, Sizes } from "./memory.ts";

/** A place in memory: `at` + `offset` bytes. */
export interface Place {
  readonly at: Code;
  readonly offset: number;
}
/** What is read or written. */
export interface Access {
  readonly value: Value;
  readonly index: readonly Expr[];
}

/** Values that live within one row of a kernel: a row's share of each lies in the thread's own room, where the next row finds it again. */
export interface RowMemory {
  /** Where it begins, in bytes from `own`. */
  readonly begins: ReadonlyMap<Value, Dim>;
  /** Indices of the rows. */
  readonly outer: ReadonlySet<string>;
  /** Where the thread's own room begins. */
  readonly own: Local;
}

export class Pointers {
  readonly #f: Func;
  readonly #sizes: Sizes;
  readonly #layout: Layout;
  readonly #index = new Map<string, Local>();
  /** Indices whose share of an address is in the pointers. */
  readonly #entered = new Set<string>();
  /** Indices that stand for ones some elements on. */
  #shifts: ReadonlyMap<string, number> = new Map();
  #pointers = new Map<string, Local>();
  readonly #rows: RowMemory | undefined;

  constructor(f: Func, sizes: Sizes, layout: Layout, rows?: RowMemory) {
    this.#rows = rows;
    this.#f = f;
    this.#sizes = sizes;
    this.#layout = layout;
  }

  index(name: string): Code {
    const local = this.#index.get(name);
    if (!local) throw new Error(`internal: no loop over ${name}`);
    return this.#f.add(this.#f.get(local), this.#shifts.get(name) ?? 0);
  }
  /** `body` for the element that is `by` further along an index. */
  shifted(name: string, by: number, body: () => void): void {
    const before = this.#shifts;
    this.#shifts = new Map([...before, [name, by]]);
    body();
    this.#shifts = before;
  }
  /** The variable of an index. */
  variable(name: string): Local {
    let local = this.#index.get(name);
    if (!local) this.#index.set(name, (local = this.#f.fresh(i32)));
    return local;
  }

  /** Within `body`, which is inside of the loop over `name`, addresses start from pointers that know this index. */
  entered(name: string, accesses: readonly Access[], body: () => void): void {
    const outer = this.#pointers;
    const inner = new Map(outer);
    for (const { value, index } of accesses) {
      const address = this.address(value, index);
      const stride = address.terms.get(name);
      if (stride === undefined) continue;
      const after = this.#key(value, address, new Set([...this.#entered, name]));
      if (inner.has(after)) continue;
      const before = outer.get(this.#key(value, address, this.#entered));
      const step = this.#bytes(this.index(name), stride, value);
      const from = before ? this.#f.get(before) : this.#start(value, address);
      inner.set(after, this.#f.let(i32, from === undefined ? step : this.#f.m.i32.add(from, step)));
    }
    this.#pointers = inner;
    this.#entered.add(name);
    body();
    this.#entered.delete(name);
    this.#pointers = outer;
  }

  /** Where `value[index…]` lies. */
  place(value: Value, index: readonly Expr[], spell: (x: Expr) => Code): Place {
    const { m } = this.#f;
    const address = this.address(value, index, (name) => ({
      constant: this.#shifts.get(name) ?? 0,
      terms: new Map([[name, 1]]),
      others: [],
    }));
    const pointer = this.#pointers.get(this.#key(value, address, this.#entered));
    const start = pointer ? this.#f.get(pointer) : this.#start(value, address);
    const immediate = isForward(address);
    const parts = [
      ...(start === undefined ? [] : [start]),
      ...[...address.terms]
        .filter(([name]) => !pointer || !this.#entered.has(name))
        .map(([name, stride]) => this.#bytes(this.#f.get(this.variable(name)), stride, value)),
      ...address.others.map(({ expr, stride }) => this.#bytes(spell(expr), stride, value)),
      ...(immediate || address.constant === 0 ? [] : [this.#sizes.size(mulDims(address.constant, bytesOf(value.dtype)))]),
    ];
    const begin = this.#immediate(value) ?? 0;
    const offset = immediate ? (address.constant as number) * bytesOf(value.dtype) + begin : 0;
    return { at: parts.length === 0 ? this.#f.int(0) : parts.reduce((a, b) => m.i32.add(a, b)), offset };
  }

  /** Where `value` begins. */
  base(value: Value): Code {
    const begin = this.#rows?.begins.get(value);
    if (begin === undefined) return this.#sizes.room(this.#layout.begin(value));
    const { own } = this.#rows as RowMemory;
    return begin === 0 ? this.#f.get(own) : this.#f.m.i32.add(this.#f.get(own), this.#sizes.room(begin));
  }

  /** The address of an element from where its value begins; of a row's, from where the row begins. */
  address(value: Value, index: readonly Expr[], variable?: (name: string) => Address): Address {
    const address = addressOf(value, index, variable);
    if (!this.#rows?.begins.has(value)) return address;
    const { outer } = this.#rows;
    return { ...address, terms: new Map([...address.terms].filter(([name]) => !outer.has(name))) };
  }

  /** Where `value` begins, if that is a number that instructions can hold. */
  #immediate(value: Value): number | undefined {
    if (this.#rows?.begins.has(value)) return undefined;
    const begin = this.#layout.begin(value);
    return typeof begin === "number" ? begin : undefined;
  }

  /** What a pointer starts from: nothing where the beginning is an immediate of the instruction. */
  #start(value: Value, address: Address): Code | undefined {
    return isForward(address) && this.#immediate(value) !== undefined ? undefined : this.base(value);
  }
  #bytes(code: Code, stride: Dim, value: Value): Code {
    const bytes = mulDims(stride, bytesOf(value.dtype));
    return typeof bytes === "number" ? this.#f.mul(code, bytes) : this.#f.m.i32.mul(code, this.#sizes.size(bytes));
  }
  #key(value: Value, address: Address, entered: ReadonlySet<string>): string {
    const terms = [...address.terms].filter(([name]) => entered.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
    return `${idOf(value)}|${isForward(address)}|${terms.join("|")}`;
  }
}

/** Nothing is subtracted on the way from where the value begins: an instruction's immediate, which is added last, cannot come after a wrap. */
function isForward({ constant, terms, others }: Address): boolean {
  return typeof constant === "number" && constant >= 0 && others.length === 0 && [...terms.values()].every(isPositive);
}
const isPositive = (dim: Dim): boolean => termsOfDim(dim).every(({ coefficient }) => coefficient > 0);

const ids = new WeakMap<Value, number>();
let next = 0;
function idOf(v: Value): number {
  let id = ids.get(v);
  if (id === undefined) ids.set(v, (id = next++));
  return id;
}
