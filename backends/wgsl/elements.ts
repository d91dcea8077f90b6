/** Elements in the arena: their addresses, and reading and writing one or four of them. */
import { type Address, addressOf } from "../../codegen/address.ts";
import type { Stage } from "../../codegen/kernel.ts";
import type { ExprOf, Spell } from "../../codegen/spelling.ts";
import { termsOfDim } from "../../dsl/dim.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { int, minus, plus, times } from "./arithmetic.ts";
import { type Code, code, level, widened, within } from "./code.ts";
import type { Layout } from "./layout.ts";
import { fromWords, toWords } from "./operations.ts";
import { UNIT } from "./shader.ts";
import type { Writer } from "./writer.ts";

type Store = Stage & { readonly kind: "store" };

/** Four neighbours: the first one's place, and how far it takes an address that its indices have these strides. */
export interface Lane {
  readonly first: Code;
  readonly strides: ReadonlyMap<string, Dim>;
}

/** An address whose parts that are not loops have been spelled. */
interface Place extends Omit<Address, "others"> {
  readonly others: readonly { readonly at: Code; readonly stride: Dim }[];
}

export class Elements {
  readonly #w: Writer;
  constructor(w: Writer) {
    this.#w = w;
  }

  load({ source, dtype, index }: ExprOf<"load">, spell: Spell<Code>): Code {
    return fromWords(dtype, this.#w.module.word, this.#words(source, placed(addressOf(source, index), spell)));
  }

  store(target: Value, index: readonly Expr[], value: Code, spell: Spell<Code>): string {
    const w = this.#w;
    const { word, wide } = w.module;
    const place = placed(addressOf(target, index), spell);
    if (!wide) return `arena[${this.#sum(target, place).text}] = ${toWords(target.dtype, word, value).text};`;
    const words = toWords(target.dtype, word, widened(value)).text;
    if (!w.lane && w.module.layout.isAlone(target)) return `${this.vector(this.#sum(target, place)).text} = ${words};`;
    if (!w.lane || alongLane(place, w.lane) !== "side by side")
      throw new Error("internal: what is stored four at a time does not lie side by side");
    return `${this.vector(this.#first(target, place, w.lane)).text} = ${words};`;
  }

  /** Adds to an element, where memory is seen one at a time. */
  add(target: Value, index: readonly Expr[], value: Code, spell: Spell<Code>): string {
    const { word } = this.#w.module;
    const at = this.#w.let("at", this.#sum(target, placed(addressOf(target, index), spell)));
    const sum = plus(fromWords(target.dtype, word, this.one(at)), value);
    return `arena[${at.text}] = ${toWords(target.dtype, word, sum).text};`;
  }

  #words(v: Value, place: Place): Code {
    const w = this.#w;
    const along = w.lane ? alongLane(place, w.lane) : "none";
    if (w.lane && along === "side by side") {
      const first = this.#first(v, place, w.lane);
      if (isAligned(w.module.layout, v, place, w.lane.strides)) return this.vector(first);
      const at = w.let("at", first);
      return four([0, 1, 2, 3].map((k) => this.one(plus(at, int(k)))));
    }
    const sum = this.#sum(v, place);
    if (!sum.wide) return this.one(sum);
    const at = w.let("at", sum);
    return four([..."xyzw"].map((axis) => this.one(code(`${at.text}.${axis}`))));
  }

  /** Four words; where memory is seen so, from a multiple of four on. */
  vector(first: Code): Code {
    if (this.#w.module.wide) return code(`arena[${within(first, level.unary)} >> 2]`, level.primary, true);
    return four([0, 1, 2, 3].map((k) => this.one(plus(first, int(k)))));
  }
  one(at: Code): Code {
    const { module } = this.#w;
    return module.wide ? code(`${module.element()}(${at.text})`) : code(`arena[${at.text}]`);
  }

  /** Of the first of four that lie side by side. */
  #first(v: Value, place: Place, { first, strides }: Lane): Code {
    const terms = new Map([...place.terms].filter(([name]) => !strides.has(name)));
    return plus(this.#sum(v, { ...place, terms }), first);
  }

  #sum(v: Value, { constant, terms, others }: Place): Code {
    const start = others.reduce((sum, { at, stride }) => this.#plus(sum, at, stride), this.along(this.#w.begin(v), terms));
    return constant === 0 ? start : this.#plus(start, int(1), constant);
  }
  /** An address with what indices add to it. */
  along(start: Code, terms: Address["terms"]): Code {
    return [...terms].reduce((sum, [name, stride]) => this.#plus(sum, this.#w.index(name), stride), start);
  }
  /** sum + x · stride */
  #plus(sum: Code, x: Code, stride: Dim): Code {
    const back = typeof stride === "number" && stride < 0;
    return (back ? minus : plus)(sum, times(x, this.#w.sizes.size(back ? -stride : stride)));
  }
}

const placed = ({ others, ...rest }: Address, spell: Spell<Code>): Place => ({
  ...rest,
  others: others.map(({ expr, stride }) => ({ at: spell(expr), stride })),
});
const four = (words: readonly Code[]): Code => code(`vec4(${words.map((word) => word.text).join(", ")})`, level.primary, true);

/** How an address goes from lane to lane: it stays, goes to the next element, or elsewhere. */
function alongLane({ terms, others }: Place, { strides }: Lane): "none" | "side by side" | "apart" {
  if (others.some(({ at }) => at.wide)) return "apart";
  const all = [...strides];
  if (all.every(([name]) => !terms.has(name))) return "none";
  return all.every(([name, stride]) => terms.get(name) === stride) ? "side by side" : "apart";
}

/** Are four neighbours, which lie side by side, one vector, if the first one's place among them is a multiple of four? */
function isAligned(
  layout: Layout,
  v: Value,
  { constant, terms, others }: Pick<Place, "constant" | "terms"> & { readonly others: readonly { readonly stride: Dim }[] },
  strides: Lane["strides"],
): boolean {
  const away = [
    constant,
    ...[...terms].flatMap(([name, stride]) => (strides.has(name) ? [] : [stride])),
    ...others.map(({ stride }) => stride),
  ];
  return layout.isAligned(v) && away.every(isMultiple);
}

/** Is an element one of a vector that is stored at once, along indices of these strides? */
export function liesInVectors(layout: Layout, { target, index }: Store, strides: Lane["strides"]): boolean {
  const address = addressOf(target, index);
  return (
    address.others.length === 0 &&
    [...strides].every(([name, stride]) => address.terms.get(name) === stride) &&
    isAligned(layout, target, address, strides)
  );
}
export const isMultiple = (dim: Dim): boolean => termsOfDim(dim).every(({ coefficient }) => coefficient % UNIT === 0);
