/**
 * Elements in memory: one at a time, or the lane's four: side by side where the lane is the fastest axis, else from a place each.
 */
import { addressOf } from "../../codegen/address.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Code, type Func, i32, type Local, v128 } from "./assembler.ts";
import type { Lanes } from "./lanes.ts";
import type { Place } from "./pointers.ts";

type Load = Expr & { readonly kind: "load" };

export class Elements {
  readonly #lanes: Lanes;
  readonly #f: Func;

  constructor(lanes: Lanes) {
    this.#lanes = lanes;
    this.#f = lanes.f;
  }

  /** One element. */
  one({ source, index, dtype }: Load): Code {
    const { m } = this.#f;
    const { at, offset } = this.#place(source, index);
    if (dtype === "f32") return m.f32.load(offset, 4, at);
    return dtype === "f64" ? m.f64.load(offset, 8, at) : m.i32.load(offset, 4, at);
  }

  /** The lane's four; of lanes that `guard` leaves out nothing outside of memory is read. */
  four(x: Load, guard: Local | undefined): Code {
    const f = this.#f;
    const { m } = f;
    const step = this.#step(x.source, x.index);
    const side = (): Code => {
      const { at, offset } = this.#place(x.source, x.index);
      const loaded = m.v128.load(offset, 4, at);
      return x.dtype === "bool" ? m.i32x4.ne(loaded, f.splatInt(0)) : loaded;
    };
    if (step === 1 && guard)
      return m.if(
        m.i32x4.all_true(f.get(guard)),
        this.#lanes.branch(v128, side),
        this.#lanes.branch(v128, () => this.#apart(x, guard)),
      );
    if (step === 1) return side();
    if (typeof step === "number" && step > 0 && !guard) {
      const { at, offset } = this.#place(x.source, x.index);
      const pointer = f.let(i32, at);
      return this.#lanes.gather(x.dtype, (lane) => this.#word(x, offset + lane * step * 4, f.get(pointer)));
    }
    return this.#apart(x, guard);
  }
  /** Each lane from a place of its own. */
  #apart(x: Load, guard: Local | undefined): Code {
    const f = this.#f;
    const places = f.let(v128, this.#offsets(x, guard));
    const base = f.let(i32, this.#lanes.pointers.base(x.source));
    return this.#lanes.gather(x.dtype, (lane) => this.#word(x, 0, f.m.i32.add(f.get(base), f.m.i32x4.extract_lane(f.get(places), lane))));
  }
  #word({ dtype }: Load, offset: number, at: Code): Code {
    const { m } = this.#f;
    return dtype === "f32" ? m.f32.load(offset, 4, at) : m.i32.load(offset, 4, at);
  }

  /** Bytes from where a value begins to its element, for each lane; 0 where `guard` leaves it out. */
  #offsets({ source, index }: { readonly source: Value; readonly index: readonly Expr[] }, guard: Local | undefined): Code {
    const f = this.#f;
    const { m } = f;
    const { constant, terms, others } = this.#lanes.pointers.address(source, index);
    const by = (code: Code, stride: Dim): Code => (stride === 1 ? code : m.i32x4.mul(code, m.i32x4.splat(this.#lanes.sizes.size(stride))));
    const parts = [
      ...[...terms].map(([name, stride]) => by(this.#lanes.four({ kind: "index", dtype: "i32", name }), stride)),
      ...others.map(({ expr, stride }) => by(this.#lanes.four(expr), stride)),
      ...(constant === 0 ? [] : [m.i32x4.splat(this.#lanes.sizes.size(constant))]),
    ];
    const sum = parts.reduce((a, b) => m.i32x4.add(a, b));
    const bytes = m.i32x4.shl(sum, f.int(2));
    return guard ? m.v128.and(bytes, f.get(guard)) : bytes;
  }

  #place(source: Value, index: readonly Expr[]): Place {
    return this.#lanes.pointers.place(source, index, (x) => this.#lanes.one(x));
  }

  /** How many elements apart two lanes are; undefined where that depends on data. */
  #step(source: Value, index: readonly Expr[]): Dim | undefined {
    const { terms, others } = addressOf(source, index);
    if (others.some(({ expr }) => this.#lanes.varies(expr))) return undefined;
    return terms.get(this.#lanes.lane as string) ?? 0;
  }

  /** Writes one element, or the lane's four. */
  store(target: Value, index: readonly Expr[], value: Expr): void {
    const f = this.#f;
    const { m } = f;
    const { dtype } = target;
    if (this.#lanes.lane === undefined) {
      const word = this.#lanes.one(value);
      const { at, offset } = this.#place(target, index);
      if (dtype === "f32") f.emit(m.f32.store(offset, 4, at, word));
      else f.emit(dtype === "f64" ? m.f64.store(offset, 8, at, word) : m.i32.store(offset, 4, at, word));
      return;
    }
    const four = this.#lanes.four(value);
    const words = dtype === "bool" ? m.v128.and(four, f.splatInt(1)) : four;
    const step = this.#step(target, index);
    if (step === 1) {
      const { at, offset } = this.#place(target, index);
      f.emit(m.v128.store(offset, 4, at, words));
      return;
    }
    const held = f.let(v128, words);
    const places = f.let(v128, this.#offsets({ source: target, index }, undefined));
    const base = f.let(i32, this.#lanes.pointers.base(target));
    for (let lane = 0; lane < 4; lane++)
      f.emit(m.v128.store32_lane(0, 4, lane, m.i32.add(f.get(base), m.i32x4.extract_lane(f.get(places), lane)), f.get(held)));
  }
}
