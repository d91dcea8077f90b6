import { describe, expect, test } from "vitest";
import { expectClose } from "../proofs/close.ts";
import { fromData } from "../proofs/tensors.ts";
import { grad, jvp, valueAndGrad, vjp } from "./derivatives.ts";
import { backward, topological } from "./differentiate.ts";
import { relu } from "./lib/activation.ts";
import { broadcastTo, max, mean, sum } from "./ops/broadcast.ts";
import { matmul } from "./ops/dot.ts";
import { gather } from "./ops/gather.ts";
import { add, cast, div, equal, exp, less, log, mul, neg, sin, sqrt, stopGradient, sub, tanh, where } from "./ops/scalar.ts";
import { parameter, type Value } from "./value.ts";

type Fn = (...args: never[]) => unknown;
const number = (x: number): Value => fromData([x], [], "f64");
const vector = (...x: number[]): Value => fromData(x, [x.length], "f64");
const gradOf = (f: Fn, ...x: readonly unknown[]): Value => grad(f as never)(...x) as Value;
/** dy/dx of a scalar function, by both modes, which must agree. */
function slope(f: (x: Value) => Value, x: number): number {
  const reverse = gradOf(f, number(x)).buffer?.[0];
  const { tangent } = jvp(f as never)([number(x)], [number(1)]);
  expect((tangent as Value).buffer?.[0]).toBe(reverse);
  return reverse as number;
}

describe("strong zero: what is not taken does not exist", () => {
  const rooted = (x: Value): Value => where(less(x, 1), x, sqrt(x));
  test("x < 1 ? x : √x at 0 has slope 1", () => expect(slope(rooted, 0)).toBe(1));
  test("and where √x is taken, its slope", () => expect(slope(rooted, 4)).toBe(0.25));
  test.each([
    ["ln x", (x: Value) => log(x)],
    ["1 / x", (x: Value) => div(1, x)],
    ["√x", (x: Value) => sqrt(x)],
    ["√(x · x)", (x: Value) => sqrt(mul(x, x))],
  ])("x = 0 ? x : %s at 0 has slope 1", (_, f) => expect(slope((x) => where(equal(x, 0), x, f(x)), 0)).toBe(1));
  test("a branch that overflows: x < 1 ? eˣ : x at 1000 has slope 1", () =>
    expect(slope((x) => where(less(x, 1), exp(x), x), 1000)).toBe(1));
  test("twice over: the second derivative of x < 1 ? x² : √x at 0 is 2", () =>
    expect(slope((x) => gradOf((y: Value) => where(less(y, 1), mul(y, y), sqrt(y)), x), 0)).toBe(2));
  test("a zero cotangent does not make the slope forget it: ∂²(a·ln x)/∂a∂x = 1/x at a = 0", () =>
    expect(slope((a) => gradOf((x: Value) => mul(a, log(x)), number(4)), 0)).toBe(0.25));
});

describe("every path counts", () => {
  test("acc · x, three times, at 0.5: 3x² = 0.75", () => {
    const cube = (x: Value): Value => {
      let acc: Value = number(1);
      for (let k = 0; k < 3; k++) acc = mul(acc, x);
      return acc;
    };
    expect(slope(cube, 0.5)).toBe(0.75);
  });
  test("a value used many times: x·x + x + sin x + x", () => expect(slope((x) => add(add(add(mul(x, x), x), sin(x)), x), 0)).toBe(3));
  test("the same tensor as both arguments of one op: x·x, x − x, x / x", () => {
    expect(slope((x) => mul(x, x), 3)).toBe(6);
    expect(slope((x) => sub(x, x), 3)).toBe(0);
    expect(slope((x) => div(x, x), 3)).toBe(0);
  });
  test("the same tensor passed twice: only the first parameter is differentiated", () => {
    const x = number(3);
    expectClose(
      gradOf((a: Value, b: Value) => mul(mul(a, a), b), x, x),
      number(18),
    );
  });
  test("the same tensor twice in a tree: two leaves, a gradient each", () => {
    const x = number(3);
    const g = grad(((p: { a: Value; b: Value }) => mul(mul(p.a, p.a), p.b)) as never)({ a: x, b: x }) as { a: Value; b: Value };
    expectClose(g.a, number(18));
    expectClose(g.b, number(9));
  });
  test("the parameter itself as the result", () => expect(slope((x) => x, 5)).toBe(1));
});

