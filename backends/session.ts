/** What ships with a generated module of any target: memory for each session, inputs copied in, kernels run, outputs read. Imports only types. */
import type { CompiledModule } from "../dsl/compiled.ts";

export type Data = Float32Array | Float64Array | Int32Array | Uint8Array;
export type DType = "f32" | "f64" | "i32" | "bool";

/** Where a tensor lies: its path in the user's terms, dtype, offset in elements of its view, shape; its type's shape, where that has names. */
export type Leaf = readonly [path: string, dtype: DType, offset: number, shape: readonly number[], declared?: string];
/** One compiled model. Trees hold the numbers of leaves: inputs first, in order, then outputs. */
export interface Plan {
  readonly params: readonly unknown[];
  readonly result: unknown;
  /** How many leaves, the first ones, are the carry: they are also the first half of the result. 0: not a step. */
  readonly carry: number;
  /** Why it is not a step, though its types let it be one. */
  readonly noStep?: string;
  /** Run-time sizes: name, input leaf, axis; the axis is divisor · size + offset. */
  readonly dims: readonly (readonly [name: string, leaf: number, axis: number, divisor: number, offset: number])[];
  /** By `leaf.axis`: why an axis has to be as long as it has to be, where its type does not say. */
  readonly equal?: Readonly<Record<string, string>>;
  /** Throws where an op does not take these sizes. */
  check?(d: readonly number[]): void;
  /** Every leaf, for the sizes of this call (`d`) in an arena made for at most `max`. */
  leaves(d: readonly number[], max: readonly number[]): readonly Leaf[];
  /** Bytes of the arena; each thread has room of its own in it. */
  bytes(max: readonly number[], threads: number): number;
  /** Room is made for sizes that are multiples of this. */
  readonly grain?: number;
  /** Fills in arrays that are there from the start. */
  init?(memory: Memory, max: readonly number[]): void;
}

/** What a session works in: an `Arena` of this process, or what is on another device. */
export interface Memory {
  readonly f32: View;
  readonly i32: View;
  /** A leaf's elements, or what stands for them where they are. */
  read(leaf: Leaf): unknown;
  write(leaf: Leaf, contents: unknown): void;
}
/** Takes elements at an offset. */
interface View {
  set(elements: readonly number[], offset: number): void;
}

/** What a target brings: memory for one plan, and how its kernels run there. */
export interface Engine<M extends Memory = Arena> {
  readonly threads?: number;
  /** How many MiB of memory there can be: WebAssembly addresses 4096. In words, if nothing else limits it. */
  readonly most?: number | string;
  /** Memory of so many bytes, all 0. */
  allocate(bytes: number): M;
  run(memory: M, d: readonly number[], max: readonly number[]): void;
  /** What stands for a tensor's elements, where they are; undefined if they are in its buffer. */
  contents?(tensor: HostTensor): unknown;
}

export interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly buffer: Data;
}
type Tree = Record<string, unknown>;
export type Sizes = Readonly<Record<string, number>>;

const show = (list: readonly unknown[]): string => `[${list.join(", ")}]`;

/** Memory of this process: views of one buffer, whose size is a multiple of 8. A bool takes a word of `i32`. */
export class Arena implements Memory {
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly bool: Int32Array;
  constructor(buffer: ArrayBufferLike) {
    this.f32 = new Float32Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.bool = this.i32 = new Int32Array(buffer);
  }
  read([, dtype, offset, shape]: Leaf): Data {
    const part = this[dtype].slice(offset, offset + shape.reduce((a, b) => a * b, 1));
    return dtype === "bool" ? Uint8Array.from(part) : part;
  }
  write([, dtype, offset]: Leaf, contents: Data | number): void {
    const view = this[dtype];
    if (typeof contents === "number") view[offset] = contents;
    else view.set(contents, offset);
  }
}

/** A tree of leaf numbers as a tree of tensors. */
function treeOf(numbers: unknown, tensor: (leaf: number) => unknown): unknown {
  if (typeof numbers === "number") return tensor(numbers);
  if (numbers === null) return null;
  const out = (Array.isArray(numbers) ? [] : {}) as Tree;
  for (const key in numbers as Tree) out[key] = treeOf((numbers as Tree)[key], tensor);
  return out;
}

