/** What ships with a generated module of any target: an arena per session, inputs copied in, kernels run, outputs read. Imports only types. */
import type { CompiledModule } from "../dsl/compiled.ts";

type Data = Float32Array | Float64Array | Int32Array | Uint8Array;
type DType = "f32" | "f64" | "i32" | "bool";
/** Views of one buffer. A bool takes a word of `i32`. */
export interface Arena {
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
  readonly bool: Int32Array;
}

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
  init?(arena: Arena, max: readonly number[]): void;
}

/** What a target brings: memory for one plan, and how its kernels run there. */
export interface Engine {
  readonly threads?: number;
  /** How many MiB of memory there can be: WebAssembly addresses 4096. */
  readonly most?: number;
  /** Memory of so many bytes, rounded up to a multiple of 8, all 0. */
  allocate(bytes: number): ArrayBufferLike;
  run(arena: Arena, d: readonly number[], max: readonly number[]): void;
}

interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly buffer: Data;
}
type Tree = Record<string, unknown>;
type Sizes = Readonly<Record<string, number>>;

const show = (list: readonly unknown[]): string => `[${list.join(", ")}]`;

function read(arena: Arena, [, dtype, offset, shape]: Leaf): Data {
  const part = arena[dtype].slice(offset, offset + shape.reduce((a, b) => a * b, 1));
  return dtype === "bool" ? Uint8Array.from(part) : part;
}

function write(arena: Arena, [, dtype, offset]: Leaf, data: Data | number): void {
  const view = arena[dtype];
  if (typeof data === "number") view[offset] = data;
  else view.set(data, offset);
}

/** A tree of leaf numbers as a tree of tensors. */
function treeOf(numbers: unknown, tensor: (leaf: number) => unknown): unknown {
  if (typeof numbers === "number") return tensor(numbers);
  if (numbers === null) return null;
  const out = (Array.isArray(numbers) ? [] : {}) as Tree;
  for (const key in numbers as Tree) out[key] = treeOf((numbers as Tree)[key], tensor);
  return out;
}

/** A tensor whose elements are a part of an arena until the next run. */
class Output {
  readonly #leaf: Leaf;
  readonly #run: number;
  readonly #read: (leaf: Leaf, run: number) => Data;
  constructor(leaf: Leaf, run: number, read: (leaf: Leaf, run: number) => Data) {
    this.#leaf = leaf;
    this.#run = run;
    this.#read = read;
  }
  get dtype(): DType {
    return this.#leaf[1];
  }
  get shape(): readonly number[] {
    return this.#leaf[3];
  }
  get buffer(): Data {
    return this.#read(this.#leaf, this.#run);
  }
  async data(): Promise<Data> {
    return this.buffer;
  }
}

/** A plan with memory. Nothing allocates once it has run, but what a step gives. */
function machine(name: string, plan: Plan, engine: Engine, given: Sizes = {}) {
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
  let arena: Arena;
  /** How often it ran: an output is good until the next time. */
  let runs = 0;

  // What was given for each input leaf, and the sizes that follow.
  const shapes: (readonly number[])[] = [];
  const contents: (Data | number)[] = [];
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
    const tensor = value as Partial<HostTensor> | undefined;
    if (!tensor?.shape) throw refuse(leaf, value && typeof value);
    if (tensor.dtype !== dtype) refuse(leaf, `${tensor.dtype}; write cast(…, "${dtype}")`, dtype);
    if (tensor.shape.length !== shape.length) refuse(leaf, `${show(tensor.shape)}; reshape it to rank ${shape.length}`);
    shapes[tree] = tensor.shape;
    contents[tree] = tensor.buffer ?? refuse(leaf, "a symbolic tensor", "values");
  };

  /** An arena with so much room, and the carry in it where it lies then. */
  const arenaFor = (room: readonly number[], then: readonly Leaf[]): Arena => {
    const { threads = 1, most = Infinity } = engine;
    const bytes = plan.bytes(room, threads);
    let made: Arena;
    try {
      const buffer = engine.allocate(bytes);
      const i32 = new Int32Array(buffer);
      made = { f32: new Float32Array(buffer), f64: new Float64Array(buffer), i32, bool: i32 };
    } catch (cause) {
      const sizes = show(names.map((dim, k) => `${dim} = ${room[k]}`));
      const mib = Math.ceil(bytes / 2 ** 20);
      return fail(
        `sizes ${sizes} take ${mib} MiB of memory, and there are ${mib > most ? `at most ${most}` : "fewer"}; make them smaller`,
        { cause },
      );
    }
    plan.init?.(made, room);
    if (arena) for (let k = 0; k < carry; k++) write(made, then[k]!, read(arena, leaves[k]!));
    return made;
  };

  const readOf = (leaf: Leaf, run: number): Data => {
    if (runs !== run) fail("read this output before the next step");
    return read(arena, leaf);
  };
  const output = (leaf: number): unknown => new Output(leaves[leaf]!, runs, readOf);

  return {
    /** Copies arguments in, for the parameters `from` … `to`. All that is wrong is found before anything changes. */
    take(args: readonly unknown[], from: number, to = params.length): void {
      if (args.length !== to - from) fail(`expected ${to - from} arguments, got ${args.length}`);
      for (let k = from; k < to; k++) collect(params[k], args[k - from]);
      // Sizes first: they decide where everything lies.
      let grows = !arena;
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
      if (grows) arena = arenaFor(room, then);
      if (changes) d = next.slice();
      max = room;
      leaves = then;
      for (let k = first; k < shapes.length; k++) write(arena, leaves[k]!, contents[k]!);
    },
    run(): void {
      runs++;
      engine.run(arena, d, max);
    },
    outputs: (numbers: unknown): unknown => treeOf(numbers, output),
    /** Tensors with elements of their own. */
    copies: (numbers: unknown): unknown =>
      treeOf(numbers, (leaf) => {
        const [, dtype, , shape] = leaves[leaf]!;
        const buffer = read(arena, leaves[leaf]!);
        return { shape, dtype, buffer, data: async () => buffer.slice() };
      }),
  };
}

/** The callable, startable form of a plan. */
function compiled(name: string, plan: Plan, open: (name: string) => Engine): unknown {
  const { params, result, noStep } = plan;
  let own: ReturnType<typeof machine> | undefined;
  const call = (...args: unknown[]): unknown => {
    const m = (own ??= machine(name, plan, open(name)));
    m.take(args, 0);
    m.run();
    return m.copies(result);
  };
  const start = (carry: unknown, options?: { readonly max?: Sizes }): unknown => {
    if (noStep) throw new Error(`${name}: not a step: ${noStep}`);
    const m = machine(name, plan, open(name), options?.max);
    m.take([carry], 0, 1);
    return {
      step(...inputs: unknown[]): unknown {
        m.take(inputs, 1);
        m.run();
        return m.outputs((result as readonly unknown[])[1]);
      },
      carry: async (): Promise<unknown> => m.copies(params[0]),
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
