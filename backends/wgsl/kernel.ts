/** A program as compute shaders: for each kernel, the template that suits it. */
import { collapse } from "../../codegen/collapse.ts";
import type { Kernel } from "../../codegen/kernel.ts";
import type { Program } from "../../codegen/program.ts";
import { split } from "../../codegen/split.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Origin, Value } from "../../dsl/value.ts";
import { rowValues } from "../wasm/rows.ts";
import { columnBytes, columnsOf, emitColumns, goesAcross, partsOfColumns } from "./columns.ts";
import { emitContraction } from "./contraction.ts";
import { Layout } from "./layout.ts";
import { Module } from "./module.ts";
import { inParts } from "./parts.ts";
import { isWideProduct, type Product, productOf } from "./product.ts";
import { emitRows, partsOfRows, rowBytes, rowsOf } from "./rows.ts";
import { scattersOf } from "./scatter.ts";
import { emitSerial, isWide } from "./serial.ts";
import type { Grid, Shader } from "./shader.ts";
import { type Choice, choicesOf, tileBytes } from "./tiles.ts";
import { Writer } from "./writer.ts";

export interface ShaderOptions {
  /** A place in the source as the user knows it. */
  readonly place?: (origin: Origin) => string;
  /** How products are computed, if not as would be done first. */
  readonly choose?: typeof choicesOf;
}
/** What of a program its shaders depend on. */
export type Emittable = Pick<Program, "dims" | "kernels" | "memory" | "outputs">;

/** The shaders of a program's kernels, in order. */
export function emitShaders(program: Emittable, options: ShaderOptions = {}): Shader[] {
  const layout = new Layout(program.memory);
  const temporaries = rowValues(program);
  const emitter = new Emitter(program.dims, options);
  return program.kernels.flatMap((kernel, k) => {
    const name = `${kernel.name.replace(/\W/g, "_")}_${k}`;
    return emitter.kernel({ name, kernel, layout, scratch: 0, temporaries: new Set(temporaries.get(kernel)?.keys()) });
  });
}

/** A kernel, or a part of one. */
interface Task {
  /** Of its shader. */
  readonly name: string;
  readonly kernel: Kernel;
  readonly layout: Layout;
  /** Bytes behind the program's memory. */
  readonly scratch: Dim;
  /** What only the row reads that writes it. */
  readonly temporaries: ReadonlySet<Value>;
}

/** How a task is done. */
interface Way {
  /** Is memory seen four elements at a time? */
  readonly wide: boolean;
  readonly workgroupBytes?: number;
  readonly emit: (w: Writer) => Grid;
}

class Emitter {
  readonly #dims: Program["dims"];
  readonly #options: ShaderOptions;
  constructor(dims: Program["dims"], options: ShaderOptions) {
    this.#dims = dims;
    this.#options = options;
  }

  /** No shaders where it is known that there are no elements: WGSL divides by no literal 0. */
  kernel(task: Task): Shader[] {
    const { name, layout } = task;
    if (task.kernel.outer.some(({ extent }) => extent === 0)) return [];
    const scatters = scattersOf(task.kernel);
    if (scatters) return scatters.flatMap((kernel, k) => this.kernel({ ...task, name: k === 0 ? `${name}_start` : name, kernel }));
    const kernel = collapse(split(task.kernel));
    const product = productOf(kernel, layout);
    return product ? this.#products({ ...task, kernel }, product) : this.#loops({ ...task, kernel });
  }

