/** A program as compute shaders: for each kernel, the template that suits it. */
import { collapse } from "../../codegen/collapse.ts";
import type { Kernel } from "../../codegen/kernel.ts";
import type { Program } from "../../codegen/program.ts";
import { split } from "../../codegen/split.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Origin, Value } from "../../dsl/value.ts";
import { rowValues } from "../wasm/rows.ts";
import { type Columns, columnBytes, columnsOf, emitColumns, goesAcross, partsOfColumns } from "./columns.ts";
import { emitContraction } from "./contraction.ts";
import { Layout } from "./layout.ts";
import { Module } from "./module.ts";
import { foldsAndFinishes, inParts } from "./parts.ts";
import { isWideProduct, type Product, productOf } from "./product.ts";
import { emitRows, partsOf, type Rows, rowBytes, rowsOf } from "./rows.ts";
import { scattersOf } from "./scatter.ts";
import { emitSerial, isWide } from "./serial.ts";
import type { Grid, Shader } from "./shader.ts";
import { type Choice, choicesOf, tileBytes } from "./tiles.ts";
import { Writer } from "./writer.ts";

export interface ShaderOptions {
  /** A place in the source as the user knows it. */
  readonly place?: (origin: Origin) => string;
  /** How a product is computed: by default as it would be done first. */
  readonly choose?: (product: Product) => ReturnType<typeof choicesOf>;
}
/** What of a program its shaders depend on. */
export type Emittable = Pick<Program, "dims" | "kernels" | "memory" | "outputs">;

/** The shaders of a program's kernels, in order. */
export function emitShaders(program: Emittable, options: ShaderOptions = {}): Shader[] {
  const emitter = new Emitter(program, options);
  return program.kernels.flatMap((kernel, k) => emitter.kernel(kernel, `${kernel.name.replace(/\W/g, "_")}_${k}`));
}

/** What one shader is made from, and how. */
interface Draft {
  readonly name: string;
  readonly kernel: Kernel;
  readonly layout?: Layout;
  /** Is memory seen four elements at a time? */
  readonly wide: boolean;
  readonly workgroupBytes?: number;
  readonly scratch?: Dim;
  readonly otherwise?: readonly Shader[];
  readonly emit: (w: Writer) => Grid;
}

class Emitter {
  readonly #dims: Program["dims"];
  readonly #layout: Layout;
  readonly #options: ShaderOptions;
  /** Of each kernel, the values that only the row reads which writes them. */
  readonly #temporaries: ReadonlyMap<Kernel, ReadonlyMap<Value, unknown>>;
  constructor(program: Emittable, options: ShaderOptions) {
    const { dims, memory } = program;
    this.#temporaries = rowValues(program as Program);
    this.#dims = dims;
    this.#layout = new Layout(memory);
    this.#options = options;
  }

