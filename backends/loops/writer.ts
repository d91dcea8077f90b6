/** Writes the statements of a kernel: loops, stages, addresses, and names for what is computed once and used again. */
import { type Address, addressOf } from "../../codegen/address.ts";
import { keyOf, loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Stage } from "../../codegen/kernel.ts";
import { combiner, type Expr, identityOf, type Loop, operandsOf } from "../../dsl/expr.ts";
import type { Dim, DType } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { Bindings, certainNodes, occurrences } from "./bindings.ts";
import { atom, type Scope, spell, type Text } from "./spell.ts";
import { dimText, indexName, sumText, timesText, viewOf } from "./text.ts";
import { type Copy, inCopy, nameInCopy, variableIn } from "./tile.ts";

/** How a kernel speaks of memory. */
export interface Names {
  /** The variable that holds a stored value's offset: `at_h`. */
  readonly offset: (v: Value) => string;
}

export class Writer {
  readonly lines: string[] = [];
  #depth = 0;
  #temporaries = 0;
  readonly #names: Names;
  /** Identifiers that the kernel has already: its locals, and where values lie. */
  readonly #taken: ReadonlySet<string>;
  /** Sums of what does not change in a loop, by what they are: names that are in scope now. */
  #pointers = new Map<string, string>();
  /** Running a row twice does no harm. */
  readonly #repeatable: boolean;
  /** Indices whose last tile runs over the end and is pushed back. */
  readonly #clamped = new Set<string>();
  /** Indices of the loops inside of the current stage. */
  #inner: ReadonlySet<string> = new Set();

