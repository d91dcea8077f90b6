/** WebAssembly, a function at a time: the only importer of binaryen besides the module that gathers the functions. */
import binaryen from "binaryen";

/** An expression of binaryen: it has one place, so it is made anew for each. */
export type Code = binaryen.ExpressionRef;
export type Type = binaryen.Type;
export const { i32, f32, f64, v128, none } = binaryen;

/** What differs between the two modules that a build makes: `fma` uses relaxed SIMD's multiply-add, which rounds once. */
export interface Variant {
  readonly fma: boolean;
}

/** A module in the making. */
export class Assembler {
  readonly m = new binaryen.Module();
  readonly fma: boolean;
  /** Core functions that are imported. */
  readonly imports = new Set<string>();
  readonly #functions = new Map<string, string>();
  readonly #names = new Set<string>();

  constructor({ fma }: Variant) {
    this.fma = fma;
    const { SIMD128, RelaxedSIMD, NontrappingFPToInt, Atomics, MutableGlobals, BulkMemory, SignExt } = binaryen.Features;
    this.m.setFeatures(SIMD128 | NontrappingFPToInt | Atomics | MutableGlobals | BulkMemory | SignExt | (fma ? RelaxedSIMD : 0));
  }

  /** A name that nothing in the module has, near the one that is wished for. */
  name(wish: string): string {
    let name = wish;
    for (let n = 2; this.#names.has(name); n++) name = `${wish}_${n}`;
    this.#names.add(name);
    return name;
  }

  /** The function that `key` describes, made when it is first asked for. Returns its name. */
  shared(key: string, wish: string, make: (name: string) => void): string {
    let name = this.#functions.get(key);
    if (name === undefined) {
      this.#functions.set(key, (name = this.name(wish)));
      make(name);
    }
    return name;
  }

  /** The import of a core function on f64, for what has neither an instruction nor a polynomial. Returns its name. */
  core(fn: string, arity: number): string {
    this.imports.add(fn);
    return this.shared(`core ${fn}`, `core_${fn}`, (name) =>
      this.m.addFunctionImport(name, "core", fn, binaryen.createType(Array(arity).fill(f64)), f64),
    );
  }

  /** A constant of 16 bytes, kept in a global: V8 loads it in one instruction, where it takes three to build a `v128.const`. */
  constant(wish: string, bytes: Uint8Array): Code {
    const make = (name: string): void => void this.m.addGlobal(name, v128, false, this.m.v128.const(bytes));
    return this.m.global.get(this.shared(`constant ${bytes}`, wish, make), v128);
  }

  /** Adds a function whose parameters are its first locals. */
  func(name: string, params: readonly Type[], result: Type, body: (f: Func) => void): void {
    const f = new Func(this, params);
    body(f);
    this.m.addFunction(
      name,
      binaryen.createType([...params]),
      result,
      f.types.slice(params.length),
      f.block([...f.head, ...f.code], result),
    );
  }
}

/** A local variable, by number and type. */
export interface Local {
  readonly at: number;
  readonly type: Type;
}

/** How far a loop goes. */
export type Bound = Local | number;

/** A function in the making: its locals, and its statements so far. */
export class Func {
  readonly asm: Assembler;
  readonly m: binaryen.Module;
  readonly types: Type[];
  /** Statements that run before all others. */
  readonly head: Code[] = [];
  code: Code[] = [];
  #labels = 0;

  constructor(asm: Assembler, params: readonly Type[]) {
    this.asm = asm;
    this.m = asm.m;
    this.types = [...params];
  }

  param(at: number): Local {
    return { at, type: this.types[at] as Type };
  }
  fresh(type: Type): Local {
    return { at: this.types.push(type) - 1, type };
  }
  get({ at, type }: Local): Code {
    return this.m.local.get(at, type);
  }
  set({ at }: Local, code: Code): void {
    this.emit(this.m.local.set(at, code));
  }
  tee({ at, type }: Local, code: Code): Code {
    return this.m.local.tee(at, code, type);
  }
  /** A local that holds `code` from here on. */
  let(type: Type, code: Code): Local {
    const local = this.fresh(type);
    this.set(local, code);
    return local;
  }

