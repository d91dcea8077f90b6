/** What a session says to a mistake: the model, the path of the leaf in the user's words, what was wanted, what came. */
import { add, mul, sum, type Tensor, tensor } from "cotangent";
import { beforeAll, describe, expect, test } from "vitest";
import { compile } from "../codegen/pipeline.ts";
import { backends } from "./backends.test-source.ts";
import { spec, traced } from "./traced.test-source.ts";

type Params = { readonly hidden: { readonly w: Tensor<[3]> }; readonly layers: readonly [Tensor<[2]>, Tensor<[]>] };
const train = (s: { p: Params }, x: Tensor<["B", 3]>, y: Tensor<["B"], "i32">, lr: number) => {
  const w = add(s.p.hidden.w, mul(sum(x, 0), lr));
  return [{ p: { hidden: { w }, layers: s.p.layers } }, add(sum(y), 0)] as const;
};

describe.each(backends)("$name", ({ instantiate }) => {
  // biome-ignore lint/suspicious/noExplicitAny: a module that did not exist when this was checked
  let built: Record<string, any>;
  beforeAll(async () => {
    const p = { hidden: { w: spec([3]) }, layers: [spec([2]), spec([])] };
    built = await instantiate([traced("train", train, { s: { p }, x: spec(["B", 3]), y: spec(["B"], "i32"), lr: "number" })]);
  });

  const carry = (changes: object = {}) => ({
    p: { hidden: { w: tensor([0, 0, 0], [3]) }, layers: [tensor([1, 2], [2]), tensor(1, [])], ...changes },
  });
  const x = tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  const y = tensor([0, 1], [2], "i32");

  /** The message of what `f` throws, and that the session goes on as if nothing had been. */
  function mistake(f: (session: { step(...inputs: unknown[]): unknown }) => unknown): string {
    const session = built.train.start(carry(), { max: { B: 8 } });
    let said = "";
    try {
      f(session);
    } catch (error) {
      said = (error as Error).message;
    }
    expect(Array.from((session.step(x, y, 1) as { buffer: Int32Array }).buffer)).toEqual([1]);
    return said;
  }

  test("in a step", () => {
    const said = {
      "too few": mistake((s) => s.step(x, y)),
      "too many": mistake((s) => s.step(x, y, 1, 1)),
      missing: mistake((s) => s.step(x, undefined, 1)),
      "missing, and the one with the size": mistake((s) => s.step(undefined, y, 1)),
      null: mistake((s) => s.step(x, null, 1)),
      "no number": mistake((s) => s.step(x, y, undefined)),
      "not a number": mistake((s) => s.step(x, y, "0.1")),
      "a number for a tensor": mistake((s) => s.step(3, y, 1)),
      shape: mistake((s) => s.step(tensor([1, 2], [1, 2]), y, 1)),
      "sizes that differ": mistake((s) => s.step(x, tensor([0, 1, 2], [3], "i32"), 1)),
      rank: mistake((s) => s.step(x, tensor(0, [], "i32"), 1)),
      "rank 0 where a size is wanted": mistake((s) => s.step(tensor(0, []), y, 1)),
      dtype: mistake((s) => s.step(x, tensor([0, 1], [2]), 1)),
      symbolic: mistake((s) => s.step(x, spec([2], "i32"), 1)),
    };
    expect(said).toMatchInlineSnapshot(`
    {
      "a number for a tensor": "train: x: expected a tensor [0, 3], got 3",
      "dtype": "train: y: expected i32, got f32",
      "missing": "train: y: expected a tensor [2], got undefined",
      "missing, and the one with the size": "train: x: expected a tensor [0, 3], got undefined",
      "no number": "train: lr: expected a number, got undefined",
      "not a number": "train: lr: expected a number, got 0.1",
      "null": "train: y: expected a tensor [2], got null",
      "rank": "train: y: expected [2], got []",
      "rank 0 where a size is wanted": "train: x: expected [0, 3], got []",
      "shape": "train: x: expected [1, 3], got [1, 2]",
      "sizes that differ": "train: y: expected [2], got [3]",
      "symbolic": "train: y: expected values, got a symbolic tensor",
      "too few": "train: expected 3 arguments, got 2",
      "too many": "train: expected 3 arguments, got 4",
    }
  `);
  });

  test("at the start", () => {
    const said = {
      nothing: mistake(() => built.train.start()),
      "a leaf missing": mistake(() => built.train.start(carry({ layers: [tensor([1, 2], [2])] }))),
      "a branch missing": mistake(() => built.train.start(carry({ hidden: undefined }))),
      shape: mistake(() => built.train.start(carry({ hidden: { w: tensor([1, 2], [2]) } }))),
      dtype: mistake(() => built.train.start(carry({ layers: [tensor([1, 2], [2], "i32"), tensor(1, [])] }))),
      "a max that is no size": mistake(() => built.train.start(carry(), { max: { N: 3 } })),
    };
    expect(said).toMatchInlineSnapshot(`
      {
        "a branch missing": "train: s.p.hidden.w: expected a tensor [3], got undefined",
        "a leaf missing": "train: s.p.layers[1]: expected a number, got undefined",
        "a max that is no size": "train: max: there is no size N",
        "dtype": "train: s.p.layers[0]: expected f32, got i32",
        "nothing": "train: s.p.hidden.w: expected a tensor [3], got undefined",
        "shape": "train: s.p.hidden.w: expected [3], got [2]",
      }
    `);
  });
});

test("a size that no input tells", () => {
  const f = (x: Tensor<["B*T"]>) => sum(x);
  expect(() => compile(traced("f", f, { x: spec(["B*T"]) }))).toThrowErrorMatchingInlineSnapshot(
    `[Error: f: x [B*T] does not tell how large B is; pass a tensor with an axis "B"]`,
  );
});
