/** A kernel as a TypeScript function: loops over its outer indices, its stages inside. Contractions are computed a register tile at a time. */
import { sizeOf } from "../../dsl/dim.ts";
import { addInt, combiner, type Expr, identityOf, int, type Loop, mulInt, operandsOf, size } from "../../dsl/expr.ts";
import type { Dim, DType } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { contractionKernel } from "../../codegen/contraction.ts";
import { keyOf } from "../../codegen/inline.ts";
import { expressionsOf, type Kernel, type Stage } from "../../codegen/kernel.ts";
import { atom, type Scope, spell, type Text } from "./spell.ts";

/** How a kernel speaks of memory and sizes. */
export interface Names {
  /** The variable that holds a stored value's offset. */
  readonly offset: (v: Value) => string;
}

const viewOf = (dtype: DType): string => (dtype === "f32" || dtype === "f64" ? dtype : "i32");
const dimText = (dim: Dim): Text => {
  if (typeof dim === "number") return atom(String(dim));
  return {
    text: dim
      .replace(/([+-])/g, " $1 ")
      .replace(/\*/g, " * ")
      .trim(),
    binds: /[+-]/.test(dim) ? 4 : dim.includes("*") ? 5 : 9,
  };
};
const letters: Readonly<Record<string, string>> = { i0: "i", i1: "j", i2: "k", i3: "l", i4: "m", k0: "p", k1: "q", k2: "r", k3: "s" };
const indexName = (name: string): string => letters[name] ?? name;

/** The statements of a kernel's body. */
export function kernelBody(kernel: Kernel, names: Names): string[] {
  const contraction = contractionKernel(kernel);
  const plain = kernel.outer.filter((loop) => loop !== contraction?.row && loop !== contraction?.column);
  const writer = new Writer(names);
  if (!contraction || (!contraction.row && !contraction.column)) {
    writer.nest(kernel.outer, () => writer.stages(kernel.stages, new Tile([], [])));
    return writer.lines;
  }
  const { row, column } = contraction;
  writer.nest(plain, () => {
    const rows = column ? tileSize(row, 2) : tileSize(row, 4);
    const columns = row ? tileSize(column, 4) : tileSize(column, 4);
    writer.tiled(column, columns, (c) => writer.tiled(row, rows, (r) => writer.stages(kernel.stages, tileOf(row, r, column, c))));
  });
  return writer.lines;
}

/** A divisor of a known extent where there is one near the wish, so that no remainder is left. */
function tileSize(loop: Loop | undefined, wish: number): number {
  if (!loop) return 1;
  const { extent } = loop;
  if (typeof extent !== "number" || extent % wish === 0) return wish;
  if (extent < wish) return extent;
  return [wish + 1, wish - 1, wish - 2].find((n) => n > 1 && extent % n === 0) ?? wish;
}

/** Copies of a kernel's body at neighbouring indices: each has its own locals; what reads only rows or only columns is shared. */
class Tile {
  readonly rows: readonly [string, number][];
  readonly columns: readonly [string, number][];
  constructor(rows: readonly [string, number][], columns: readonly [string, number][]) {
    this.rows = rows;
    this.columns = columns;
  }
  get copies(): readonly Map<string, number>[] {
    const rows = this.rows.length > 0 ? this.rows : [["", 0] as const];
    const columns = this.columns.length > 0 ? this.columns : [["", 0] as const];
    return rows.flatMap(([row, r]) =>
      columns.map(
        ([column, c]) =>
          new Map([
            [row, r],
            [column, c],
          ]),
      ),
    );
  }
}
const tileOf = (row: Loop | undefined, r: number, column: Loop | undefined, c: number): Tile => {
  const along = (loop: Loop | undefined, n: number): [string, number][] =>
    loop && n > 1 ? Array.from({ length: n }, (_, k) => [loop.index, k]) : [];
  return new Tile(along(row, r), along(column, c));
};

class Writer {
  readonly lines: string[] = [];
  #depth = 0;
  #temporaries = 0;
  readonly #names: Names;

  constructor(names: Names) {
    this.#names = names;
  }

