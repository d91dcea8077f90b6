/**
 * Scalar expressions as code, for one element or for four neighbours along one index, the lane: SIMD from scalar rules. What does not
 * depend on the lane is computed once for all four; a bool is an i32 (0 or 1) for one element and a mask for four.
 */
import { keyOf, loadsOf } from "../../codegen/inline.ts";
import { type Combine, combiner, type Expr, type Loop, operandsOf } from "../../dsl/expr.ts";
import type { Dim, DType } from "../../dsl/types.ts";
import { type Code, type Func, f64, i32, type Local, v128 } from "./assembler.ts";
import { staysInside } from "./bounds.ts";
import { Elements } from "./elements.ts";
import { instructions, type On, scalarType } from "./instructions.ts";
import { mathFunction } from "./math.ts";
import type { Layout, Sizes } from "./memory.ts";
import { Pointers, type RowMemory } from "./pointers.ts";

type Call = Expr & { readonly kind: "call" };
type Select = Expr & { readonly kind: "select" };

/** A row local: of one element, or of the lane's four. */
export interface Row {
  readonly local: Local;
  readonly dtype: DType;
  readonly wide: boolean;
}
/** How a row local is read where it is not a variable: a contraction's sum lies in a tile. */
export type Source = (wide: boolean) => Code;

type Known = Map<string, Local>;
interface Place {
  readonly rows: Map<string, Row | Source>;
  readonly one: Known;
  readonly four: Known;
}

export class Lanes {
  readonly f: Func;
  readonly sizes: Sizes;
  readonly pointers: Pointers;
  readonly elements: Elements;
  /** The index along which four elements are computed at once; none: one element at a time. */
  lane: string | undefined;
  rows = new Map<string, Row | Source>();
  #one: Known = new Map();
  #four: Known = new Map();
  /** Keys of what occurs more than once in the code that is being written. */
  #shared: ReadonlySet<string> = new Set();
  #depends = new Map<Expr, boolean>();
  readonly #extents = new Map<string, Dim>();

  constructor(f: Func, sizes: Sizes, layout: Layout, rows?: RowMemory) {
    this.f = f;
    this.sizes = sizes;
    this.pointers = new Pointers(f, sizes, layout, rows);
    this.elements = new Elements(this);
  }

  /** The variable of a loop's index. */
  variable({ index, extent }: Loop): Local {
    this.#extents.set(index, extent);
    return this.pointers.variable(index);
  }