/** A tensor whose elements are a part of this process's memory until the next run. */
class Output {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly #leaf: Leaf;
  readonly #run: number;
  readonly #read: (leaf: Leaf, run: number) => Data;
  constructor(leaf: Leaf, run: number, read: (leaf: Leaf, run: number) => Data) {
    this.dtype = leaf[1];
    this.shape = leaf[3];
    this.#leaf = leaf;
    this.#run = run;
    this.#read = read;
  }
  get buffer(): Data {
    return this.#read(this.#leaf, this.#run);
  }
  async data(): Promise<Data> {
    return this.buffer;
  }
}

/** A plan with memory. Nothing allocates once it has run, but what a step gives. */
export function machine<M extends Memory>(name: string, plan: Plan, engine: Engine<M>, given: Sizes = {}) {
  const { params, dims, carry, grain = 1 } = plan;
  const names = dims.map(([dim]) => dim);
  const fail = (what: string, options?: ErrorOptions): never => {
    throw new Error(`${name}: ${what}`, options);
  };
  for (const dim in given) {
    if (!names.includes(dim)) fail(`max: ${dim} is none of the sizes ${show(names)}`);
    if (!(given[dim]! >= 0 && given[dim]! % 1 === 0)) fail(`max: ${dim} must be a whole number >= 0, got ${given[dim]}`);
  }

  /** The sizes that there is room for. */
  let max = names.map((dim) => given[dim] ?? 0);
  /** Those of this call. One that no argument has told yet is as large as there is room for. */
  let d = max;
  let leaves = plan.leaves(d, max);
  let memory: M;
  /** How often it ran: an output is good until the next time. */
  let runs = 0;

  // What was given for each input leaf, and the sizes that follow.
  const shapes: (readonly number[])[] = [];
  const contents: unknown[] = [];
  const next: number[] = [];

  const refuse = (
    [path, , , shape, declared = show(shape)]: Leaf,
    got: unknown,
    wanted = shape.length > 0 ? `a tensor ${declared}` : "a number",
  ): never => fail(`${path}: expected ${wanted}, got ${got}`);
  /** The shape that was given, and what there is to be said of an axis. */
  const shown = (leaf: number, axis: number): string => {
    const why = plan.equal?.[`${leaf}.${axis}`];
    return show(shapes[leaf]!) + (why ? `: ${why}` : "");
  };

  /** Takes what was given for a tree, if each leaf is of its kind, dtype and rank. */
  const collect = (tree: unknown, value: unknown): void => {
    if (typeof tree !== "number") {
      for (const key in tree as Tree) collect((tree as Tree)[key], (value as Tree | undefined)?.[key]);
      return;
    }
    const leaf = leaves[tree]!;
    const [, dtype, , shape] = leaf;
    if (typeof value === "number" && shape.length === 0) {
      shapes[tree] = shape;
      contents[tree] = value;
      return;
    }
    const tensor = value as HostTensor | undefined;
    if (!tensor?.shape) throw refuse(leaf, value && typeof value);
    if (tensor.dtype !== dtype) refuse(leaf, `${tensor.dtype}; write cast(…, "${dtype}")`, dtype);
    if (tensor.shape.length !== shape.length) refuse(leaf, `${show(tensor.shape)}; reshape it to rank ${shape.length}`);
    shapes[tree] = tensor.shape;
    contents[tree] = engine.contents?.(tensor) ?? tensor.buffer ?? refuse(leaf, "a symbolic tensor", "values");
  };

  /** Memory with so much room, and the carry in it where it lies then. */
  const memoryFor = (room: readonly number[], then: readonly Leaf[]): M => {
    const { threads = 1, most = Infinity } = engine;
    const bytes = plan.bytes(room, threads);
    let made: M;
    try {
      made = engine.allocate(bytes);
    } catch (cause) {
      const sizes = show(names.map((dim, k) => `${dim} = ${room[k]}`));
      const mib = Math.ceil(bytes / 2 ** 20);
      return fail(
        `sizes ${sizes} take ${mib} MiB of memory, and there are ${mib <= (most as number) ? "fewer" : `at most ${most}`}; make them smaller`,
        { cause },
      );
    }
    plan.init?.(made, room);
    if (memory) for (let k = 0; k < carry; k++) made.write(then[k]!, memory.read(leaves[k]!));
    return made;
  };

  const readOf = (leaf: Leaf, run: number): Data => {
    if (runs !== run) fail("read this output before the next step");
    return memory.read(leaf) as Data;
  };

  return {
    /** Copies arguments in, for the parameters `from` … `to`. All that is wrong is found before anything changes. */
    take(args: readonly unknown[], from: number, to = params.length): void {
      if (args.length !== to - from) fail(`expected ${to - from} arguments, got ${args.length}`);
      for (let k = from; k < to; k++) collect(params[k], args[k - from]);
      // Sizes first: they decide where everything lies.
      let grows = !memory;
      let changes = grows;
      for (let k = 0; k < dims.length; k++) {
        const { 1: leaf, 2: axis, 3: divisor, 4: offset } = dims[k]!;
        const shape = shapes[leaf];
        const size = shape ? (shape[axis]! - offset) / divisor : d[k]!;
        if (size % 1 || size < 0) refuse(leaves[leaf]!, shown(leaf, axis));
        next[k] = size;
        changes ||= size !== d[k];
        grows ||= size > max[k]!;
      }
      if (to === params.length) plan.check?.(next);
      const room = grows ? max.map((size, k) => Math.ceil(Math.max(size, next[k]!) / grain) * grain) : max;
      const then = changes ? plan.leaves(next, room) : leaves;
      // The leaves of inputs come after those of the carry.
      const first = from && carry;
      for (let k = first; k < shapes.length; k++) {
        const [, , , shape] = then[k]!;
        for (let axis = 0; axis < shape.length; axis++) if (shapes[k]![axis] !== shape[axis]) refuse(then[k]!, shown(k, axis), show(shape));
      }
      if (grows) memory = memoryFor(room, then);
      if (changes) d = next.slice();
      max = room;
      leaves = then;
      for (let k = first; k < shapes.length; k++) memory.write(leaves[k]!, contents[k]);
    },
    run(): void {
      runs++;
      engine.run(memory, d, max);
    },
    /** A tree of leaf numbers as a tree of tensors. */
    tree: (numbers: unknown, tensor: (leaf: Leaf) => unknown): unknown => treeOf(numbers, (leaf) => tensor(leaves[leaf]!)),
    /** Tensors of this process: of what is there until the next run, and with elements of their own. */
    output: (leaf: Leaf): unknown => new Output(leaf, runs, readOf),
    copy: (leaf: Leaf, buffer = memory.read(leaf) as Data): unknown => ({
      shape: leaf[3],
      dtype: leaf[1],
      buffer,
      data: async () => buffer.slice(),
    }),
  };
}

