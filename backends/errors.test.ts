/**
 * What is said to a mistake: the model, the path of the leaf in the user's words, what was wanted, what came, and the way out. One list, for
 * every backend, and beside it what the source says that runs eagerly: there are no types then, so an op says what it cannot take, if it cannot.
 * How a session is lost, for which it takes threads, is in wasm/team.test.ts; sizes whose type is `number` are in open.test.ts.
 */
import { add, model, mul, sum, type Tensor, tensor } from "cotangent";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { compile } from "../codegen/pipeline.ts";
import { backends } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

type Params = { readonly hidden: { readonly w: Tensor<[3]> }; readonly layers: readonly [Tensor<[2]>, Tensor<[]>] };
const train = (s: { p: Params }, x: Tensor<["B", 3]>, y: Tensor<["B"], "i32">, lr: number) => {
  const w = add(s.p.hidden.w, mul(sum(x, 0), lr));
  return [{ p: { hidden: { w }, layers: s.p.layers } }, add(sum(y), 0)] as const;
};
const hold = (s: Tensor<["N"]>, x: Tensor<["B"]>) => [s, mul(x, 2)] as const;

const carry = (changes: object = {}) => ({
  p: { hidden: { w: tensor([0, 0, 0], [3]) }, layers: [tensor([1, 2], [2]), tensor(1, [])], ...changes },
});
const x = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
const y = tensor([0, 1], [2], "i32");
/** No memory would do for it; nor does it have the elements. */
const huge = (shape: readonly number[], dtype = "f32") => ({ shape, dtype, buffer: new Float32Array(0), data: async () => {} });

interface Use {
  start(carry?: unknown): unknown;
  step(...inputs: unknown[]): unknown;
}
/** What is said where it is built, and what eagerly. */
type Mistake = readonly [name: string, make: (s: Use) => unknown, built: string, eagerly: string];
const nothing = "";

