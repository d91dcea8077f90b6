/** Functions that shaders write out because WGSL lacks them, each once in a module and only where it is called. */
import { literal } from "./code.ts";
import { math } from "./math.ts";

/** How a function is spelled for one element, or for four. */
export interface Types {
  readonly F: string;
  readonly I: string;
  readonly U: string;
  readonly B: string;
  /** A constant, as often as there are elements; an f32 if it is a number. */
  readonly c: (value: number | string) => string;
  /** The name of another function, which is then there. */
  readonly f: (name: string) => string;
  /** The same of one element. */
  readonly one: (name: string) => string;
}
export type Written = (name: string, types: Types) => string;

const basic: Readonly<Record<string, Written>> = {
  /** How far each of four elements is from the first. */
  lanes: (name) => `const ${name} = vec4(0, 1, 2, 3);`,
  /** Read from a variable: a constant that is not finite is refused. */
  infinity: (name) => `var<private> infinite: u32 = 0x7f800000u;
fn ${name}() -> f32 {
  return bitcast<f32>(infinite);
}`,
  nan: (name, { one }) => `fn ${name}() -> f32 {
  return bitcast<f32>(bitcast<u32>(${one("infinity")}()) | 0x400000u);
}`,
  /** By its bits: a driver may take it that there is none. */
  isNaN: (name, { F, B, U, c }) => `fn ${name}(x: ${F}) -> ${B} {
  return (bitcast<${U}>(x) & ${c("0x7fffffffu")}) > ${c("0x7f800000u")};
}`,
  isFinite: (name, { F, B, U, c }) => `fn ${name}(x: ${F}) -> ${B} {
  return (bitcast<${U}>(x) & ${c("0x7fffffffu")}) < ${c("0x7f800000u")};
}`,
  isNumber: (name, { F, B, f }) => `fn ${name}(x: ${F}) -> ${B} {
  return !${f("isNaN")}(x);
}`,
  /** NaN if either is. */
  maxf: (name, { F, f }) => `fn ${name}(a: ${F}, b: ${F}) -> ${F} {
  return select(max(a, b), a + b, ${f("isNaN")}(a) | ${f("isNaN")}(b));
}`,
  minf: (name, { F, f }) => `fn ${name}(a: ${F}, b: ${F}) -> ${F} {
  return select(min(a, b), a + b, ${f("isNaN")}(a) | ${f("isNaN")}(b));
}`,
  /** Toward 0; what is too large is the largest, NaN is 0. */
  truncated: (name, { F, I, c, f }) => `fn ${name}(x: ${F}) -> ${I} {
  return select(select(${I}(x), ${c("2147483647")}, x >= ${c(2 ** 31)}), ${c("0")}, ${f("isNaN")}(x));
}`,
};

const table: Readonly<Record<string, Written>> = { ...basic, ...math };

/** Every name that a shader may give a function. */
export const functionNames: readonly string[] = Object.keys(table);

export class Functions {
  readonly #made = new Map<string, string>();

  /** The name of a function of one element, or of four. */
  readonly use = (name: string, wide: boolean): string => {
    const full = wide ? `${name}4` : name;
    if (this.#made.has(full)) return full;
    const type = (scalar: string): string => (wide ? `vec4<${scalar}>` : scalar);
    const written = (table[name] as Written)(full, {
      F: type("f32"),
      I: type("i32"),
      U: type("u32"),
      B: type("bool"),
      c(value) {
        const text = typeof value === "number" ? literal(value, "f32").text : value;
        return wide ? `vec4(${text})` : text;
      },
      f: (other) => this.use(other, wide),
      one: (other) => this.use(other, false),
    });
    this.#made.set(full, written);
    return full;
  };

  /** What is called in `text`, and what that calls. */
  written(text: string): readonly string[] {
    const all = [...this.#made].reverse();
    const kept: string[] = [];
    let callers = text;
    for (const [name, code] of all) {
      if (!new RegExp(`\\b${name}\\b`).test(callers)) continue;
      kept.unshift(code);
      callers += code;
    }
    return kept;
  }
}