/** The callable, startable form of a plan whose memory is of this process. */
function compiled(name: string, plan: Plan, open: (name: string) => Engine): unknown {
  const { params, result, noStep } = plan;
  let own: ReturnType<typeof machine> | undefined;
  const call = (...args: unknown[]): unknown => {
    const m = (own ??= machine(name, plan, open(name)));
    m.take(args, 0);
    m.run();
    return m.tree(result, m.copy);
  };
  const start = (carry: unknown, options?: { readonly max?: Sizes }): unknown => {
    if (noStep) throw new Error(`${name}: not a step: ${noStep}`);
    const m = machine(name, plan, open(name), options?.max);
    m.take([carry], 0, 1);
    const step = (...inputs: unknown[]): unknown => {
      m.take(inputs, 1);
      m.run();
      return m.tree((result as readonly unknown[])[1], m.output);
    };
    return {
      step,
      run(batches: readonly (readonly unknown[])[]): unknown {
        let output: unknown;
        for (const inputs of batches) output = step(...inputs);
        return output;
      },
      carry: async (): Promise<unknown> => m.tree(params[0], m.copy),
    };
  };
  return plan.carry > 0 || noStep ? Object.assign(call, { start }) : call;
}

/** A module's models, by name; `open` starts an engine for one of them. */
export function link<M>(plans: Readonly<Record<string, Plan>>, open: (name: string) => Engine): CompiledModule<M> {
  const out: Tree = {};
  for (const name in plans) out[name] = compiled(name, plans[name]!, open);
  return out as CompiledModule<M>;
}
