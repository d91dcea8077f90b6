/** What a session on a GPU promises besides what all sessions do. */
import { add, gather, matmul, mul, sum, type Tensor, tensor } from "cotangent";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { spec, traced } from "../traced.test-source.ts";
import { instantiate } from "./instantiate.ts";
import { softwareDevice } from "./run.test-source.ts";
import { define, type WgslPlan } from "./runtime.ts";
import { hasSoftwareGpu } from "./swiftshader.ts";

type Carry = { readonly w: Tensor<[3]>; readonly n: Tensor<[], "i32"> };
const track = (s: Carry, x: Tensor<["B", 3]>, rate: number) => {
  const w = add(s.w, mul(sum(x, 0), rate));
  return [
    { w, n: add(s.n, 1) },
    { total: sum(w), rows: mul(x, 2) },
  ] as const;
};
const scores = (w: Tensor<[3, 2]>, x: Tensor<["B", 3]>) => matmul(x, w);
const graphs = () => [
  traced("track", track, { s: { w: spec([3]), n: spec([], "i32") }, x: spec(["B", 3]), rate: "number" }),
  traced("scores", scores, { w: spec([3, 2]), x: spec(["B", 3]) }),
];
const carry = () => ({ w: tensor([0, 0, 0], [3]), n: tensor(0, [], "i32") });
const rows = (n: number, value = 1) => tensor(new Float32Array(n * 3).fill(value), [n, 3]);
const numbers = async (t: { data(): Promise<ArrayLike<number>> }): Promise<number[]> => Array.from(await t.data());