  /** `body` for four elements along `lane`, or for one; what is computed there is not known afterwards. */
  along(lane: string | undefined, body: () => void): void {
    const before = this.lane;
    this.lane = lane;
    this.#depends = new Map();
    this.scope(body);
    this.lane = before;
    this.#depends = new Map();
  }
  /** What is known at one of several places that are computed side by side. */
  place(): Place {
    return { rows: new Map(this.rows), one: new Map(this.#one), four: new Map(this.#four) };
  }
  /** `body` at that place. */
  at<T>(place: Place, body: () => T): T {
    const here = { rows: this.rows, one: this.#one, four: this.#four };
    [this.rows, this.#one, this.#four] = [place.rows, place.one, place.four];
    const result = body();
    [this.rows, this.#one, this.#four] = [here.rows, here.one, here.four];
    return result;
  }
  /** `body` with what is known here: what it computes, row locals among it, is not known afterwards. */
  scope<T>(body: () => T): T {
    return this.at(this.place(), body);
  }
  /** What `roots` compute more than once is kept from its first use on. */
  sharing(roots: readonly Expr[]): void {
    this.#shared = new Set([...this.#shared, ...repeated(roots)]);
  }

  /** Is it different from lane to lane? */
  varies(x: Expr): boolean {
    if (this.lane === undefined) return false;
    let known = this.#depends.get(x);
    if (known === undefined) {
      if (x.kind === "index") known = x.name === this.lane;
      else if (x.kind === "local") {
        const row = this.rows.get(x.name);
        known = typeof row === "function" || row?.wide === true;
      } else known = operandsOf(x).some((y) => this.varies(y));
      this.#depends.set(x, known);
    }
    return known;
  }

  /** Computes, before a loop over `inner`, what is the same in all its turns. After `sharing`: what is hoisted is shared too. */
  hoist(roots: readonly Expr[], inner: ReadonlySet<string>): void {
    const moves = new Map<Expr, boolean>();
    const fixed = (x: Expr): boolean => {
      let known = moves.get(x);
      if (known === undefined)
        moves.set(
          x,
          (known = x.kind === "index" ? !inner.has(x.name) : x.kind === "local" ? this.rows.has(x.name) : operandsOf(x).every(fixed)),
        );
      return known;
    };
    const seen = new Set<Expr>();
    const go = (x: Expr, guarded: boolean): void => {
      if (seen.has(x)) return;
      seen.add(x);
      const worth = (x.kind === "call" || x.kind === "select" || x.kind === "load") && x.dtype !== "f64";
      if (worth && fixed(x) && !(guarded && this.#unsafe(x))) {
        if (this.lane === undefined) this.#keep(this.#one, x, scalarType(x.dtype), () => this.one(x));
        else this.#keep(this.#four, x, v128, () => this.four(x));
        if (this.lane !== undefined && !this.varies(x)) this.#keep(this.#one, x, scalarType(x.dtype), () => this.one(x));
      } else if (x.kind === "local" && x.dtype === "f32" && this.#isOfRow(x.name)) {
        this.#keep(this.#four, x, v128, () => this.broadcast(this.one(x), x.dtype));
      } else if (x.kind === "select") {
        go(x.test, guarded);
        go(x.then, true);
        go(x.else, true);
      } else for (const y of operandsOf(x)) go(y, guarded);
    };
    for (const root of roots) go(root, false);
  }
  /** Is it one number, known by now? */
  #isOfRow(name: string): boolean {
    const row = this.rows.get(name);
    return row !== undefined && typeof row !== "function" && !row.wide;
  }
  #keep(known: Known, x: Expr, type: typeof i32, make: () => Code): void {
    if (!known.has(keyOf(x))) known.set(keyOf(x), this.f.let(type, make()));
  }

  /** One element. */
  one(x: Expr): Code {
    return this.#shareable(x, this.#one, scalarType(x.dtype), () => this.#writeOne(x));
  }
  /** Four elements. */
  four(x: Expr): Code {
    if (x.kind === "const" && x.dtype === "f32") return this.f.splat(x.value);
    return this.#shareable(x, this.#four, v128, () => (this.varies(x) ? this.#writeFour(x) : this.broadcast(this.one(x), x.dtype)));
  }
  #shareable(x: Expr, known: Known, type: typeof i32, write: () => Code): Code {
    const key = keyOf(x);
    const local = known.get(key);
    if (local) return this.f.get(local);
    if (!this.#shared.has(key)) return write();
    const made = this.f.let(type, write());
    known.set(key, made);
    return this.f.get(made);
  }

  /** The same in all four lanes. */
  broadcast(code: Code, dtype: DType): Code {
    const { m } = this.f;
    if (dtype === "f32") return m.f32x4.splat(code);
    return m.i32x4.splat(dtype === "bool" ? m.i32.sub(this.f.int(0), code) : code);
  }

  #writeOne(x: Expr): Code {
    const { f } = this;
    const { m } = f;
    switch (x.kind) {
      case "const":
        return x.dtype === "f32" ? m.f32.const(x.value) : x.dtype === "f64" ? m.f64.const(x.value) : f.int(x.value);
      case "size":
        return this.sizes.size(x.dim);
      case "index":
        return this.pointers.index(x.name);
      case "local": {
        const row = this.rows.get(x.name);
        if (!row) throw new Error(`internal: ${x.name} is read before it is computed`);
        return typeof row === "function" ? row(false) : f.get(row.local);
      }
      case "load":
        return this.elements.one(x);
      case "call":
        return this.#callOne(
          x,
          x.args.map((arg) => this.one(arg)),
        );
      case "select": {
        const test = this.one(x.test);
        const branch = (y: Expr): Code => this.branch(scalarType(x.dtype), () => this.one(y));
        return m.if(test, branch(x.then), branch(x.else));
      }
      case "reduce":
        throw new Error("internal: a reduction inside of an expression");
    }
  }
  /** Code of its own: what it keeps, it keeps to itself. */
  branch(type: typeof i32, write: () => Code): Code {
    return this.scope(() => {
      let result: Code = 0;
      const before = this.f.apart(() => {
        result = write();
      });
      return before.length === 0 ? result : this.f.block([...before, result], type);
    });
  }

  #callOne(x: Call, args: readonly Code[]): Code {
    const { f } = this;
    const [a, b] = args as [Code, Code];
    const from = (x.args[0] as Expr).dtype;
    const on: On = { f, from, to: x.dtype };
    const { one } = instructions[x.fn];
    const divisor = x.args[1];
    if ((x.fn === "divInt" || x.fn === "remInt") && divisor?.kind === "const" && divisor.value > 0)
      return x.fn === "divInt" ? f.m.i32.div_s(a, b) : f.m.i32.rem_s(a, b);
    if (one === "polynomial" && from === "f32") {
      const made = f.m.call(
        mathFunction(f.asm, x.fn as "exp"),
        args.map((arg) => f.m.f32x4.splat(arg)),
        v128,
      );
      return f.m.f32x4.extract_lane(made, 0);
    }
    if (typeof one === "function") return one(on, a, b);
    const wide = args.map((arg) => (from === "f32" ? f.m.f64.promote(arg) : arg));
    const result = f.m.call(f.asm.core(x.fn, args.length), wide, f64);
    return from === "f32" ? f.m.f32.demote(result) : result;
  }

  #writeFour(x: Expr): Code {
    const { f } = this;
    const { m } = f;
    switch (x.kind) {
      case "index": {
        const steps = new Uint8Array(Int32Array.of(0, 1, 2, 3).buffer);
        return m.i32x4.add(m.i32x4.splat(this.pointers.index(x.name)), m.v128.const(steps));
      }
      case "local": {
        const row = this.rows.get(x.name);
        return typeof row === "function" ? row(true) : f.get((row as Row).local);
      }
      case "load":
        return this.elements.four(x, undefined);
      case "call":
        return this.#callFour(x);
      case "select":
        return this.#selectFour(x, undefined);
      default:
        throw new Error(`internal: ${x.kind} does not vary`);
    }
  }