const mistakes: readonly Mistake[] = [
  // In a step.
  ["too few arguments", (s) => s.step(x, y), "train: expected 3 arguments, got 2", "expected a tensor, got undefined"],
  ["too many arguments", (s) => s.step(x, y, 1, 1), "train: expected 3 arguments, got 4", nothing],
  ["no tensor", (s) => s.step(x, undefined, 1), "train: y: expected a tensor [B], got undefined", "expected a tensor, got undefined"],
  [
    "none where a size is told",
    (s) => s.step(undefined, y, 1),
    "train: x: expected a tensor [B, 3], got undefined",
    "expected a tensor, got undefined",
  ],
  ["null", (s) => s.step(x, null, 1), "train: y: expected a tensor [B], got null", "expected a tensor, got null"],
  ["an array", (s) => s.step(x, [0, 1], 1), "train: y: expected a tensor [B], got object", "expected a tensor, got object"],
  ["no number", (s) => s.step(x, y, undefined), "train: lr: expected a number, got undefined", "expected a tensor, got undefined"],
  ["a number as text", (s) => s.step(x, y, "0.1"), "train: lr: expected a number, got string", nothing],
  ["a number for a tensor", (s) => s.step(3, y, 1), "train: x: expected a tensor [B, 3], got number", "sum: axis 0 is out of range for []"],
  [
    "a tensor for a number",
    (s) => s.step(x, y, tensor([1, 2], [2])),
    "train: lr: expected a number, got [2]; reshape it to rank 0",
    "mul: cannot broadcast [3] with [2] (3 vs 2)",
  ],
  [
    "an axis of another size",
    (s) => s.step(tensor([1, 2], [1, 2]), y, 1),
    "train: x: expected [1, 3], got [1, 2]",
    "add: cannot broadcast [3] with [2] (3 vs 2)",
  ],
  ["a name with two sizes", (s) => s.step(x, tensor([0, 1, 2], [3], "i32"), 1), "train: y: expected [2], got [3]", nothing],
  [
    "a rank too low",
    (s) => s.step(tensor([1, 2, 3], [3]), y, 1),
    "train: x: expected a tensor [B, 3], got [3]; reshape it to rank 2",
    nothing,
  ],
  [
    "a rank too high",
    (s) => s.step(x, tensor([0, 1], [2, 1], "i32"), 1),
    "train: y: expected a tensor [B], got [2, 1]; reshape it to rank 1",
    nothing,
  ],
  [
    "no axis where a size is told",
    (s) => s.step(tensor(0, []), y, 1),
    "train: x: expected a tensor [B, 3], got []; reshape it to rank 2",
    "sum: axis 0 is out of range for []",
  ],
  [
    "another dtype",
    (s) => s.step(tensor([1, 2, 3], [1, 3], "i32"), y, 1),
    `train: x: expected f32, got i32; write cast(…, "f32")`,
    `add: dtypes differ: f32 and i32; write cast(…, "f32")`,
  ],
  ["a symbolic tensor", (s) => s.step(x, spec([2], "i32"), 1), "train: y: expected values, got a symbolic tensor", nothing],
  // At the start.
  [
    "no carry",
    (s) => s.start(),
    "train: s.p.hidden.w: expected a tensor [3], got undefined",
    "Cannot read properties of undefined (reading 'p')",
  ],
  [
    "no branch",
    (s) => s.start(carry({ hidden: undefined })),
    "train: s.p.hidden.w: expected a tensor [3], got undefined",
    "Cannot read properties of undefined (reading 'w')",
  ],
  [
    "a key that is misspelt",
    (s) => s.start(carry({ hidden: { W: x } })),
    "train: s.p.hidden.w: expected a tensor [3], got undefined",
    "expected a tensor, got undefined",
  ],
  ["a key too many", (s) => s.start(carry({ more: x })), nothing, nothing],
  [
    "an item too few",
    (s) => s.start(carry({ layers: [tensor([1, 2], [2])] })),
    "train: s.p.layers[1]: expected a number, got undefined",
    nothing,
  ],
  [
    "a number for a parameter",
    (s) => s.start(carry({ hidden: { w: 3 } })),
    "train: s.p.hidden.w: expected a tensor [3], got number",
    nothing,
  ],
  [
    "a parameter of another shape",
    (s) => s.start(carry({ hidden: { w: tensor([1, 2], [2]) } })),
    "train: s.p.hidden.w: expected [3], got [2]",
    "add: cannot broadcast [2] with [3] (2 vs 3)",
  ],
  [
    "a parameter of another rank",
    (s) => s.start(carry({ hidden: { w: tensor(1, []) } })),
    "train: s.p.hidden.w: expected a tensor [3], got []; reshape it to rank 1",
    nothing,
  ],
  [
    "a parameter of another dtype",
    (s) => s.start(carry({ hidden: { w: tensor([1, 2, 3], [3], "i32") } })),
    `train: s.p.hidden.w: expected f32, got i32; write cast(…, "f32")`,
    `add: dtypes differ: i32 and f32; write cast(…, "f32")`,
  ],
];

const said = (f: () => unknown): string => {
  try {
    f();
    return nothing;
  } catch (error) {
    return (error as Error).message;
  }
};

describe("eagerly", () => {
  const call = model(train as never) as unknown as (...args: unknown[]) => unknown;
  test.each(mistakes)("%s", (_, make, __, eagerly) => {
    expect(said(() => make({ start: (s) => call(s, x, y, 1), step: (...inputs) => call(carry(), ...inputs) }))).toBe(eagerly);
  });
});

