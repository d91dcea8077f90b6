/** What both spikes are held to: programs run beside generated loops and beside eager mode. */

import { expect, test } from "vitest";
import { type Graph, tensorSpec, trace } from "../codegen/graph.ts";
import { bytesOf } from "../codegen/memory.ts";
import { type CompileOptions, compile } from "../codegen/pipeline.ts";
import type { Program } from "../codegen/program.ts";
import { type CoreFn, core } from "../dsl/core.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { zeros } from "../dsl/lib/init.ts";
import { adamInit } from "../dsl/lib/optim.ts";
import { max } from "../dsl/ops/broadcast.ts";
import { gather, scatterAddIntoZeros } from "../dsl/ops/gather.ts";
import { randomBits } from "../dsl/ops/random.ts";
import { add, cast, exp, less, logicalNot, mul, neg, where } from "../dsl/ops/scalar.ts";
import { concat, pad, slice } from "../dsl/ops/slice.ts";
import { leavesOf } from "../dsl/tree.ts";
import { concrete, type Value, valueOf } from "../dsl/value.ts";
import { trainStep } from "../examples/mnist/mlp.ts";
import { measureCore } from "./core.test-source.ts";
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
  const viewOf = (v: Value) => (v.dtype === "f32" ? Float32Array : v.dtype === "f64" ? Float64Array : Int32Array);
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

interface Apart {
  readonly path: string;
  readonly apart: number;
}
/** How far each output is from what eager mode says. */
async function runBesideEager(start: Start, f: (...args: Value[]) => unknown, args: readonly Value[]): Promise<Apart[]> {
  const program = compile(
    trace(
      "f",
      f as never,
      args.map(({ shape, dtype }, k) => ({ name: `x${k}`, specs: tensorSpec(shape, dtype) })),
    ),
  );
  const machine = await open(start, program, {});
  for (const [k, { value }] of program.inputs.entries()) machine.write(value, args[k]?.buffer as Elements);
  for (const value of program.constants) machine.write(value, value.buffer as Elements);
  machine.run();
  const read = await machine.reader();
  const wanted = leavesOf(f(...args)).map(({ value }) => value as Value);
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
export function noise(seed: number, shape: readonly number[], [from, to]: readonly [number, number]): Value {
  let s = seed;
  const next = (): number => {
    s = Math.imul(s ^ (s >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    return from + ((s >>> 8) / 2 ** 24) * (to - from);
  };
  return concrete(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, next), shape, "f32");
}

/** Trains the MNIST MLP for three steps here and in generated loops: how far apart the carry's leaves and the loss are after each. */
async function trainBesideLoops(start: Start, batch: number, options: CompileOptions = {}): Promise<Apart[]> {
  const graph = mnistStep();
  const program = compile(graph, options);
  const p = {
    hidden: { w: noise(1, [784, 128], [-0.08, 0.08]), b: zeros([128]) },
    out: { w: noise(2, [128, 10], [-0.2, 0.2]), b: zeros([10]) },
  };
  const carry = { p, opt: adamInit(p) };
  const session = (await instantiate([graph])).trainStep.start(carry);
  const machine = await open(start, program, { B: batch });
  const inputs = program.inputs.map(({ value }) => value);
  const old = leavesOf(carry).map(({ value }) => valueOf(value as Value).buffer as Elements);
  for (const [k, data] of old.entries()) machine.write(inputs[k] as Value, data);
  const found: Apart[] = [];
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
      found.push({ path: `${path} after step ${step + 1}`, apart: difference(read(value), wanted[k]?.buffer as Elements) });
  }
  return found;
}

/** Sums of 784 products in f32, where loops have f64. */
export const near = 2e-5;
/** Adam divides a gradient by its size: where that is near its ε of 1e-8, rounding decides some percents of a step of 1e-3. */
export const nearParameters = 1e-3;

/** What a spike's test file holds. `wanting`: core functions that are less precise there than 1e-6 of max(1, |result|), and how much less. */
export function spikeTests(start: Start, wanting: Partial<Record<CoreFn, number>> = {}): void {
  test("every core function is what dsl/core.ts says", async () => {
    const apart = await measureCore(start);
    expect(Object.keys(apart).sort()).toEqual(Object.keys(core).sort());
    for (const [fn, error] of Object.entries(apart)) expect(error, fn).toBeLessThan(wanting[fn as CoreFn] ?? 1e-6);
  });

  test.for([
    ["fused", 32, {}],
    ["a kernel a value", 5, { fuse: false, reuse: false }],
  ] as const)("the MNIST step is the loops': %s, batch %i", async ([, batch, options]) => {
    for (const { path, apart } of await trainBesideLoops(start, batch, options))
      expect(apart, path).toBeLessThan(path.startsWith("[0].p.") ? nearParameters : near);
  });

  test("guarded loads, scatters, integers, random bits", async () => {
    const x = noise(1, [5, 3], [-1, 1]);
    const at = concrete(Int32Array.of(4, 0, -1, 4, 7), [5], "i32");
    const f = (x: Value, at: Value): Value[] => {
      // Within both branches, and nowhere before them.
      const minus = neg(x);
      return [
        gather(x, at),
        scatterAddIntoZeros(6, at, x),
        // biome-ignore format: low and high of each axis
        pad(concat([x, exp(x)], 1), [[1, 2], [0, 1]], 7),
        max(cast(mul(x, 10), "i32"), 1),
        logicalNot(less(x, 0)),
        where(less(x, 0), add(minus, 1), mul(minus, minus)),
        randomBits(slice(at, [[0, 2]]), [4, 3]),
      ];
    };
    for (const { path, apart } of await runBesideEager(start, f, [x, at])) expect(apart, path).toBeLessThan(1e-6);
  });
}
