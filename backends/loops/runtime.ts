/** What ships with a generated module: an arena per session, inputs copied in, kernels run, outputs read. Imports only types. */
import type { CompiledModule } from "../../dsl/compiled.ts";

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
  /** The first parameter is the carry: its leaves are also the first half of the result. */
  readonly step: boolean;
  /** Run-time sizes: name, input leaf, axis, and what the axis is divided by. */
  readonly dims: readonly (readonly [name: string, leaf: number, axis: number, divisor: number])[];
  /** Every leaf, for the sizes of this call (`d`) in an arena made for at most `max`. */
  leaves(d: readonly number[], max: readonly number[]): readonly Leaf[];
  /** Bytes of the arena. */
  bytes(max: readonly number[]): number;
  /** Fills in arrays that are there from the start. */
  init?(arena: Arena, max: readonly number[]): void;
  run(arena: Arena, d: readonly number[], max: readonly number[]): void;
}

interface HostTensor {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly buffer: Data;
}

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
    if (runs !== this.#run) throw new Error(`${name}: this output was overwritten by a later step; read it before the next one`);
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

/** A tensor with elements of its own. */
const owned = (buffer: Data, leaf: Leaf): HostTensor & { data(): Promise<Data> } => ({
  shape: leaf[3],
  dtype: leaf[1],
  buffer,
  data: async () => buffer.slice(),
});

/** A plan with memory. */
class Machine {
  arena!: Arena;
  runs = 0;
  leaves: readonly Leaf[] = [];
  readonly name: string;
  readonly plan: Plan;
  readonly d: number[];
  readonly max: number[];
  #fresh = true;

  constructor(name: string, plan: Plan, max: Readonly<Record<string, number | undefined>> = {}) {
    this.name = name;
    this.plan = plan;
    this.d = plan.dims.map(() => 0);
    this.max = plan.dims.map(([dim]) => max[dim] ?? 0);
    for (const dim in max) if (!plan.dims.some(([known]) => known === dim)) throw new Error(`${name}: max: there is no dim "${dim}" here`);
  }

  /** Takes the sizes in from the arguments; makes the arena, or a larger one. */
  bind(args: readonly unknown[], first: number): void {
    let changed = this.#fresh;
    let grow = this.#fresh;
    for (let k = 0; k < this.plan.dims.length; k++) {
      const [, leaf, axis, divisor] = this.plan.dims[k]!;
      const tensor = find(this.plan.params, args, leaf, first);
      if (!tensor) continue;
      const size = (tensor.shape?.[axis] ?? 0) / divisor;
      if (size !== this.d[k]) changed = true;
      this.d[k] = size;
      if (size > this.max[k]!) {
        this.max[k] = size;
        grow = true;
      }
    }
    if (grow) this.#grow();
    if (changed) this.leaves = this.plan.leaves(this.d, this.max);
  }

  #grow(): void {
    const { plan, max } = this;
    const kept = this.#fresh || !plan.step ? [] : leafNumbers(plan.params[0]).map((k) => [k, read(this.arena, this.leaves[k]!)] as const);
    const bytes = plan.bytes(max);
    const buffer = new ArrayBuffer(Math.ceil(bytes / 8) * 8);
    this.arena = { f32: new Float32Array(buffer), i32: new Int32Array(buffer), f64: new Float64Array(buffer) };
    plan.init?.(this.arena, max);
    this.leaves = plan.leaves(this.d, max);
    for (const [k, data] of kept) view(this.arena, this.leaves[k]![1]).set(data, this.leaves[k]![2]);
    this.#fresh = false;
  }

  /** Copies a tree of tensors in. */
  write(tree: unknown, value: unknown): void {
    if (typeof tree === "object") {
      for (const key in tree) this.write((tree as Record<string, unknown>)[key], (value as Record<string, unknown> | undefined)?.[key]);
      return;
    }
    const [path, dtype, offset, shape] = this.leaves[tree as number]!;
    if (typeof value === "number" && shape.length === 0) {
      view(this.arena, dtype)[offset] = value;
      return;
    }
    const tensor = value as Partial<HostTensor> | undefined;
    if (!tensor?.shape) throw new Error(`${this.name}: ${path}: expected a tensor [${shape.join(", ")}], got ${value}`);
    if (tensor.dtype !== dtype) throw new Error(`${this.name}: ${path}: expected ${dtype}, got ${tensor.dtype}`);
    let same = tensor.shape.length === shape.length;
    for (let axis = 0; axis < shape.length; axis++) same &&= tensor.shape[axis] === shape[axis];
    if (!same) throw new Error(`${this.name}: ${path}: expected [${shape.join(", ")}], got [${tensor.shape.join(", ")}]`);
    const { buffer } = tensor;
    if (!buffer) throw new Error(`${this.name}: ${path}: the tensor has no values`);
    view(this.arena, dtype).set(buffer, offset);
  }

  run(): void {
    this.runs++;
    this.plan.run(this.arena, this.d, this.max);
  }

  /** A tree of leaf numbers as a tree of tensors. */
  tree(numbers: unknown, tensor: (leaf: Leaf) => unknown): unknown {
    if (numbers === null) return null;
    if (typeof numbers === "number") return tensor(this.leaves[numbers]!);
    if (Array.isArray(numbers)) return numbers.map((item) => this.tree(item, tensor));
    return Object.fromEntries(Object.entries(numbers as object).map(([key, item]) => [key, this.tree(item, tensor)]));
  }
}

