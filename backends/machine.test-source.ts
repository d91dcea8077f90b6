/** Kernels over a memory of their own, as the tests of core functions run them; the MNIST step and what its inputs are. */

import { type Graph, tensorSpec, trace } from "../codegen/graph.ts";
import { bytesOf } from "../codegen/memory.ts";
import type { Program } from "../codegen/program.ts";
import { evaluateDim } from "../dsl/dim.ts";
import { concrete, type Value } from "../dsl/value.ts";
import { trainStep } from "../examples/mnist/mlp.ts";

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

/** Sums of 784 products in f32, where loops have f64. */
export const near = 2e-5;
/** Adam divides a gradient by its size: where that is near its ε of 1e-8, rounding decides some percents of a step of 1e-3. */
export const nearParameters = 1e-3;