describe("activity", () => {
  test("unused parameters get zeros of their shape", () => {
    const g = grad(((p: { used: Value; unused: Value }) => sum(p.used)) as never)({
      used: vector(1, 2),
      unused: vector(1, 2, 3),
    }) as Record<string, Value>;
    expectClose(g.used as Value, vector(1, 1));
    expectClose(g.unused as Value, vector(0, 0, 0));
  });
  test("integer leaves are inactive: null where a derivative would be, and no error", () => {
    const indices = fromData([1, 1, 0], [3], "i32");
    const g = grad(((p: { x: Value; at: Value }) => sum(gather(p.x, p.at))) as never)({ x: vector(1, 2, 3), at: indices }) as Record<
      string,
      Value | null
    >;
    expectClose(g.x as Value, vector(1, 2, 0));
    expect(g.at).toBeNull();
  });
  test("nothing flows through integers or comparisons", () => {
    expect(slope((x) => cast(cast(mul(x, 3), "i32"), "f64"), 1)).toBe(0);
    expect(slope((x) => cast(less(x, 2), "f64"), 1)).toBe(0);
  });
  test("a cast between floats passes through", () => expect(slope((x) => cast(mul(cast(x, "f32"), 3), "f64"), 1)).toBe(3));
  test("stopGradient: x · stop(x) has slope x", () => expect(slope((x) => mul(x, stopGradient(x)), 5)).toBe(5));
  test("a function that does not depend on its parameter has gradient 0", () => expect(slope(() => number(7), 1)).toBe(0));
});

describe("broadcasting, both ways", () => {
  const [row, column, matrix] = [vector(1, 2, 3), fromData([10, 20], [2, 1], "f64"), fromData([1, 2, 3, 4, 5, 6], [2, 3], "f64")];
  const gradients = (f: (a: Value, b: Value) => Value, a: Value, b: Value): Value[] =>
    grad(((p: [Value, Value]) => sum(f(...p))) as never)([a, b]) as Value[];
  test("[3] with [2, 3]: new axes are summed away", () => {
    const [a, b] = gradients(mul, row, matrix) as [Value, Value];
    expectClose(a, vector(5, 7, 9));
    expectClose(b, fromData([1, 2, 3, 1, 2, 3], [2, 3], "f64"));
  });
  test("[2, 1] with [3]: each repeats the other", () => {
    const [a, b] = gradients(mul, column, row) as [Value, Value];
    expectClose(a, fromData([6, 6], [2, 1], "f64"));
    expectClose(b, vector(30, 30, 30));
  });
  test("[] with [2, 3]", () => {
    const [a, b] = gradients(mul, number(2), matrix) as [Value, Value];
    expectClose(a, number(21));
    expectClose(b, fromData(Array(6).fill(2), [2, 3], "f64"));
  });
  test("a size of 1 with a size of 0: nothing is summed", () => {
    const [a, b] = gradients(mul, fromData([5], [1], "f64"), fromData([], [0], "f64")) as [Value, Value];
    expectClose(a, vector(0));
    expectClose(b, vector());
  });
});

describe("sizes 0 and 1", () => {
  const empty = fromData([], [0, 3], "f64");
  test("a sum of nothing is 0 and its gradient is empty", () => {
    const { value, grad: g } = valueAndGrad(((x: Value) => sum(x)) as never)(empty);
    expectClose(value, number(0));
    expectClose(g as Value, empty);
  });
  test("the greatest of nothing is −∞ and its gradient is empty", () => {
    const y = max(empty, 0);
    expectClose(y, vector(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY));
    expectClose(
      gradOf((x: Value) => sum(max(x, 0)), empty),
      empty,
    );
  });
  test("[2, 0] · [0, 3] is zero, and its gradients are empty", () => {
    const [a, b] = [fromData([], [2, 0], "f64"), fromData([], [0, 3], "f64")];
    expectClose(matmul(a, b), fromData(Array(6).fill(0), [2, 3], "f64"));
    const g = grad(((p: [Value, Value]) => sum(matmul(...p))) as never)([a, b]) as [Value, Value];
    expectClose(g[0], a);
    expectClose(g[1], b);
  });
  test("an axis of size 1 keeps its size", () => {
    const x = fromData([1, 2], [1, 2], "f64");
    expectClose(
      gradOf((p: Value) => sum(mul(sum(p, 0, { keepDims: true }), p)), x),
      fromData([2, 4], [1, 2], "f64"),
    );
  });
});