const leafNumbers = (tree: unknown): number[] => (typeof tree === "number" ? [tree] : Object.values(tree ?? {}).flatMap(leafNumbers));

/** The argument at leaf number `leaf`; parameters before `first` are not among `args`. */
function find(params: readonly unknown[], args: readonly unknown[], leaf: number, first: number): HostTensor | undefined {
  for (let k = 0; k < args.length; k++) {
    const found = descend(params[k + first], args[k], leaf);
    if (found) return found;
  }
  return undefined;
}
function descend(tree: unknown, value: unknown, leaf: number): HostTensor | undefined {
  if (tree === leaf) return value as HostTensor;
  if (typeof tree === "object" && value !== undefined)
    for (const key in tree) {
      const found = descend((tree as Record<string, unknown>)[key], (value as Record<string, unknown>)[key], leaf);
      if (found) return found;
    }
  return undefined;
}

/** The callable, startable form of a plan. */
function compiled(name: string, plan: Plan): unknown {
  const count = (args: readonly unknown[], first: number): void => {
    const expected = plan.params.length - first;
    if (args.length !== expected) throw new Error(`${name}: expected ${expected} arguments, got ${args.length}`);
  };
  let machine: Machine | undefined;
  const call = (...args: unknown[]): unknown => {
    count(args, 0);
    const m = (machine ??= new Machine(name, plan));
    m.bind(args, 0);
    m.write(plan.params, args);
    m.run();
    return m.tree(plan.result, (leaf) => owned(read(m.arena, leaf), leaf));
  };
  const start = (carry: unknown, options?: { readonly max?: Readonly<Record<string, number>> }): unknown => {
    const m = new Machine(name, plan, options?.max);
    m.bind([carry], 0);
    m.write(plan.params[0], carry);
    const inputs = plan.params.slice(1);
    const output = (plan.result as readonly unknown[])[1];
    return {
      step(...args: unknown[]): unknown {
        count(args, 1);
        m.bind(args, 1);
        for (let k = 0; k < inputs.length; k++) m.write(inputs[k], args[k]);
        m.run();
        return typeof output === "number" ? new Output(m, m.leaves[output]!) : m.tree(output, (leaf) => new Output(m, leaf));
      },
      carry: async (): Promise<unknown> => m.tree(plan.params[0], (leaf) => owned(read(m.arena, leaf), leaf)),
    };
  };
  return plan.step ? Object.assign(call, { start }) : call;
}

/** The `load` of a generated module. Nothing happens before it is called. */
export const define =
  <M>(plans: Readonly<Record<string, Plan>>): (() => Promise<CompiledModule<M>>) =>
  async () =>
    Object.fromEntries(Object.entries(plans).map(([name, plan]) => [name, compiled(name, plan)])) as CompiledModule<M>;