  /** None where it is known that there are no elements: WGSL divides by no literal 0. */
  kernel(original: Kernel, name: string): Shader[] {
    if (original.outer.some(({ extent }) => extent === 0)) return [];
    const scatters = scattersOf(original);
    if (scatters) return scatters.flatMap((part, k) => this.kernel(part, k === 0 ? `${name}_start` : name));
    const kernel = collapse(split(original));
    const product = productOf(kernel, this.#layout);
    if (product) return this.#products(kernel, product, name);
    return this.#loops(kernel, this.#layout, name, { scratch: 0, temporaries: this.#temporaries.get(original) ?? new Map() });
  }

  /** A kernel that is no product. */
  #loops(
    kernel: Kernel,
    layout: Layout,
    name: string,
    { scratch, temporaries }: { readonly scratch: Dim; readonly temporaries: ReadonlyMap<Value, unknown> },
  ): Shader[] {
    const columns = columnsOf(kernel, layout);
    if (columns) {
      const parts = scratch === 0 ? partsOfColumns(columns) : 1;
      return parts > 1 ? this.#columnsInParts(kernel, parts, name) : [this.#columns(kernel, layout, columns, name, scratch)];
    }
    const across = goesAcross(kernel);
    if (foldsAndFinishes(kernel) && across) return [this.#serial(kernel, layout, name, scratch, isWide(kernel, layout, true))];
    const parts = scratch === 0 ? partsOf(kernel) : 1;
    if (parts > 1) return this.#rowsInParts(kernel, parts, name);
    const rows = rowsOf(kernel, layout, (v) => temporaries.has(v));
    return [
      rows ? this.#rows(kernel, layout, rows, name, scratch) : this.#serial(kernel, layout, name, scratch, isWide(kernel, layout, across)),
    ];
  }

  #serial(kernel: Kernel, layout: Layout, name: string, scratch: Dim, wide: boolean): Shader {
    return this.#shader({ name, kernel, layout, wide, scratch, emit: (w) => emitSerial(w, kernel) });
  }
  #rows(kernel: Kernel, layout: Layout, rows: Rows, name: string, scratch: Dim): Shader {
    return this.#shader({
      name,
      kernel,
      layout,
      wide: rows.each > 1,
      workgroupBytes: rowBytes(rows, layout),
      scratch,
      emit: (w) => emitRows(w, rows),
    });
  }
  #columns(kernel: Kernel, layout: Layout, columns: Columns, name: string, scratch: Dim): Shader {
    return this.#shader({
      name,
      kernel,
      layout,
      wide: columns.each > 1,
      workgroupBytes: columnBytes(columns),
      scratch,
      emit: (w) => emitColumns(w, columns),
    });
  }

  #rowsInParts(kernel: Kernel, parts: number, name: string): Shader[] {
    const { first, between, second } = inParts(kernel, parts, { apart: true });
    const { layout, bytes: scratch } = this.#layout.withScratch(between);
    const rows = rowsOf(first, layout, () => false, parts);
    if (!rows) throw new Error(`internal: ${kernel.name}: rows that are too short for parts`);
    return [
      this.#rows(first, layout, rows, `${name}_parts`, scratch),
      ...this.#loops(second, layout, name, { scratch, temporaries: new Map() }),
    ];
  }
  #columnsInParts(kernel: Kernel, parts: number, name: string): Shader[] {
    const { first, between, second } = inParts(kernel, parts, { apart: false });
    const { layout, bytes: scratch } = this.#layout.withScratch(between);
    const columns = columnsOf(first, layout, parts);
    if (!columns) throw new Error(`internal: ${kernel.name}: columns that are too short for parts`);
    return [
      this.#columns(first, layout, columns, `${name}_parts`, scratch),
      ...this.#loops(second, layout, name, { scratch, temporaries: new Map() }),
    ];
  }

  /** A product: a shader for some sizes, and another for others. */
  #products(kernel: Kernel, product: Product, name: string): Shader[] {
    const choices = (this.#options.choose ?? choicesOf)(product);
    return choices.flatMap(({ choice, only }, k) =>
      this.#product(kernel, product, k === 0 ? name : `${name}_large`, choice).map((shader) => (only ? { ...shader, only } : shader)),
    );
  }

  #product(kernel: Kernel, product: Product, name: string, choice: Choice): Shader[] {
    const { tile, parts } = choice;
    const workgroupBytes = tileBytes(tile);
    const otherwise = tile.otherwise && this.#product(kernel, product, `${name}_shallow`, { tile: tile.otherwise, parts }).slice(0, 1);
    const draft = { name, kernel, workgroupBytes, ...(otherwise && { otherwise }) };
    if (parts === 1) {
      const wide = isWideProduct(product, this.#layout);
      return [this.#shader({ ...draft, wide, emit: (w) => emitContraction(w, product, choice) })];
    }
    const { part, first, between, second } = inParts(kernel, parts, { apart: false });
    const { layout, bytes: scratch } = this.#layout.withScratch(between);
    const apart = { ...product, batches: [part, ...product.batches], rest: first.stages.slice(1) };
    const wide = isWideProduct(apart, layout);
    return [
      this.#shader({ ...draft, layout, wide, scratch, emit: (w) => emitContraction(w, apart, choice) }),
      ...this.#loops(second, layout, `${name}_sum`, { scratch, temporaries: new Map() }),
    ];
  }

  #shader({ name, kernel, layout = this.#layout, wide, workgroupBytes = 0, scratch = 0, otherwise, emit }: Draft): Shader {
    const { place } = this.#options;
    const module = new Module(this.#dims, layout, kernel, { wide });
    const w = new Writer(module);
    const { groups, invocations } = emit(w);
    const places = kernel.origins.map((origin) => place?.(origin) ?? `${origin.file}:${origin.line}`);
    const comment = `// ${[...new Set(places)].join(", ")}  ${kernel.name}`;
    const code = module.text(comment, invocations, w.text());
    return { name, code, groups, workgroupBytes, scratch, origins: kernel.origins, ...(otherwise && { otherwise }) };
  }
}
