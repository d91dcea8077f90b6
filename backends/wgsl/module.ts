/** A shader's text in the making: what its functions share. */
import { type Kernel, writesOf } from "../../codegen/kernel.ts";
import { readsOfKernel } from "../../codegen/memory.ts";
import type { Program } from "../../codegen/program.ts";
import type { Dim, DType } from "../../dsl/types.ts";
import { nameOf, type Value } from "../../dsl/value.ts";
import { typeOf } from "./code.ts";
import { Functions } from "./functions.ts";
import type { Layout } from "./layout.ts";
import { Names } from "./names.ts";
import type { Word } from "./operations.ts";
import { Writer } from "./writer.ts";

/** What the entry point is given: which workgroup this is, of how many, and which of its invocations. */
const PARAMETERS =
  "@builtin(workgroup_id) group: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>, @builtin(local_invocation_index) lane: u32";

export interface ModuleOptions {
  /** Memory is seen four elements at a time; then it is also written so: two invocations may not write parts of one vector. */
  readonly wide: boolean;
}

export class Module {
  readonly layout: Layout;
  readonly dims: readonly string[];
  readonly names = new Names();
  readonly word: Word;
  readonly wide: boolean;
  readonly #functions = new Functions();
  /** By where they are: a value that takes another one's place has its name. */
  readonly #begins = new Map<Dim, string>();
  readonly #sizes = new Map<number, string>();
  readonly #constants: string[] = [];
  readonly #declared: string[] = [];
  readonly #shared = new Map<string, string>();
  #reads: readonly string[] = [];

  constructor(dims: Program["dims"], layout: Layout, kernel: Kernel, { wide }: ModuleOptions) {
    this.dims = dims.map(({ name }) => name);
    this.layout = layout;
    this.word = wordOf(kernel);
    this.wide = wide;
  }

  /** The name of a function that WGSL does not have, of one element or of four. */
  readonly use = (name: string, wide = false): string => this.#functions.use(name, wide);

  /** The name of what is in that place of `sizes`. */
  sizeName(at: number): string {
    const dim = this.dims[at % this.dims.length] as string;
    return known(this.#sizes, at, () =>
      this.names.fresh(at < this.dims.length ? dim.replace(".", "_size").replaceAll(".", "_by") : `max_${dim}`),
    );
  }

  /** A value's name, as comments and functions have it. */
  nameOf(v: Value): string {
    return this.beginName(v).replace("at_", "");
  }

  /** The name of where a value begins: a constant, or a variable of each function that needs it, if that depends on sizes. */
  beginName(v: Value): string {
    const at = this.layout.begin(v);
    return known(this.#begins, at, () => {
      const name = this.names.fresh(`at_${nameOf(v) ?? v.op.name}`);
      if (typeof at === "number") this.#constants.push(`const ${name} = ${at}; ${shapeComment(v)}`);
      return name;
    });
  }

  /** The name of a function that reads one element where memory is seen four at a time. */
  element(): string {
    this.#reads = [`fn element(i: i32) -> ${this.word} {`, "  return arena[i >> 2][i & 3];", "}"];
    return "element";
  }

  /** What is made when it is first asked for; its name. */
  shared(what: string, make: () => string): string {
    return known(this.#shared, what, make);
  }

  /** Declares a function; its name. */
  function(comment: string, wish: string, result: string, body: (w: Writer) => void): string {
    const name = this.names.fresh(wish);
    const w = new Writer(this);
    body(w);
    const returns = result === "" ? "" : ` -> ${result}`;
    this.declare("", `// ${comment}`, `fn ${name}(${w.parameters.join(", ")})${returns} {`, ...w.text().map((line) => `  ${line}`), "}");
    return name;
  }

  /** Declares something beside the functions, in order. */
  declare(...lines: readonly string[]): void {
    this.#declared.push(...lines);
  }

  /** All of it; `about` says what it computes, and where in the source that is. */
  text(about: string, invocations: number, body: readonly string[]): string {
    const entries = Math.ceil(this.dims.length / 2);
    const main = [
      ...this.#declared,
      "",
      `@compute @workgroup_size(${invocations})`,
      `fn main(${PARAMETERS}) {`,
      ...body.map((line) => `  ${line}`),
      "}",
    ];
    const lines = [
      `// ${about}`,
      `@group(0) @binding(0) var<storage, read_write> arena: array<${this.wide ? `vec4<${this.word}>` : this.word}>;`,
      ...(this.#sizes.size > 0 ? [`@group(0) @binding(1) var<uniform> sizes: array<vec4<i32>, ${entries}>;`] : []),
      ...paragraph(this.#constants),
      ...paragraph(this.#reads),
      ...this.#functions.written(main.join("\n")).flatMap((text) => paragraph(text.split("\n"))),
      ...main,
    ];
    return `${lines.join("\n")}\n`;
  }
}

export const shapeComment = (v: Value): string => `// ${v.dtype} [${v.shape.join(", ")}]`;
const paragraph = (lines: readonly string[]): readonly string[] => (lines.length > 0 ? ["", ...lines] : []);

function known<K>(names: Map<K, string>, key: K, make: () => string): string {
  let name = names.get(key);
  if (name === undefined) names.set(key, (name = make()));
  return name;
}

/** What the arena's words are taken for: what all are that the kernel reads and writes, or bits. */
function wordOf(kernel: Kernel): Word {
  const dtypes = new Set<DType>([...readsOfKernel(kernel), ...writesOf(kernel)].map(({ dtype }) => dtype));
  if (dtypes.has("f64")) typeOf("f64");
  if (dtypes.size === 1 && dtypes.has("f32")) return "f32";
  return dtypes.has("f32") ? "u32" : "i32";
}