describe("derivatives of derivatives", () => {
  test("grad of a scalar made from a grad: ∇ |∇ Σx³|² = 36x³", () => {
    const inner = (x: Value): Value => sum(mul(mul(x, x), x));
    const outer = (x: Value): Value => {
      const g = gradOf(inner, x);
      return sum(mul(g, g));
    };
    expectClose(gradOf(outer, vector(1, 2, -1)), vector(36, 288, -36));
  });
  test("third derivative of sin is −cos", () => {
    const f = (x: Value): Value => gradOf((y: Value) => gradOf((z: Value) => sin(z), y), x);
    expectClose(gradOf(f, number(0.3)), number(-Math.cos(0.3)));
  });
  test("forward over reverse, reverse over forward: both are the Hessian times t", () => {
    const f = (x: Value): Value => sum(mul(exp(x), mul(x, x)));
    const [x, t] = [vector(0.5, -1), vector(1, 2)];
    const { tangent } = jvp(((y: Value) => gradOf(f, y)) as never)([x], [t]);
    const along = (y: Value): Value => jvp(f as never)([y], [t]).tangent as Value;
    const expected = vector(...[0.5, -1].map((v, i) => Math.exp(v) * (v * v + 4 * v + 2) * (i + 1)));
    expectClose(tangent as Value, expected);
    expectClose(gradOf(along, x), expected);
  });
  test("vjp gives the cotangents of all arguments", () => {
    const { value, pullback } = vjp(((a: Value, b: Value) => mul(a, b)) as never)(vector(2, 3), vector(5, 7));
    expectClose(value as Value, vector(10, 21));
    const [da, db] = pullback(vector(1, 10)) as [Value, Value];
    expectClose(da, vector(5, 70));
    expectClose(db, vector(2, 30));
  });
  test("only a scalar has a gradient", () =>
    expect(() => gradOf((x: Value) => x, vector(1, 2))).toThrow("grad: the function returns [2] f64, not a scalar"));
});

describe("no cotangent nobody asked for", () => {
  const unknown = (shape: readonly number[], name: string): Value => parameter(shape, "f32", name);
  const contractions = (values: readonly Value[]): number => topological(values).filter((v) => v.op.name === "dot_general").length;
  const [x, w1, b1, w2, b2] = [
    unknown([32, 784], "x"),
    unknown([784, 128], "w1"),
    unknown([128], "b1"),
    unknown([128, 10], "w2"),
    unknown([10], "b2"),
  ] as const;
  const loss = (input: Value): Value => mean(add(matmul(relu(add(matmul(input, w1), b1)), w2), b2));
  test("a two-layer net: 2 contractions forward, 3 backward for its parameters", () => {
    const y = loss(x);
    const wrt = [w1, b1, w2, b2];
    expect(contractions([y])).toBe(2);
    expect(contractions([y, ...(backward([y], [parameter([], "f32", "ct")], wrt) as Value[])])).toBe(5);
  });
  test("the last layer's parameters alone need one", () => {
    const y = loss(x);
    expect(contractions([y, ...(backward([y], [parameter([], "f32", "ct")], [w2, b2]) as Value[])])).toBe(3);
  });
  test("the input alone needs two", () => {
    const y = loss(x);
    expect(contractions([y, ...(backward([y], [parameter([], "f32", "ct")], [x]) as Value[])])).toBe(4);
  });
});

describe("a chain of k costs O(k)", () => {
  const unknown = parameter([], "f64", "x");
  const squared = (k: number): Value => {
    let y: Value = unknown;
    for (let step = 0; step < k; step++) y = tanh(mul(y, y));
    return y;
  };
  const size = (k: number): number => {
    const y = squared(k);
    return topological([y, ...(backward([y], [parameter([], "f64", "ct")], [unknown]) as Value[])]).length;
  };
  test("nodes of value and gradient, k = 10, 100, 1000", () => {
    const perStep = (size(20) - size(10)) / 10;
    expect(size(100)).toBe(size(10) + 90 * perStep);
    expect(size(1000)).toBe(size(10) + 990 * perStep);
    expect(perStep).toBeLessThanOrEqual(16);
  });
  test("k = 20 000 does not overflow the stack", () => {
    expect(() => size(20_000)).not.toThrow();
    let y: Value = number(0.5);
    const slopeOfChain = gradOf((x: Value) => {
      y = x;
      for (let step = 0; step < 20_000; step++) y = neg(y);
      return y;
    }, number(1));
    expectClose(slopeOfChain, number(1));
  });
});

test("a bias is broadcast and a mean divides: the gradient of mean(x + b) is 1/n each, n rows", () =>
  expectClose(
    gradOf((b: Value) => mean(add(fromData(Array(6).fill(1), [2, 3], "f64"), broadcastTo(b, [2, 3]))), vector(0, 0, 0)),
    vector(1 / 3, 1 / 3, 1 / 3),
  ));
