/** What ships with a generated module of any target: an arena per session, inputs copied in, kernels run, outputs read. Imports only types. */
import type { CompiledModule } from "../dsl/compiled.ts";

type Data = Float32Array | Float64Array | Int32Array | Uint8Array;
type DType = "f32" | "f64" | "i32" | "bool";
/** Views of one buffer. A bool takes a word of `i32`. */
export interface Arena {
  readonly f32: Float32Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
}

/** Where a tensor lies: its path in the user's terms, dtype, offset in elements of its view, shape. */
export type Leaf = readonly [path: string, dtype: DType, offset: number, shape: readonly number[]];
/** One compiled model. Trees hold the numbers of leaves: inputs first, then outputs. */
export interface Plan {
  readonly params: readonly unknown[];
  readonly result: unknown;
  /** How many leaves, the first ones, are the carry: they are also the first half of the result. 0: not a step. */
  readonly carry: number;
  /** Why it is not a step, though its types let it be one. */
  readonly noStep?: string;
  /** Run-time sizes: name, input leaf, axis; the axis is divisor · size + offset. */
  readonly dims: readonly (readonly [name: string, leaf: number, axis: number, divisor: number, offset: number])[];
  /** Why an axis has to be as long as it has to be, where its type does not say. */
  readonly equal?: readonly (readonly [leaf: number, axis: number, why: string])[];
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
  /** Memory of so many bytes, all 0. */
  allocate(bytes: number): ArrayBufferLike;
  run(arena: Arena, d: readonly number[], max: readonly number[]): void;
}

interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly buffer: Data;
}

const show = (shape: readonly number[]): string => `[${shape.join(", ")}]`;
const view = (arena: Arena, dtype: DType): Data => (dtype === "bool" ? arena.i32 : arena[dtype]);

