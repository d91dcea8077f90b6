/** Threads: the same bits for a number of threads, whatever happens between steps; and an end when one of them is lost. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import worker from "node:worker_threads";
import { afterAll, describe, expect, test, vi } from "vitest";
import { tensorSpec as T, trace } from "../../codegen/graph.ts";
import { compile } from "../../codegen/pipeline.ts";
import { relu } from "../../dsl/lib/activation.ts";
import { softmax } from "../../dsl/lib/softmax.ts";
import { sum } from "../../dsl/ops/broadcast.ts";
import { matmul } from "../../dsl/ops/dot.ts";
import { add, mul } from "../../dsl/ops/scalar.ts";
import { concrete, type Value } from "../../dsl/value.ts";
import { emitModule } from "./emit.ts";
import { instantiate } from "./instantiate.ts";

const folder = mkdtempSync(join(tmpdir(), "cotangent-team-"));
afterAll(() => rmSync(folder, { recursive: true }));

const noise = (seed: number, shape: readonly number[]): Value =>
  concrete(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => Math.sin(i * 12.9898 + seed)),
    shape,
    "f32",
  );

/** Tiles, rows, columns, a scalar: every kind of phase. */
const model = (w: Value, x: Value): unknown => {
  const h = relu(matmul(x, w));
  const p = softmax(h, 1);
  return [add(w, mul(sum(p, 0), 0.01)), sum(mul(p, h))];
};
const graph = trace("step", model as never, [
  { name: "w", specs: T([37, 21], "f32") },
  { name: "x", specs: T(["B", 37], "f32") },
]);

async function run(threads: number): Promise<unknown[]> {
  const { step } = await instantiate([graph], {}, { threads });
  const session = step.start(noise(1, [37, 21]));
  const other = step.start(noise(2, [37, 21]));
  const out: unknown[] = [];
  for (const batch of [5, 64, 1, 130, 64]) {
    out.push(Array.from(await session.step(noise(batch, [batch, 37])).data()));
    out.push(Array.from(await other.step(noise(batch + 1, [batch, 37])).data()));
  }
  return [...out, Array.from(await (await session.carry()).data())];
}

describe("threads", () => {
  test("two sessions, growing batches: any number of threads computes the same bits, run after run", async () => {
    const one = await run(1);
    for (const threads of [2, 3, 2]) expect(await run(threads)).toEqual(one);
  });

  test("a number of threads that cannot be is refused", async () => {
    await expect(run(0)).rejects.toThrow("cotangent: threads cannot be 0: a whole number from 1 to 64");
    await expect(run(1000)).rejects.toThrow("cotangent: threads cannot be 1000");
    await expect(run(1.5)).rejects.toThrow("cotangent: threads cannot be 1.5");
  });

  test("without shared memory there is one thread, and a word", async () => {
    vi.stubGlobal("crossOriginIsolated", false);
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    await run(2);
    expect(warn.mock.calls[0]?.[0]).toMatchInlineSnapshot(
      `"cotangent: one thread: this page is not cross-origin isolated: serve it with Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp"`,
    );
    vi.unstubAllGlobals();
    warn.mockRestore();
  });

  test("a step without one of its threads throws, and the session says that it is lost", async () => {
    const started: worker.Worker[] = [];
    const { Worker } = worker;
    class Seen extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        started.push(this);
      }
    }
    Object.assign(worker, { Worker: Seen });
    const { step } = await instantiate([graph], {}, { threads: 2 });
    Object.assign(worker, { Worker });
    const session = step.start(noise(1, [37, 21]));
    session.step(noise(2, [4, 37]));
    expect(started).toHaveLength(1);
    await started[0]?.terminate();
    const again = (): unknown => session.step(noise(2, [4, 37]));
    expect(again).toThrow(/^step: this session is lost, a thread of it is: it ended with code 1; load the module again$/);
    expect(again).toThrow("this session is lost");
  });

  test("a process with threads that wait ends", () => {
    const { text } = emitModule([compile(graph)], { header: "", source: "./none.ts", stem: "none", inline: true });
    writeFileSync(
      join(folder, "module.ts"),
      text
        .replace("cotangent/wasm", new URL("./runtime.ts", import.meta.url).href)
        .replace(/^import type .*$/m, "type source = unknown;")
        .replaceAll("typeof source", "source"),
    );
    writeFileSync(
      join(folder, "main.ts"),
      `import load from "./module.ts";
const tensor = (shape: number[]) => ({ shape, dtype: "f32", buffer: new Float32Array(shape[0]! * shape[1]!), data: async () => new Float32Array() });
const { step } = await (load as any)({ threads: 3 });
const session = step.start(tensor([37, 21]));
session.step(tensor([4, 37]));
console.log("done");
`,
    );
    expect(execFileSync(process.execPath, ["--no-warnings", join(folder, "main.ts")], { encoding: "utf8", timeout: 20_000 })).toBe(
      "done\n",
    );
  });
});
