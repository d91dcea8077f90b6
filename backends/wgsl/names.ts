/** Names that users gave to values and sizes, as identifiers of a shader: kept, unless WGSL or the shader needs them for itself. */

import { functionNames } from "./functions.ts";

/** WGSL's keywords, what it reserves, and what shaders call. */
const taken: ReadonlySet<string> = new Set(
  (
    "alias break case const const_assert continue continuing default diagnostic discard else enable false fn for if let loop override requires return struct switch true var while " +
    "NULL Self abstract active alignas alignof as asm asm_fragment async attribute auto await become cast catch class co_await co_return co_yield coherent column_major common compile compile_fragment concept const_cast consteval constexpr constinit crate debugger decltype delete demote demote_to_helper do dynamic_cast enum explicit export extends extern external fallthrough filter final finally friend from fxgroup get goto groupshared highp impl implements import inline instanceof interface layout lowp macro macro_rules match mediump meta mod module move mut mutable namespace new nil noexcept noinline nointerpolation non_coherent noncoherent noperspective null nullptr of operator package packoffset partial pass patch pixelfragment precise precision premerge priv protected pub public readonly ref regardless register reinterpret_cast require resource restrict self set shared sizeof smooth snorm static static_assert static_cast std subroutine super target template this thread_local throw trait try type typedef typeid typename typeof union unless unorm unsafe unsized use using varying virtual volatile wgsl where with writeonly yield " +
    "array atomic bitcast bool f16 f32 i32 u32 mat2x2 mat3x3 mat4x4 ptr sampler vec2 vec3 vec4 vec4f vec4i vec4u " +
    "abs all any ceil clamp cos dot exp floor fma log max min pow round select sign sin sqrt tanh trunc storageBarrier workgroupBarrier workgroupUniformLoad " +
    "arena sizes element main group groups lane infinite twoOverPi"
  ).split(" "),
);
const isTaken = (name: string): boolean => taken.has(name) || functionNames.includes(name.replace(/4$/, ""));

/** The nearest thing to `name` that can be one. */
const identifier = (name: string): string =>
  name
    .replace(/\W/g, "_")
    .replace(/^(?=\d)/, "_")
    .replace(/^_+/, "v_");

/** Names of one shader; of its functions, each has names of its own, and none that the shader has. */
export class Names {
  readonly #around: Names | undefined;
  readonly #given = new Set<string>();
  /** Names of the shader's functions: what comes after them may be called in them. */
  readonly #inside = new Set<string>();
  constructor(around?: Names) {
    this.#around = around;
  }

  /** `wish`, or what is next to it and free. */
  fresh(wish: string): string {
    const plain = identifier(wish);
    const base = isTaken(plain) ? `${plain}_value` : plain;
    let name = base;
    for (let n = 2; !this.#isFree(name); n++) name = `${base}${/\d$/.test(base) ? "_" : ""}${n}`;
    this.#given.add(name);
    if (this.#around) this.#around.#inside.add(name);
    return name;
  }

  #isFree(name: string): boolean {
    const isTakenAround = this.#around ? this.#around.#given.has(name) : this.#inside.has(name);
    return !this.#given.has(name) && !isTakenAround;
  }
}