  line(text: string): void {
    this.lines.push("  ".repeat(this.#depth) + text);
  }
  block(head: string, body: () => void): void {
    this.line(`${head} {`);
    this.#depth++;
    body();
    this.#depth--;
    this.line("}");
  }
  nest(loops: readonly Loop[], body: () => void): void {
    const [loop, ...rest] = loops;
    if (!loop) return body();
    const i = indexName(loop.index);
    this.block(`for (let ${i} = 0; ${i} < ${dimText(loop.extent).text}; ${i}++)`, () => this.nest(rest, body));
  }

  /** A loop in strides of `n`, then what is left over. */
  tiled(loop: Loop | undefined, n: number, body: (n: number) => void): void {
    if (!loop) return body(1);
    const i = indexName(loop.index);
    const { extent } = loop;
    const end = dimText(extent).text;
    if (n === 1) return this.nest([loop], () => body(1));
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
    this.line(`let ${i} = 0;`);
    this.block(`for (; ${i} + ${n} <= ${end}; ${i} += ${n})`, () => body(n));
    this.block(`for (; ${i} < ${end}; ${i}++)`, () => body(1));
  }

  /** Statements of all stages, for every copy of a tile. */
  stages(stages: readonly Stage[], tile: Tile): void {
    const shared = new Bindings();
    for (const stage of stages) this.stage(stage, tile, shared, stages);
  }

  stage(stage: Stage, tile: Tile, shared: Bindings, all: readonly Stage[]): void {
    const { copies } = tile;
    if (stage.kind === "let") {
      for (const copy of copies) {
        this.share(
          all.flatMap((s) => (s.kind === "let" ? [s.value] : s.kind === "store" && s.loops.length === 0 ? expressionsOf(s) : [])),
          [stage.value],
          copy,
          shared,
        );
        this.line(`const ${localName(stage.name, copy)} = ${this.spell(stage.value, copy, shared).text};`);
      }
      return;
    }
    if (stage.kind === "reduce") {
      for (const acc of stage.accumulators)
        this.line(`let ${copies.map((copy) => `${localName(acc.name, copy)} = ${startOf(acc.combine, acc.dtype)}`).join(", ")};`);
      this.nest(stage.over, () => {
        const inside = new Bindings(shared);
        for (const copy of copies)
          for (const acc of stage.accumulators) {
            this.share([], operandsOf(acc.value), copy, inside, copies.length > 1);
            this.share(
              stage.accumulators.map((a) => a.value),
              [acc.value],
              copy,
              inside,
            );
          }
        for (const copy of copies)
          for (const acc of stage.accumulators)
            this.line(accumulate(localName(acc.name, copy), acc.combine, acc.dtype, this.spell(acc.value, copy, inside)));
      });
      return;
    }
    if (stage.loops.length === 0) {
      for (const copy of copies) this.store(stage, copy, shared);
      return;
    }
    for (const copy of copies)
      this.nest(stage.loops, () => {
        const inside = new Bindings(shared);
        this.share(expressionsOf(stage), expressionsOf(stage), copy, inside);
        this.store(stage, copy, inside);
      });
  }

  store(stage: Stage & { readonly kind: "store" }, copy: Copy, bindings: Bindings): void {
    const place = `${viewOf(stage.target.dtype)}[${this.address(stage.target, stage.index, copy, bindings)}]`;
    const value = this.spell(stage.value, copy, bindings);
    const stored = stage.target.dtype === "bool" ? `${value.binds > 1 ? value.text : `(${value.text})`} ? 1 : 0` : value.text;
    const write = stage.mode === "add" ? `${place}! += ${stored};` : `${place} = ${stored};`;
    this.line(stage.where ? `if (${this.spell(stage.where, copy, bindings).text}) ${write}` : write);
  }

  /**
   * Gives names to nodes of `wanted` that occur more than once among `among`, and that are evaluated whatever a select decides.
   * `always`: names every load, since other copies of the tile read it too.
   */
  share(among: readonly Expr[], wanted: readonly Expr[], copy: Copy, bindings: Bindings, always = false): void {
    const counts = new Map<string, number>();
    const count = (x: Expr): void => {
      const key = keyOf(x);
      const n = counts.get(key) ?? 0;
      counts.set(key, n + 1);
      if (n === 0) operandsOf(x).forEach(count);
    };
    among.forEach(count);
    const go = (x: Expr, certain: boolean): void => {
      if (bindings.has(x, copy)) return;
      if (x.kind === "select") {
        go(x.test, certain);
        go(x.then, false);
        go(x.else, false);
      } else for (const operand of operandsOf(x)) go(operand, certain);
      const worth = x.kind === "load" || (x.kind === "call" && !isIndexArithmetic(x)) || x.kind === "select";
      if (!certain || !worth || !(always ? x.kind === "load" : (counts.get(keyOf(x)) ?? 0) > 1)) return;
      const name = `t${this.#temporaries++}`;
      const text = this.spell(x, copy, bindings).text;
      bindings.bind(x, copy, name);
      this.line(`const ${name} = ${text};`);
    };
    for (const x of wanted) go(x, true);
  }

  spell(x: Expr, copy: Copy, bindings: Bindings): Text {
    const scope: Scope = {
      index: (name) => shifted(name, copy),
      local: (name) => atom(localName(name, copy)),
      dim: dimText,
      bound: (y) => bindings.get(y, copy),
      load: (y) => {
        const place = atom(`${viewOf(y.dtype)}[${this.address(y.source, y.index, copy, bindings)}]!`);
        return y.dtype === "bool" ? { text: `${place.text} !== 0`, binds: 3 } : place;
      },
    };
    return spell(x, scope);
  }

  /** Row-major offset of an element within the arena. */
  address(v: Value, index: readonly Expr[], copy: Copy, bindings: Bindings): string {
    const linear = index.reduce<Expr>((sum, i, axis) => addInt(sum, mulInt(i, size(sizeOf(v.shape.slice(axis + 1)) as Dim))), int(0));
    const base = this.#names.offset(v);
    return linear.kind === "const" && linear.value === 0 ? base : `${base} + ${this.spell(linear, copy, bindings).text}`;
  }
}

type Copy = ReadonlyMap<string, number>;
const shifted = (name: string, copy: Copy): Text => {
  const by = copy.get(name) ?? 0;
  return by === 0 ? atom(indexName(name)) : { text: `${indexName(name)} + ${by}`, binds: 4 };
};
const localName = (name: string, copy: Copy): string => {
  const digits = [...copy].filter(([index]) => index !== "").map(([, k]) => k);
  return digits.length === 0 ? name : `${name}_${digits.join("")}`;
};
const startOf = (combine: "add" | "max", dtype: DType): string => {
  const start = identityOf(combine, dtype);
  return Number.isFinite(start) ? String(start) : "Number.NEGATIVE_INFINITY";
};

function accumulate(name: string, combine: "add" | "max", dtype: DType, value: Text): string {
  const fn = combiner(combine, dtype);
  if (fn === "add") return `${name} += ${value.text};`;
  if (fn === "max") return `${name} = Math.max(${name}, ${value.text});`;
  return `${name} = (${name} + ${value.binds > 4 ? value.text : `(${value.text})`}) | 0;`;
}

const isIndexArithmetic = (x: Expr): boolean =>
  x.dtype === "i32" &&
  !operandsOf(x).some((y) => y.kind === "load" || !(["const", "index", "size"].includes(y.kind) || isIndexArithmetic(y)));

/** Names given to nodes, by what they are and by the copies of the tile that they belong to: a node that does not see an index is shared along it. */
class Bindings {
  readonly #names = new Map<string, string>();
  readonly #outer: Bindings | undefined;
  constructor(outer?: Bindings) {
    this.#outer = outer;
  }
  get(x: Expr, copy: Copy): string | undefined {
    const key = `${keyOf(x)}@${relevant(x, copy)}`;
    return this.#names.get(key) ?? this.#outer?.get(x, copy);
  }
  has(x: Expr, copy: Copy): boolean {
    return this.get(x, copy) !== undefined;
  }
  bind(x: Expr, copy: Copy, name: string): void {
    this.#names.set(`${keyOf(x)}@${relevant(x, copy)}`, name);
  }
}
function relevant(x: Expr, copy: Copy): string {
  if (copy.size === 0) return "";
  const seen = new Set<string>();
  let hasLocal = false;
  const go = (y: Expr): void => {
    if (y.kind === "index") seen.add(y.name);
    if (y.kind === "local") hasLocal = true;
    operandsOf(y).forEach(go);
  };
  go(x);
  return [...copy]
    .filter(([index]) => index !== "" && (hasLocal || seen.has(index)))
    .map(([index, k]) => `${index}${k}`)
    .join();
}