  constructor(names: Names, stages: readonly Stage[], inPlace: boolean) {
    this.#names = names;
    this.#repeatable = !inPlace;
    this.#taken = new Set(
      stages.flatMap((s) => {
        const locals = s.kind === "let" ? [s.name] : s.kind === "reduce" ? s.accumulators.map((a) => a.name) : [];
        const places = [
          ...expressionsOf(s)
            .flatMap(loadsOf)
            .map((x) => x.source),
          ...(s.kind === "store" ? [s.target] : []),
        ];
        return [...locals, ...places.map(names.offset)];
      }),
    );
  }

  line(text: string): void {
    this.lines.push("  ".repeat(this.#depth) + text);
  }
  block(head: string, body: () => void): void {
    this.line(head === "" ? "{" : `${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.line("}");
  }
  nest(loops: readonly Loop[], body: () => void): void {
    const [loop, ...rest] = loops;
    if (!loop) body();
    else {
      const i = indexName(loop.index);
      this.block(`for (let ${i} = 0; ${i} < ${dimText(loop.extent).text}; ${i}++)`, () => this.nest(rest, body));
    }
  }

  /** A loop in strides of `n`, then what is left over. */
  tiled(loop: Loop | undefined, n: number, body: (n: number) => void): void {
    if (!loop) {
      body(1);
      return;
    }
    if (n === 1) {
      this.nest([loop], () => body(1));
      return;
    }
    const i = indexName(loop.index);
    const { extent } = loop;
    if (typeof extent === "number") {
      const whole = extent - (extent % n);
      if (whole > 0) this.block(`for (let ${i} = 0; ${i} < ${whole}; ${i} += ${n})`, () => body(n));
      if (extent > whole)
        this.block("", () => {
          this.line(`const ${i} = ${whole};`);
          body(extent - whole);
        });
      return;
    }
    const end = dimText(extent);
    if (this.#repeatable) {
      // The last tile may have fewer rows than n: the last row is then computed again.
      this.#clamped.add(loop.index);
      const last = sumText([end, atom("-1")]).text;
      this.block(`for (let ${i} = 0; ${i} < ${end.text}; ${i} += ${n})`, () => {
        for (let k = 1; k < n; k++) this.line(`const ${indexName(inCopy(loop.index, k))} = Math.min(${i} + ${k}, ${last});`);
        body(n);
      });
      return;
    }
    this.block("", () => {
      this.line(`let ${i} = 0;`);
      this.block(`for (; ${i} + ${n} <= ${end.text}; ${i} += ${n})`, () => body(n));
      this.block(`for (; ${i} < ${end.text}; ${i}++)`, () => body(1));
    });
  }

  /** Statements of all stages, for every copy of a tile. */
  stages(stages: readonly Stage[], copies: readonly Copy[]): void {
    const bindings = new Bindings();
    this.#pointers = new Map();
    const straight = occurrences(
      stages.flatMap((s) => (s.kind === "let" || (s.kind === "store" && s.loops.length === 0) ? expressionsOf(s) : [])),
    );
    for (const stage of stages) {
      if (stage.kind === "reduce") this.reduce(stage, copies, bindings);
      else if (stage.kind === "store" && stage.loops.length > 0) for (const copy of copies) this.storeLoop(stage, copy, bindings);
      else
        for (const copy of copies) {
          if (copies.length > 1) this.pointAt(stage, copy);
          this.share(expressionsOf(stage), straight, copy, bindings);
          if (stage.kind === "store") this.store(stage, copy, bindings);
          else this.line(`const ${nameInCopy(stage.name, copy)} = ${this.spell(stage.value, copy, bindings).text};`);
        }
    }
  }

  reduce(stage: Stage & { readonly kind: "reduce" }, copies: readonly Copy[], bindings: Bindings): void {
    this.within(stage.over, () => {
      for (const copy of copies) this.pointAt(stage, copy);
      for (const { name, combine, dtype } of stage.accumulators)
        this.line(`let ${copies.map((copy) => `${nameInCopy(name, copy)} = ${startOf(combine, dtype)}`).join(", ")};`);
      this.nest(stage.over, () => {
        const inside = new Bindings(bindings);
        const values = stage.accumulators.map((a) => a.value);
        const counts = occurrences(values);
        const tiled = copies.length > 1;
        for (const copy of copies) this.share(values, counts, copy, inside, tiled);
        for (const copy of copies)
          for (const acc of stage.accumulators)
            this.line(accumulate(nameInCopy(acc.name, copy), acc.combine, acc.dtype, this.spell(acc.value, copy, inside)));
      });
    });
  }

  storeLoop(stage: Stage & { readonly kind: "store" }, copy: Copy, bindings: Bindings): void {
    this.within(stage.loops, () => {
      this.pointAt(stage, copy);
      this.nest(stage.loops, () => {
        const inside = new Bindings(bindings);
        this.share(expressionsOf(stage), occurrences(expressionsOf(stage)), copy, inside);
        this.store(stage, copy, inside);
      });
    });
  }

  store(stage: Stage & { readonly kind: "store" }, copy: Copy, bindings: Bindings): void {
    const place = `${viewOf(stage.target.dtype)}[${this.place(stage.target, stage.index, copy, bindings)}]`;
    const value = this.spell(stage.value, copy, bindings);
    const stored = stage.target.dtype === "bool" ? `${value.binds > 1 ? value.text : `(${value.text})`} ? 1 : 0` : value.text;
    const write = stage.mode === "add" ? `${place}! += ${stored};` : `${place} = ${stored};`;
    this.line(stage.where ? `if (${this.spell(stage.where, copy, bindings).text}) ${write}` : write);
  }

  /** Gives names to nodes that occur more than once, and, in a tile, to loads, since the other copies read them too. */
  share(roots: readonly Expr[], counts: ReadonlyMap<string, number>, copy: Copy, bindings: Bindings, tiled = false): void {
    for (const root of roots)
      for (const x of certainNodes(root)) {
        const repeated = occurs(counts, x) > 1;
        const worth =
          x.kind === "load" ? repeated || tiled : repeated && (x.kind === "select" || (x.kind === "call" && !isIndexArithmetic(x)));
        if (!worth || bindings.get(x, copy) !== undefined) continue;
        const { text } = this.spell(x, copy, bindings);
        if (/^[\w$]+$/.test(text)) {
          bindings.bind(x, copy, text);
          continue;
        }
        const name = `t${this.#temporaries++}`;
        bindings.bind(x, copy, name);
        this.line(`const ${name} = ${text};`);
      }
  }

  spell(x: Expr, copy: Copy, bindings: Bindings, inAddress = false): Text {
    const scope: Scope = {
      index: (name) => this.shifted(name, copy),
      local: (name) => atom(nameInCopy(name, copy)),
      dim: dimText,
      bound: (y) => bindings.get(y, copy),
      inAddress,
      load: (y) => {
        const text = `${viewOf(y.dtype)}[${this.place(y.source, y.index, copy, bindings)}]!`;
        return y.dtype === "bool" ? { text: `${text} !== 0`, binds: 2.5 } : atom(text);
      },
    };
    return spell(x, scope);
  }

  /** Declares, outside of the loops of `stage`, what its addresses have in common. */
  pointAt(stage: Stage, copy: Copy): void {
    for (const x of expressionsOf(stage))
      for (const y of loadsOf(x)) this.point(y.source, addressOf(y.source, y.index, variableIn(copy, this.#clamped)));
    if (stage.kind === "store") this.point(stage.target, addressOf(stage.target, stage.index, variableIn(copy, this.#clamped)));
  }

  point(v: Value, address: Address): void {
    const fixed = this.fixedTerms(address);
    const key = this.pointerKey(v, fixed);
    if (fixed.length === 0 || this.#pointers.has(key)) return;
    const base = this.#names.offset(v);
    const wish = `${base.replace(/^at_/, "")}_${fixed.map(([index]) => indexName(index)).join("")}`;
    const taken = new Set([...this.#pointers.values(), ...this.#taken]);
    let name = wish;
    for (let n = 2; taken.has(name); n++) name = `${wish}_${n}`;
    this.#pointers.set(key, name);
    this.line(
      `const ${name} = ${sumText([atom(base), ...fixed.map(([index, stride]) => timesText(atom(indexName(index)), stride))]).text};`,
    );
  }

  fixedTerms({ terms }: Address): (readonly [string, Dim])[] {
    return [...terms].filter(([index]) => !this.#inner.has(index)).sort(([a], [b]) => (a < b ? -1 : 1));
  }
  pointerKey(v: Value, fixed: readonly (readonly [string, Dim])[]): string {
    return `${this.#names.offset(v)}|${fixed.join("|")}`;
  }

  /** The offset of an element within the arena. */
  place(v: Value, index: readonly Expr[], copy: Copy, bindings: Bindings): string {
    const address = addressOf(v, index, variableIn(copy, this.#clamped));
    const fixed = this.fixedTerms(address);
    const pointer = this.#pointers.get(this.pointerKey(v, fixed));
    const rest = [...address.terms].filter(([name]) => pointer === undefined || this.#inner.has(name));
    const terms = [
      atom(pointer ?? this.#names.offset(v)),
      ...rest.map(([name, stride]) => timesText(atom(indexName(name)), stride)),
      ...address.others
        .map(({ expr, stride }) => timesText(this.spell(expr, copy, bindings, true), stride))
        .map((t) => (t.binds >= 4 ? t : atom(`(${t.text})`))),
      ...(address.constant === 0 ? [] : [dimText(address.constant)]),
    ];
    return sumText(terms).text;
  }

  /** An index as one copy of the tile sees it. */
  shifted(name: string, copy: Copy): Text {
    const by = copy.get(name) ?? 0;
    if (by === 0) return atom(indexName(name));
    return this.#clamped.has(name) ? atom(indexName(inCopy(name, by))) : { text: `${indexName(name)} + ${by}`, binds: 4 };
  }

  within(loops: readonly Loop[], body: () => void): void {
    const outer = this.#inner;
    this.#inner = new Set(loops.map((loop) => loop.index));
    body();
    this.#inner = outer;
  }
}

const occurs = (counts: ReadonlyMap<string, number>, x: Expr): number => counts.get(keyOf(x)) ?? 0;
const startOf = (combine: "add" | "max", dtype: DType): string => {
  const start = identityOf(combine, dtype);
  return Number.isFinite(start) ? String(start) : "-Infinity";
};

function accumulate(name: string, combine: "add" | "max", dtype: DType, value: Text): string {
  const fn = combiner(combine, dtype);
  if (fn === "add") return `${name} += ${value.text};`;
  if (fn === "max") return `${name} = Math.max(${name}, ${value.text});`;
  return `${name} = (${name} + ${value.binds > 4 ? value.text : `(${value.text})`}) | 0;`;
}

/** Sums and products of indices and sizes: cheaper to write again than to name. */
const isIndexArithmetic = (x: Expr): boolean =>
  x.dtype === "i32" &&
  operandsOf(x).every((y) => ["const", "index", "size"].includes(y.kind) || (y.kind === "call" && isIndexArithmetic(y)));
