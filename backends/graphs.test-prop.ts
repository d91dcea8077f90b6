/** Random graphs: fused or not, with memory reused or not, every backend computes what the interpreter computes. */
import { test } from "@fast-check/vitest";
import fc from "fast-check";
import { describe } from "vitest";
import { expectSame, interpret, isTame } from "../codegen/oracle.test-source.ts";
import type { CompileOptions } from "../codegen/pipeline.ts";
import { inputsFor, sample, stepSample } from "../codegen/random-graph.test-source.ts";
import { sizeNames, specialize } from "../codegen/specialize.ts";
import type { AnyTensor } from "../dsl/types.ts";
import { type Value, valueOf } from "../dsl/value.ts";
import { runs } from "../proofs/runs.ts";
import { backends, fetched, hosts, type Instantiable, takes } from "./backends.test-source.ts";

/** Memory and its alignment are planned for all backends alike: one shows that it is right. */
const ways: readonly (readonly [name: string, CompileOptions, backends: readonly Instantiable[]])[] = [
  ["fused", {}, backends],
  // A GPU takes its time to compile a kernel a value; it does so in proofs/programs.
  ["unfused", { fuse: false }, hosts],
  ["aligned, as builds are", { align: 4 }, backends.slice(1, 2)],
  ["without reuse of memory", { reuse: false }, backends.slice(0, 1)],
];

describe.each(ways.flatMap(([way, options, all]) => all.map((backend) => ({ ...backend, way, options }))))(
  "$name, $way",
  ({ options, ...backend }) => {
    const { instantiate } = backend;
    test.prop([sample()], runs(150))("a call gives what the interpreter gives", async (one) => {
      fc.pre(takes(backend, one.graph));
      const expected = interpret(one);
      fc.pre(isTame(expected));
      const { f } = await instantiate([one.graph], options);
      expectSame(await fetched(f(...one.inputs)), expected);
    });

    test.prop([sample(), fc.nat(4), fc.nat(3)], runs(60))(
      "also in an arena that was made for more, and holds what a call before left",
      async (one, m, n) => {
        fc.pre(takes(backend, one.graph));
        const expected = interpret(one);
        fc.pre(isTame(expected));
        const { f } = await instantiate([one.graph], options);
        const [[a, x], [b, y]] = Object.entries(one.sizes) as [[string, number], [string, number]];
        f(...inputsFor(one.graph, { [a]: x + m, [b]: y + n }, 1));
        expectSame(await fetched(f(...one.inputs)), expected);
      },
    );

    test.prop([sample({ maxSteps: 12 }), fc.constantFrom(8, 9, 16, 17, 33), fc.constantFrom(5, 4, 12), fc.boolean()], runs(40))(
      "also where sizes are more than a vector's, at run time or known",
      async ({ graph }, m, n, known) => {
        fc.pre(takes(backend, graph));
        const names = sizeNames(graph);
        const sizes = Object.fromEntries(names.map((name, k) => [name, k === 0 ? m : n]));
        const one = known ? { graph: specialize(graph, sizes), sizes: {} } : { graph, sizes };
        const inputs = inputsFor(one.graph, one.sizes, m * n);
        const expected = interpret({ ...one, inputs });
        fc.pre(isTame(expected));
        const { f } = await instantiate([one.graph], options);
        expectSame(await fetched(f(...inputs)), expected);
      },
    );

    test.prop([stepSample()], runs(60))("three steps of a session give what the interpreter gives", async (one) => {
      fc.pre(takes(backend, one.graph));
      const { f } = await instantiate([one.graph], options);
      const names = Object.keys(one.graph.params[0]?.tree as object);
      const others = one.inputs.slice(names.length);
      const carryOf = (values: readonly AnyTensor[]) => Object.fromEntries(names.map((name, k) => [name, values[k]]));
      const session = f.start(carryOf(one.inputs));
      let carry: readonly Value[] = one.inputs.slice(0, names.length);
      for (let k = 0; k < 3; k++) {
        const expected = interpret({ ...one, inputs: [...carry, ...others] });
        if (!isTame(expected)) return;
        const output = session.step(...others);
        const after = (await session.carry()) as Record<string, AnyTensor>;
        expectSame([after, await fetched(output)], expected);
        carry = names.map((name) => valueOf(after[name] as AnyTensor));
      }
    });
  },
);
