/** What both spikes are held to: programs run beside generated loops and beside eager mode. */
import { type Graph, tensorSpec, trace } from "../codegen/graph.ts";
import { bytesOf } from "../codegen/memory.ts";
import { type CompileOptions, compile } from "../codegen/pipeline.ts";
import type { Program } from "../codegen/program.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { zeros } from "../dsl/lib/init.ts";
import { adamInit } from "../dsl/lib/optim.ts";
import { scalar } from "../dsl/ops/generate.ts";
import { leavesOf } from "../dsl/tree.ts";
import { concrete, type Value, valueOf } from "../dsl/value.ts";
import { trainStep } from "../examples/mnist/mlp.ts";
import { instantiate } from "./loops/instantiate.ts";

export type Plan = Pick<Program, "kernels" | "memory">;
export type Sizes = Readonly<Record<string, number>>;
/** Kernels with a memory of their own. A bool takes a word. */
export interface Machine {
  write(byte: number, words: Int32Array<ArrayBuffer>): void;
  run(): void;
  read(): Promise<ArrayBuffer>;
}
export type Start = (plan: Plan, sizes: Sizes) => Promise<Machine>;
type Elements = ArrayLike<number>;

/** A machine that speaks of values. */
export async function open(start: Start, plan: Plan, sizes: Sizes) {
  const machine = await start(plan, sizes);
  const byteOf = (v: Value): number => evaluateDim(plan.memory.slots.get(v)?.offset ?? Number.NaN, sizes) * bytesOf(v.dtype);
  const viewOf = (v: Value) => (v.dtype === "f32" ? Float32Array : Int32Array);
  return {
    write: (v: Value, data: Elements): void => machine.write(byteOf(v), new Int32Array(viewOf(v).from(data).buffer)),
    run: machine.run,
    async reader(): Promise<(v: Value) => Elements> {
      const memory = await machine.read();
      return (v) =>
        new (viewOf(v))(
          memory,
          byteOf(v),
          evaluateDim(
            v.shape.reduce<number>((n, d) => n * evaluateDim(d, sizes), 1),
            sizes,
          ),
        );
    },
  };
}

/** max |a − b| / max |b|; NaN where there is one. */
export function difference(a: Elements, b: Elements): number {
  let [apart, size] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    apart = Math.max(apart, Math.abs((a[i] as number) - (b[i] as number)));
    size = Math.max(size, Math.abs(b[i] as number));
  }
  return apart === 0 ? 0 : apart / size;
}

/** Of each output, by its path, how far it is from what eager mode says. */
export async function runBesideEager(start: Start, graph: Graph, eager: (...args: never[]) => unknown, args: readonly Value[]) {
  const program = compile(graph);
  const machine = await open(start, program, {});
  for (const [k, { value }] of program.inputs.entries()) machine.write(value, args[k]?.buffer as Elements);
  for (const value of program.constants) machine.write(value, value.buffer as Elements);
  machine.run();
  const read = await machine.reader();
  const wanted = leavesOf((eager as (...args: unknown[]) => unknown)(...args)).map(({ value }) => value as Value);
  return program.outputs.map(({ path, value }, k) => ({ path, apart: difference(read(value), wanted[k]?.buffer as Elements) }));
}

export function mnistStep(): Graph {
  const T = tensorSpec;
  const params = { hidden: { w: T([784, 128], "f32"), b: T([128], "f32") }, out: { w: T([128, 10], "f32"), b: T([10], "f32") } };
  return trace("trainStep", trainStep.def as never, [
    { name: "s", specs: { p: params, opt: { step: T([], "i32"), m: params, v: params } } },
    { name: "x", specs: T(["B", 784], "f32") },
    { name: "y", specs: T(["B"], "i32") },
    { name: "lr", specs: "number" },
  ]);
}
/** Numbers in [from, to), the same every time. */
export function noise(seed: number, shape: readonly number[], [from, to] = [0, 1] as const): Value {
  let s = seed;
  const next = (): number => {
    s = Math.imul(s ^ (s >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return from + ((s >>> 8) / 2 ** 24) * (to - from);
  };
  return concrete(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), shape, "f32");
}

export interface Training extends CompileOptions {
  readonly batch: number;
  /** Steps that Adam believes it has taken before. */
  readonly taken: number;
}
/** Trains the MNIST MLP for three steps here and in generated loops: how far apart the carry's leaves and the loss are after each. */
export async function trainBesideLoops(start: Start, { batch, taken, ...options }: Training) {
  const graph = mnistStep();
  const program = compile(graph, options);
  const p = {
    hidden: { w: noise(1, [784, 128], [-0.08, 0.08]), b: zeros([128]) },
    out: { w: noise(2, [128, 10], [-0.2, 0.2]), b: zeros([10]) },
  };
  const carry = { p, opt: { ...adamInit(p), step: scalar(taken, "i32") } };
  const session = (await instantiate([graph])).trainStep.start(carry);
  const machine = await open(start, program, { B: batch });
  const inputs = program.inputs.map(({ value }) => value);
  const old = leavesOf(carry).map(({ value }) => valueOf(value as Value).buffer as Elements);
  for (const [k, data] of old.entries()) machine.write(inputs[k] as Value, data);
  const found: { step: number; path: string; apart: number }[] = [];
  for (let step = 0; step < 3; step++) {
    const x = noise(10 + step, [batch, 784], [-1, 1]);
    const y = concrete(
      Int32Array.from({ length: batch }, (_, i) => (i * 7 + step) % 10),
      [batch],
      "i32",
    );
    const given = [x.buffer as Elements, y.buffer as Elements, [0.001]];
    for (const [k, data] of given.entries()) machine.write(inputs[old.length + k] as Value, data);
    machine.run();
    const read = await machine.reader();
    const loss = session.step(x, y, 0.001);
    const wanted = [...leavesOf(await session.carry()).map(({ value }) => value as Value), loss as Value];
    for (const [k, { path, value }] of program.outputs.entries())
      found.push({ step, path, apart: difference(read(value), wanted[k]?.buffer as Elements) });
  }
  return { kernels: program.kernels.length, found };
}