describe.skipIf(!hasSoftwareGpu)("on SwiftShader, which comes for Linux on x64 only", () => {
  let device: GPUDevice;
  // biome-ignore lint/suspicious/noExplicitAny: a module that did not exist when this was checked
  let built: Record<string, any>;
  beforeAll(async () => {
    device = await softwareDevice();
    built = await instantiate(graphs(), {}, { device });
  });
  afterEach(() => vi.restoreAllMocks());

  test("after warm-up a step makes no buffer and no bind group, and is one submit; nor do many at once", async () => {
    const session = built.track.start(carry(), { max: { B: 8 } });
    const inputs = [rows(8), 0.5];
    session.run([inputs, inputs, inputs]);
    await numbers(session.step(...inputs).total);
    const [buffers, groups] = [vi.spyOn(device, "createBuffer"), vi.spyOn(device, "createBindGroup")];
    const submits = vi.spyOn(device.queue, "submit");
    for (let k = 0; k < 100; k++) session.step(rows(8 - (k % 3)), 0.5);
    expect(submits).toHaveBeenCalledTimes(100);
    session.run([inputs, [rows(5), 1], inputs]);
    expect(submits).toHaveBeenCalledTimes(101);
    await numbers(session.step(...inputs).total);
    expect(buffers).not.toHaveBeenCalled();
    expect(groups).not.toHaveBeenCalled();
  });

  test("many steps whose arguments are large are still those steps", async () => {
    const session = built.track.start(carry(), { max: { B: 100_000 } });
    const batches = Array.from({ length: 70 }, (_, k) => [rows(100_000, k % 3), 1] as const);
    const submits = vi.spyOn(device.queue, "submit");
    session.run(batches);
    expect(submits).toHaveBeenCalledTimes(2);
    expect(await numbers((await session.carry()).w)).toEqual([6_900_000, 6_900_000, 6_900_000]);
  });

  test("sizes are written when they change", () => {
    const session = built.track.start(carry());
    session.step(rows(2), 1);
    const writes = vi.spyOn(device.queue, "writeBuffer");
    session.step(rows(2), 1);
    expect(writes).toHaveBeenCalledTimes(2);
    session.step(rows(1), 1);
    expect(writes).toHaveBeenCalledTimes(5);
  });

  test("the carry is read in one submit", async () => {
    const session = built.track.start(carry());
    session.step(rows(2), 1);
    const submits = vi.spyOn(device.queue, "submit");
    const { w, n } = await session.carry();
    expect([Array.from(w.buffer), Array.from(n.buffer)]).toEqual([[2, 2, 2], [1]]);
    expect(submits).toHaveBeenCalledTimes(1);
  });

  test("what was asked for is what was there then, whatever steps come before it arrives", async () => {
    const session = built.track.start(carry());
    const first = session.step(rows(1), 1).total.data();
    session.step(rows(1), 1);
    const third = session.step(rows(9), 1).total.data();
    session.step(rows(300), 1);
    expect([Array.from(await first), Array.from(await third)]).toEqual([[3], [33]]);
  });

  test("an output's elements are read by data() alone; those of a call once they are here", async () => {
    const { total } = built.track.start(carry()).step(rows(1), 1);
    expect(() => total.buffer).toThrowErrorMatchingInlineSnapshot(`[Error: track: this tensor is on the GPU: await its data()]`);
    expect(() => add(total, 1)).toThrow("await its data()");
    const out = built.scores(tensor([1, 2, 3, 4, 5, 6], [3, 2]), rows(1));
    expect(() => out.buffer).toThrow("await its data()");
    await out.data();
    expect(Array.from(out.buffer)).toEqual([9, 12]);
  });

  test("a tensor goes from model to model on the device", async () => {
    const session = built.track.start(carry());
    const { rows: doubled } = session.step(rows(2), 1);
    const writes = vi.spyOn(device.queue, "writeBuffer");
    const out = built.scores(tensor([1, 0, 0, 1, 0, 0], [3, 2]), doubled);
    expect(writes.mock.calls.map(([, , data]) => (data as Float32Array).length)).toEqual([6, 2]);
    expect(await numbers(out)).toEqual([2, 2, 2, 2]);
    // Of the session's own output, and larger than what there was room for.
    session.step(session.step(rows(5, 2), 0).rows, 1);
    expect(await numbers((await session.carry()).w)).toEqual([22, 22, 22]);
  });

  test("many steps at once are those steps, until one is refused", async () => {
    const [one, many] = [built.track.start(carry()), built.track.start(carry())];
    const batches = [1, 2, 9, 3, 0].map((n) => [rows(n, n), 1 / (n + 1)] as const);
    let last: { total: { data(): Promise<ArrayLike<number>> } } | undefined;
    for (const batch of batches) last = one.step(...batch);
    expect(await numbers(many.run(batches).total)).toEqual(await numbers(last!.total));
    expect(await numbers((await many.carry()).w)).toEqual(await numbers((await one.carry()).w));
    expect(() =>
      many.run([
        [rows(1), 1],
        [rows(1), "fast"],
        [rows(1), 1],
      ]),
    ).toThrow("track: rate: expected a number, got string");
    one.step(rows(1), 1);
    expect(await numbers((await many.carry()).w)).toEqual(await numbers((await one.carry()).w));
  });

  test("a data set in the carry stays on the device: a step is sent which rows it takes", async () => {
    type Resident = { readonly w: Tensor<[3]>; readonly data: Tensor<["N", 3]> };
    const take = (s: Resident, at: Tensor<["B"], "i32">) => {
      const w = add(s.w, sum(gather(s.data, at), 0));
      return [{ w, data: s.data }, sum(w)] as const;
    };
    const specs = { s: { w: spec([3]), data: spec(["N", 3]) }, at: spec(["B"], "i32") };
    const { take: resident } = await instantiate([traced("take", take, specs)], {}, { device });
    const session = resident.start({ w: tensor([0, 0, 0], [3]), data: rows(1000, 2) }, { max: { B: 4 } });
    const batch = tensor([999, 0, 999, 7], [4], "i32");
    session.step(batch);
    const writes = vi.spyOn(device.queue, "writeBuffer");
    expect(await numbers(session.step(batch))).toEqual([48]);
    expect(writes.mock.calls.map(([, , data]) => (data as Int32Array).byteLength)).toEqual([16]);
  });

  test("more memory than a binding can have is refused: how much, and what limits it", async () => {
    const most = device.limits.maxStorageBufferBindingSize;
    const n = Math.ceil(most / 12);
    expect(() => built.track.start(carry(), { max: { B: n } })).toThrowErrorMatchingInlineSnapshot(
      `[Error: track: sizes [B = 11184812] take 257 MiB of memory, and there are at most 128 (maxStorageBufferBindingSize of this GPU); make them smaller]`,
    );
    const session = built.track.start(carry());
    session.step(rows(1), 1);
    expect(() => session.step({ shape: [n, 3], dtype: "f32", buffer: new Float32Array(0) }, 1)).toThrow(
      "(maxStorageBufferBindingSize of this GPU)",
    );
    expect(await numbers(session.step(rows(1), 1).total)).toEqual([6]);
  });

  test("a lost device: steps throw, what was asked for rejects, and the session starts again from what was read", async () => {
    const device = await softwareDevice();
    const lost = await instantiate(graphs(), {}, { device });
    const session = lost.track?.start(carry());
    session.step(rows(1), 1);
    const saved = await session.carry();
    const pending = session.step(rows(1), 1).total.data();
    const result = lost.scores?.(tensor([1, 2, 3, 4, 5, 6], [3, 2]), rows(1));
    device.destroy();
    await device.lost;
    await expect(pending).rejects.toThrow("track: this session is lost");
    await expect(result.data()).rejects.toThrow("scores: this session is lost");
    await expect(session.carry()).rejects.toThrow("track: this session is lost");
    expect(() => session.step(rows(1), 1)).toThrowErrorMatchingInlineSnapshot(
      `[Error: track: this session is lost: the GPU's device was lost (destroyed: device was destroyed); load the module again, and start from the last carry that was read]`,
    );
    const again = built.track.start(saved);
    expect(await numbers(again.step(rows(1), 1).total)).toEqual([6]);
  });

  const shader = (code: string, more = {}) => ({ name: "f.h", groups: () => 1, code, ...more });
  const plan = (...shaders: WgslPlan["shaders"]): WgslPlan => ({
    params: [0, 1],
    result: [0, 2],
    carry: 1,
    dims: [],
    leaves: () => [
      ["s", "f32", 0, []],
      ["x", "f32", 4, []],
      ["[1]", "f32", 8, []],
    ],
    bytes: () => 48,
    shaders,
  });
  const arena = "@group(0) @binding(0) var<storage, read_write> arena: array<f32";
  const main = "@compute @workgroup_size(1) fn main() { arena[8] = arena[4] + 1; }";
  // biome-ignore lint/suspicious/noExplicitAny: no source
  const load = (of: WgslPlan): Promise<any> => define<unknown>({ f: of })({ device });

  test("what the device finds wrong with a step is told by what is read of it, and by the next step", async () => {
    const { f } = await load(plan(shader(`${arena}, 100>; ${main}`)));
    const session = f.start(tensor(1, []));
    const output = session.step(1).data();
    await expect(output).rejects.toThrow("f: this session is lost: ");
    expect(() => session.step(1)).toThrow("f: this session is lost: ");
    await expect(f(tensor(1, []), 1)[1].data()).rejects.toThrow("f: this session is lost: ");
  });

  test("a shader that is wrong, or too large, is refused when it is loaded; or there is another", async () => {
    await expect(load(plan(shader(`${arena}>; ${main.replace("1;", "true;")}`)))).rejects.toThrow(
      /this device does not take the shader f\.h: .*no matching overload/s,
    );
    const large = shader("", { workgroupBytes: 1e6 });
    await expect(load(plan(large))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[Error: cotangent: f.h needs 1000000 bytes of workgroup memory, and this device has 16384 (maxComputeWorkgroupStorageSize): ask the adapter for more]`,
    );
    const { f } = await load(plan({ ...large, otherwise: [shader(`${arena}>; ${main}`)] }));
    expect(await numbers(f.start(tensor(1, [])).step(41))).toEqual([42]);
  });

  test("what is in memory from the start is there again in a larger one", async () => {
    const fixed = tensor([1, 2, 3], [3]);
    const f = (x: Tensor<["B", 3]>) => add(matmul(x, tensor([1, 0, 0, 0, 1, 0, 0, 0, 1], [3, 3])), fixed);
    const { f: built } = await instantiate([traced("f", f, { x: spec(["B", 3]) })], {}, { device });
    for (const n of [1, 9]) expect((await numbers(built(rows(n)))).slice(-3)).toEqual([2, 3, 4]);
  });
});

test("without a GPU the message says what to install, and which other target there is", async () => {
  vi.stubGlobal("navigator", { gpu: { requestAdapter: async () => null } });
  await expect(define({})()).rejects.toThrowErrorMatchingInlineSnapshot(
    `[Error: cotangent: WebGPU is here, but no GPU that it could use: update the driver (on Linux: Vulkan, of which vulkaninfo tells), or build for another target: cotangent build MODEL.ts --target wasm]`,
  );
  vi.unstubAllGlobals();
});