  emit(code: Code): void {
    this.code.push(code);
  }
  block(code: readonly Code[], type: Type = none): Code {
    return code.length === 1 && type === none ? (code[0] as Code) : this.m.block(null, [...code], type);
  }
  /** The statements that `body` emits, apart from those around them. */
  apart(body: () => void): Code[] {
    const outer = this.code;
    this.code = [];
    body();
    const code = this.code;
    this.code = outer;
    return code;
  }
  if(test: Code, then: () => void, otherwise?: () => void): void {
    const [yes, no] = [this.apart(then), otherwise ? this.apart(otherwise) : []];
    this.emit(no.length > 0 ? this.m.if(test, this.block(yes), this.block(no)) : this.m.if(test, this.block(yes)));
  }
  /** `do body while (again())` */
  repeat(body: () => void, again: () => Code): void {
    const label = `l${this.#labels++}`;
    const code = this.apart(() => {
      body();
      this.emit(this.m.br(label, again()));
    });
    this.emit(this.m.loop(label, this.block(code)));
  }
  /** `for (; i < to; i += step) body`, where i has its first value by now. `certain`: it runs at least once. */
  loop(i: Local, to: Bound, step: number, body: () => void, certain = false): void {
    const less = (): Code => this.m.i32.lt_s(this.get(i), this.read(to));
    const whole = (): void =>
      this.repeat(() => {
        body();
        this.set(i, this.add(this.get(i), step));
      }, less);
    if (certain) whole();
    else this.if(less(), whole);
  }

  read(bound: Bound): Code {
    return typeof bound === "number" ? this.int(bound) : this.get(bound);
  }
  /** The smaller of two integers. */
  least(a: Code, b: Code): Local {
    const [x, y] = [this.let(i32, a), this.let(i32, b)];
    return this.let(i32, this.m.select(this.m.i32.lt_s(this.get(x), this.get(y)), this.get(x), this.get(y)));
  }
  int(value: number): Code {
    return this.m.i32.const(value | 0);
  }
  add(a: Code, b: number): Code {
    return b === 0 ? a : this.m.i32.add(a, this.int(b));
  }
  mul(a: Code, b: number): Code {
    if (b === 1) return a;
    const power = Math.log2(b);
    return b > 0 && Number.isInteger(power) ? this.m.i32.shl(a, this.int(power)) : this.m.i32.mul(a, this.int(b));
  }
  /** Four equal f32. */
  splat(value: number): Code {
    const bytes = new Uint8Array(16);
    new Float32Array(bytes.buffer).fill(value);
    return this.#constant(`f32 ${value}`, bytes);
  }
  splatInt(value: number): Code {
    const bytes = new Uint8Array(16);
    new Int32Array(bytes.buffer).fill(value);
    return this.#constant(`i32 ${value}`, bytes);
  }
  #constant(wish: string, bytes: Uint8Array): Code {
    return bytes.every((byte) => byte === 0) ? this.m.v128.const(bytes) : this.asm.constant(wish, bytes);
  }
  /** a · b + c, four f32 at once. */
  fma(a: Code, b: Code, c: Code): Code {
    const { m } = this;
    return this.asm.fma ? relaxed(m, "RelaxedMaddVecF32x4", a, b, c) : m.f32x4.add(m.f32x4.mul(a, b), c);
  }
  /** c − a · b, four f32 at once. */
  fnma(a: Code, b: Code, c: Code): Code {
    const { m } = this;
    return this.asm.fma ? relaxed(m, "RelaxedNmaddVecF32x4", a, b, c) : m.f32x4.sub(c, m.f32x4.mul(a, b));
  }
  /** a · b + c, two f64 at once. */
  fma64(a: Code, b: Code, c: Code): Code {
    const { m } = this;
    return this.asm.fma ? relaxed(m, "RelaxedMaddVecF64x2", a, b, c) : m.f64x2.add(m.f64x2.mul(a, b), c);
  }
}

/** binaryen's JavaScript has no builder for relaxed instructions; its C API has. */
function relaxed(m: binaryen.Module, op: RelaxedOp, a: Code, b: Code, c: Code): Code {
  const api = binaryen as unknown as Record<RelaxedOp, number> & {
    _BinaryenSIMDTernary(module: number, op: number, a: Code, b: Code, c: Code): Code;
  };
  return api._BinaryenSIMDTernary(m.ptr, api[op], a, b, c);
}
type RelaxedOp = "RelaxedMaddVecF32x4" | "RelaxedNmaddVecF32x4" | "RelaxedMaddVecF64x2";