  /** Folds and whatever else is no product. */
  #loops(task: Task): Shader[] {
    const { kernel, layout, temporaries } = task;
    const columns = columnsOf(kernel, layout);
    const across = goesAcross(kernel);
    const isWhole = task.scratch === 0;
    const rows = columns ? undefined : rowsOf(kernel, layout, (v) => temporaries.has(v));
    const parts = isWhole && columns ? partsOfColumns(columns) : isWhole && rows && !across ? partsOfRows(kernel) : 1;
    if (parts > 1) return this.#inParts(task, parts, columns !== undefined);
    if (columns) return [this.#columns(task)];
    if (rows) return [this.#rows(task)];
    return [this.#shader(task, { wide: isWide(kernel, layout, across), emit: (w) => emitSerial(w, kernel) })];
  }

  #columns(task: Task, inParts = 1): Shader {
    const columns = columnsOf(task.kernel, task.layout, inParts);
    if (!columns) throw new Error(`internal: ${task.name}: no columns`);
    return this.#shader(task, { wide: columns.each > 1, workgroupBytes: columnBytes(columns), emit: (w) => emitColumns(w, columns) });
  }

  #rows(task: Task, inParts = 1): Shader {
    const rows = rowsOf(task.kernel, task.layout, (v) => task.temporaries.has(v), inParts);
    if (!rows) throw new Error(`internal: ${task.name}: no rows`);
    return this.#shader(task, { wide: rows.each > 1, workgroupBytes: rowBytes(rows, task.layout), emit: (w) => emitRows(w, rows) });
  }

  /** A fold over so much that some workgroups share it. */
  #inParts(task: Task, parts: number, areColumns: boolean): Shader[] {
    const { first, between, second } = inParts(task.kernel, parts, { apart: !areColumns });
    const { layout, bytes: scratch } = task.layout.withScratch(between);
    const part = { ...task, name: `${task.name}_parts`, kernel: first, layout, scratch };
    return [
      areColumns ? this.#columns(part, parts) : this.#rows(part, parts),
      ...this.#loops({ ...task, kernel: second, layout, scratch }),
    ];
  }

  /** A product: a shader for small sizes, and another for large ones, if they differ. */
  #products(task: Task, product: Product): Shader[] {
    const choices = (this.#options.choose ?? choicesOf)(product);
    return choices.flatMap(({ choice, only }, k) => {
      const name = k === 0 ? task.name : `${task.name}_large`;
      return this.#product({ ...task, name }, product, choice).map((shader) => ({ ...shader, ...(only && { only }) }));
    });
  }

  #product(task: Task, product: Product, choice: Choice): Shader[] {
    if (choice.parts === 1) return [this.#tiled(task, product, choice)];
    const { part, first, between, second } = inParts(task.kernel, choice.parts, { apart: false });
    const { layout, bytes: scratch } = task.layout.withScratch(between);
    const apart = { ...product, batches: [part, ...product.batches], rest: first.stages.slice(1) };
    return [
      this.#tiled({ ...task, layout, scratch }, apart, choice),
      ...this.#loops({ ...task, name: `${task.name}_sum`, kernel: second, layout, scratch }),
    ];
  }

  #tiled(task: Task, product: Product, { tile, parts }: Choice): Shader {
    const smaller = tile.otherwise && this.#tiled({ ...task, name: `${task.name}_smaller` }, product, { tile: tile.otherwise, parts });
    const made = this.#shader(task, {
      wide: isWideProduct(product, task.layout),
      workgroupBytes: tileBytes(tile),
      emit: (w) => emitContraction(w, product, { tile, parts }),
    });
    return { ...made, ...(smaller && { otherwise: [smaller] }) };
  }

  #shader({ name, kernel, layout, scratch }: Task, { wide, workgroupBytes = 0, emit }: Way): Shader {
    const { place = ({ file, line }: Origin): string => `${file}:${line}` } = this.#options;
    const module = new Module(this.#dims, layout, kernel, { wide });
    const w = new Writer(module);
    const { groups, invocations } = emit(w);
    const places = [...new Set(kernel.origins.map(place))].join(", ");
    const code = module.text(places === "" ? kernel.name : `${places}  ${kernel.name}`, invocations, w.text());
    return { name, code, groups, workgroupBytes, scratch, origins: kernel.origins };
  }
}