  #callFour(x: Call): Code {
    const { f } = this;
    const { m } = f;
    const from = (x.args[0] as Expr).dtype;
    const { four } = instructions[x.fn];
    if ((x.fn === "add" || x.fn === "sub") && from === "f32") {
      const sum = this.#multiplyAdd(x);
      if (sum !== undefined) return sum;
    }
    const [shiftee, by] = x.args as [Expr, Expr];
    if ((x.fn === "shiftLeft" || x.fn === "shiftRight") && !this.varies(by) && !this.#four.has(keyOf(by)))
      return m.i32x4[x.fn === "shiftLeft" ? "shl" : "shr_u"](this.four(shiftee), this.one(by));
    const args = x.args.map((arg) => this.four(arg));
    if (four === "polynomial") return m.call(mathFunction(f.asm, x.fn as "exp"), args, v128);
    if (typeof four === "function") return four({ f, from, to: x.dtype }, args[0] as Code, args[1] as Code);
    const wide = args.map((arg) => f.let(v128, arg));
    const part = (arg: Expr, k: number, lane: number): Code =>
      arg.kind === "const" ? this.one(arg) : this.extract(f.get(wide[k] as Local), arg.dtype, lane);
    return this.gather(x.dtype, (lane) =>
      this.#callOne(
        x,
        x.args.map((arg, k) => part(arg, k, lane)),
      ),
    );
  }

  /** c + a · b or c − a · b, where the product is used here alone: rounded once where the machine can. */
  #multiplyAdd({ fn, args }: Call): Code | undefined {
    const [a, b] = args as [Expr, Expr];
    const product = this.#isProduct(b) ? b : fn === "add" && this.#isProduct(a) ? a : undefined;
    if (!product) return undefined;
    const [u, v] = product.args.map((y) => this.four(y)) as [Code, Code];
    const other = this.four(product === b ? a : b);
    return fn === "add" ? this.f.fma(u, v, other) : this.f.fnma(u, v, other);
  }

  /** A product that nothing else wants, on a machine that can add to it at once. */
  #isProduct(x: Expr): x is Call {
    if (!this.f.asm.fma || x.kind !== "call" || x.fn !== "mul") return false;
    return !this.#shared.has(keyOf(x)) && !this.#four.has(keyOf(x)) && this.varies(x);
  }

  extract(code: Code, dtype: DType, lane: number): Code {
    const { m } = this.f;
    if (dtype === "f32") return m.f32x4.extract_lane(code, lane);
    const word = m.i32x4.extract_lane(code, lane);
    return dtype === "bool" ? m.i32.and(word, this.f.int(1)) : word;
  }
  /** Four elements computed one by one. */
  gather(dtype: DType, single: (lane: number) => Code): Code {
    const { m } = this.f;
    const word = (lane: number): Code => (dtype === "bool" ? m.i32.sub(this.f.int(0), single(lane)) : single(lane));
    const lanes = dtype === "f32" ? m.f32x4 : m.i32x4;
    return [1, 2, 3].reduce((all, lane) => lanes.replace_lane(all, lane, word(lane)), lanes.splat(word(0)));
  }

  /** Both sides, then the mask chooses; `guard` says which lanes want either. A uniform test still takes one side alone. */
  #selectFour(x: Select, guard: Local | undefined): Code {
    const { f } = this;
    const { m } = f;
    if (!this.varies(x.test)) {
      const branch = (y: Expr): Code => this.branch(v128, () => this.#guarded(y, guard));
      const test = guard && this.#unsafe(x.test) ? this.#ifWanted(guard, i32, () => this.one(x.test)) : this.one(x.test);
      return m.if(test, branch(x.then), branch(x.else));
    }
    const test = f.let(v128, this.#guarded(x.test, guard));
    const within = (wanted: Code): Local => f.let(v128, guard ? m.v128.and(wanted, f.get(guard)) : wanted);
    const then = this.#side(x.then, () => within(f.get(test)));
    const otherwise = this.#side(x.else, () => within(m.v128.not(f.get(test))));
    return m.v128.bitselect(then, otherwise, f.get(test));
  }
  #side(x: Expr, guard: () => Local): Code {
    return this.#unsafe(x) ? this.scope(() => this.#guarded(x, guard())) : this.four(x);
  }
  /** Might it read something outside of a value, where a guard does not hold? What is known has been read. */
  #unsafe(x: Expr): boolean {
    return loadsOf(x).some((y) => !this.#four.has(keyOf(y)) && !staysInside(y, this.#extents));
  }
  /** Like `four`, but of lanes that `guard` leaves out nothing outside of memory is read. */
  #guarded(x: Expr, guard: Local | undefined): Code {
    if (!guard || !this.#unsafe(x)) return this.four(x);
    if (!this.varies(x)) return this.#ifWanted(guard, v128, () => this.four(x));
    if (x.kind === "select") return this.#selectFour(x, guard);
    for (const operand of operandsOf(x))
      if (this.#unsafe(operand)) {
        const made = this.f.let(v128, this.#guarded(operand, guard));
        this.#four.set(keyOf(operand), made);
      }
    return x.kind === "load" ? this.elements.four(x, guard) : this.four(x);
  }
  /** What is the same in all lanes, if one of them wants it; else 0. */
  #ifWanted(guard: Local, type: typeof i32, write: () => Code): Code {
    const { f } = this;
    return f.m.if(f.m.v128.any_true(f.get(guard)), this.branch(type, write), type === v128 ? f.splatInt(0) : f.int(0));
  }

  /** A partial result and the next element, or the next four. */
  fold(combine: Combine, dtype: DType, into: Code, value: Expr): Code {
    if (this.lane === undefined) return this.combine(combine, dtype, into, this.one(value), false);
    if (combine === "add" && dtype === "f32" && this.#isProduct(value)) {
      const [a, b] = value.args.map((y) => this.four(y)) as [Code, Code];
      return this.f.fma(a, b, into);
    }
    return this.combine(combine, dtype, into, this.four(value), true);
  }

  /** Two partial results as one: of one element, or of four. */
  combine(combine: Combine, dtype: DType, a: Code, b: Code, wide: boolean): Code {
    const row = instructions[combiner(combine, dtype)];
    const spelling = wide ? row.four : row.one;
    if (typeof spelling !== "function") throw new Error(`internal: ${combine} of ${dtype} cannot be combined`);
    return spelling({ f: this.f, from: dtype, to: dtype }, a, b);
  }
}

/** Keys of the nodes that occur more than once. */
function repeated(roots: readonly Expr[]): Set<string> {
  const seen = new Set<string>();
  const out = new Set<string>();
  const visit = (x: Expr): void => {
    if (x.kind === "const" || x.kind === "index" || x.kind === "local" || x.kind === "size") return;
    const key = keyOf(x);
    if (seen.has(key)) {
      out.add(key);
      return;
    }
    seen.add(key);
    operandsOf(x).forEach(visit);
  };
  roots.forEach(visit);
  return out;
}