/** A tensor whose elements are a part of an arena until the next run there. */
class Output {
  readonly #at: Leaf;
  readonly #machine: Machine;
  readonly #run: number;
  constructor(machine: Machine, at: Leaf) {
    this.#at = at;
    this.#machine = machine;
    this.#run = machine.runs;
  }
  get dtype(): DType {
    return this.#at[1];
  }
  get shape(): readonly number[] {
    return this.#at[3];
  }
  get buffer(): Data {
    const { runs, arena, name } = this.#machine;
    if (runs !== this.#run) throw new Error(`${name}: read this output before the next step`);
    return read(arena, this.#at);
  }
  async data(): Promise<Data> {
    return this.buffer;
  }
}

function read(arena: Arena, [, dtype, offset, shape]: Leaf): Data {
  const part = view(arena, dtype).slice(offset, offset + shape.reduce((a, b) => a * b, 1));
  return dtype === "bool" ? Uint8Array.from(part) : part;
}

/** A plan with memory. */
class Machine {
  arena!: Arena;
  /** How often it ran, or moved: an output is good until the next time. */
  runs = 0;
  leaves: readonly Leaf[] = [];
  readonly name: string;
  readonly plan: Plan;
  readonly #d: number[];
  readonly #max: number[];
  readonly #engine: Engine;
  readonly #next: number[] = [];
  /** What was given for each leaf, last time; and for which leaves anything was, this time. Nothing here allocates once it has run. */
  readonly #given: unknown[] = [];
  readonly #taken: number[] = [];
  #count = 0;

  constructor(name: string, plan: Plan, engine: Engine, max: Readonly<Record<string, number | undefined>> = {}) {
    this.name = name;
    this.plan = plan;
    this.#engine = engine;
    this.#d = plan.dims.map(() => 0);
    this.#max = plan.dims.map(([dim]) => this.#room(max[dim] ?? 0));
    for (const dim in max) {
      if (!plan.dims.some(([known]) => known === dim)) throw new Error(`${name}: max: there is no size ${dim}`);
      if (!(max[dim]! >= 0 && max[dim]! % 1 === 0)) throw new Error(`${name}: max: ${dim} cannot be ${max[dim]}`);
    }
  }

  /** Copies arguments in: sizes first, since they decide where everything lies. `first`: the parameter that the first argument is for. */
  take(args: readonly unknown[], first: number, count: number): void {
    if (args.length !== count) throw new Error(`${this.name}: expected ${count} arguments, got ${args.length}`);
    this.#count = 0;
    for (let k = 0; k < count; k++) this.#collect(this.plan.params[k + first], args[k]);
    this.#bind(first + count === this.plan.params.length);
    for (let k = 0; k < this.#count; k++) this.#write(this.#taken[k]!);
  }

  #collect(tree: unknown, value: unknown): void {
    if (typeof tree === "number") {
      this.#given[tree] = value;
      this.#taken[this.#count++] = tree;
    } else for (const key in tree as object) this.#collect((tree as Tree)[key], (value as Tree | undefined)?.[key]);
  }

  /** Takes the sizes from the tensors that were given; makes the arena, or a larger one. What is refused changes nothing. */
  #bind(all: boolean): void {
    const { plan } = this;
    const next = this.#next;
    for (let k = 0; k < plan.dims.length; k++) {
      const dim = plan.dims[k]!;
      const shape = (this.#given[dim[1]] as Partial<HostTensor> | undefined)?.shape;
      next[k] = shape ? ((shape[dim[2]] ?? 0) - dim[4]) / dim[3] : this.#d[k]!;
      if (next[k]! % 1 || next[k]! < 0) throw new Error(`${this.name}: ${dim[0]} cannot be ${next[k]}${this.#why(dim[1], dim[2])}`);
    }
    if (all) plan.check?.(next);
    let changed = !this.arena;
    let grow = changed;
    for (let k = 0; k < next.length; k++) {
      const size = next[k]!;
      changed ||= size !== this.#d[k];
      this.#d[k] = size;
      if (size > this.#max[k]!) {
        grow = true;
        this.#max[k] = this.#room(size);
      }
    }
    if (grow) this.#grow();
    else if (changed) this.leaves = plan.leaves(this.#d, this.#max);
  }

  #room(size: number): number {
    const { grain = 1 } = this.plan;
    return Math.ceil(size / grain) * grain;
  }

  #grow(): void {
    const { plan } = this;
    const kept = this.arena ? this.leaves.slice(0, plan.carry).map((leaf) => read(this.arena, leaf)) : [];
    this.leaves = plan.leaves(this.#d, this.#max);
    this.runs++;
    const engine = this.#engine;
    const buffer = engine.allocate(Math.ceil(plan.bytes(this.#max, engine.threads ?? 1) / 8) * 8);
    this.arena = { f32: new Float32Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
    plan.init?.(this.arena, this.#max);
    for (const [k, data] of kept.entries()) this.#place(this.leaves[k]!, data);
  }

  #place(leaf: Leaf, data: Data): void {
    view(this.arena, leaf[1]).set(data, leaf[2]);
  }

  #write(number: number): void {
    const leaf = this.leaves[number]!;
    const shape = leaf[3];
    const value = this.#given[number];
    if (typeof value === "number" && shape.length === 0) {
      view(this.arena, leaf[1])[leaf[2]] = value;
      return;
    }
    const tensor = value as Partial<HostTensor> | undefined;
    if (!tensor?.shape) throw this.#refuse(leaf, shape.length > 0 ? `a tensor ${show(shape)}` : "a number", value);
    if (tensor.dtype !== leaf[1]) this.#refuse(leaf, leaf[1], tensor.dtype);
    if (tensor.shape.length !== shape.length) this.#refuse(leaf, show(shape), show(tensor.shape));
    for (let axis = 0; axis < shape.length; axis++)
      if (tensor.shape[axis] !== shape[axis]) this.#refuse(leaf, show(shape), show(tensor.shape) + this.#why(number, axis));
    this.#place(leaf, tensor.buffer ?? this.#refuse(leaf, "values", "a symbolic tensor"));
  }

  /** What is said of an axis besides. */
  #why(leaf: number, axis: number): string {
    const found = this.plan.equal?.find((equal) => equal[0] === leaf && equal[1] === axis);
    return found ? `: ${found[2]}` : "";
  }

  #refuse(leaf: Leaf, wanted: unknown, got: unknown): never {
    throw new Error(`${this.name}: ${leaf[0]}: expected ${wanted}, got ${got}`);
  }

  run(): void {
    this.runs++;
    this.#engine.run(this.arena, this.#d, this.#max);
  }

  /** A tree of leaf numbers as a tree of tensors. */
  tree(numbers: unknown, tensor: (leaf: Leaf) => unknown): unknown {
    if (typeof numbers === "number") return tensor(this.leaves[numbers]!);
    if (numbers === null) return null;
    const out = (Array.isArray(numbers) ? [] : {}) as Tree;
    for (const key in numbers as Tree) out[key] = this.tree((numbers as Tree)[key], tensor);
    return out;
  }
  /** The same as tensors with elements of their own. */
  copy(numbers: unknown): unknown {
    return this.tree(numbers, (leaf) => {
      const buffer = read(this.arena, leaf);
      return { shape: leaf[3], dtype: leaf[1], buffer, data: async () => buffer.slice() };
    });
  }
}
type Tree = Record<string, unknown>;

/** The callable, startable form of a plan. */
function compiled(name: string, plan: Plan, open: (name: string) => Engine): unknown {
  const { params, result } = plan;
  let machine: Machine | undefined;
  const call = (...args: unknown[]): unknown => {
    const m = (machine ??= new Machine(name, plan, open(name)));
    m.take(args, 0, params.length);
    m.run();
    return m.copy(result);
  };
  const start = (carry: unknown, options?: { readonly max?: Readonly<Record<string, number>> }): unknown => {
    const m = new Machine(name, plan, open(name), options?.max);
    m.take([carry], 0, 1);
    const output = (result as readonly unknown[])[1];
    const tensor = (leaf: Leaf): unknown => new Output(m, leaf);
    return {
      step(...inputs: unknown[]): unknown {
        m.take(inputs, 1, params.length - 1);
        m.run();
        return m.tree(output, tensor);
      },
      carry: async (): Promise<unknown> => m.copy(params[0]),
    };
  };
  if (plan.noStep)
    return Object.assign(call, {
      start(): never {
        throw new Error(`${name}: not a step: ${plan.noStep}`);
      },
    });
  return plan.carry > 0 ? Object.assign(call, { start }) : call;
}

/** A module's models, by name; `open` starts an engine for one of them. */
export const link = <M>(plans: Readonly<Record<string, Plan>>, open: (name: string) => Engine): CompiledModule<M> =>
  Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, compiled(name, plan, open)])) as CompiledModule<M>;