describe.each(backends)("$name", ({ name, instantiate }) => {
  // biome-ignore lint/suspicious/noExplicitAny: a module that did not exist when this was checked
  let built: Record<string, any>;
  beforeAll(async () => {
    const p = { hidden: { w: spec([3]) }, layers: [spec([2]), spec([])] };
    built = await instantiate([
      traced("train", train, { s: { p }, x: spec(["B", 3]), y: spec(["B"], "i32"), lr: "number" }),
      traced("hold", hold, { s: spec(["N"]), x: spec(["B"]) }),
    ]);
  });
  afterEach(() => vi.unstubAllGlobals());

  /** What is said when `make` uses a session, which goes on as if nothing had been. */
  async function saidTo(make: (s: Use) => unknown): Promise<string> {
    const session = built.train.start(carry(), { max: { B: 8 } });
    const output = session.step(x, y, 1);
    const message = said(() => make({ start: built.train.start, step: session.step }));
    expect(Array.from(await output.data())).toEqual([1]);
    session.step(x, y, 1);
    expect(Array.from(await (await session.carry()).p.hidden.w.data())).toEqual([10, 14, 18]);
    return message;
  }

  test.each(mistakes)("%s", async (_, make, built) => {
    expect(await saidTo(make)).toBe(built);
  });

  test.each([
    ["a name that there is not", { N: 3 }, "train: max: N is none of the sizes [B]"],
    ["NaN", { B: Number.NaN }, "train: max: B must be a whole number >= 0, got NaN"],
    ["infinite", { B: Number.POSITIVE_INFINITY }, "train: max: B must be a whole number >= 0, got Infinity"],
    ["negative", { B: -1 }, "train: max: B must be a whole number >= 0, got -1"],
    ["a fraction", { B: 1.5 }, "train: max: B must be a whole number >= 0, got 1.5"],
    ["nothing", { B: undefined }, "train: max: B must be a whole number >= 0, got undefined"],
    ["text", { B: "many" }, "train: max: B must be a whole number >= 0, got many"],
  ])("max: %s", (_, max, message) => {
    expect(said(() => built.train.start(carry(), { max }))).toBe(message);
  });

  test.each([
    ["no name", {}],
    ["zero", { N: 0, B: 0 }],
    ["less than the carry brings, and than a step does", { N: 2, B: 1 }],
  ])("max says no more than how much room to begin with: %s", async (_, max) => {
    const session = built.hold.start(tensor([1, 2, 3, 4], [4]), { max });
    expect(Array.from(await session.step(tensor([1, 2, 3], [3])).data())).toEqual([2, 4, 6]);
    expect(Array.from(await (await session.carry()).data())).toEqual([1, 2, 3, 4]);
  });

  describe("memory that there is not", () => {
    const known: Record<string, string> = { loops: "fewer", wgsl: "at most 128 (maxStorageBufferBindingSize of this GPU)" };
    const most = known[name] ?? "at most 4096";
    const tooMuch = `train: sizes [B = 1000000000000] take 15258790 MiB of memory, and there are ${most}; make them smaller`;

    test("as much as max says", () => {
      expect(said(() => built.train.start(carry(), { max: { B: 1e12 } }))).toBe(tooMuch);
      expect(said(() => built.hold.start(tensor([1], [1]), { max: { N: 8, B: 1e12 } }))).toBe(
        `hold: sizes [B = 1000000000000, N = 8] take 7629395 MiB of memory, and there are ${most}; make them smaller`,
      );
    });

    test("as much as a step brings, and a call", async () => {
      expect(await saidTo((s) => s.step(huge([1e12, 3]), huge([1e12], "i32"), 1))).toBe(tooMuch);
      expect(said(() => built.train(carry(), huge([1e12, 3]), huge([1e12], "i32"), 1))).toBe(tooMuch);
    });

    test("a size is not taken from a tensor of another rank", async () => {
      expect(await saidTo((s) => s.step(huge([1e12]), y, 1))).toBe(
        "train: x: expected a tensor [B, 3], got [1000000000000]; reshape it to rank 2",
      );
    });

    // A GPU says so later: wgsl/session.test.ts.
    test.skipIf(name === "wgsl")("on a machine that has less", () => {
      const none = class {
        constructor() {
          throw new RangeError("could not allocate memory");
        }
      };
      vi.stubGlobal("ArrayBuffer", none);
      vi.stubGlobal("WebAssembly", { ...WebAssembly, Memory: none, Instance: WebAssembly.Instance });
      expect(said(() => built.train.start(carry(), { max: { B: 8 } }))).toBe(
        "train: sizes [B = 8] take 1 MiB of memory, and there are fewer; make them smaller",
      );
    });
  });
});

test("a size that no input tells", () => {
  const f = (x: Tensor<["B*T"]>) => sum(x);
  expect(() => compile(traced("f", f, { x: spec(["B*T"]) }))).toThrowErrorMatchingInlineSnapshot(
    `[Error: f: x [B*T] does not tell how large B is; pass a tensor with an axis "B"]`,
  );
});
