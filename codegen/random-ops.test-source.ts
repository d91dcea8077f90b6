/** What a random graph is made of: for each op, how it finds operands among the values that are there. */
import { evaluateDim, mulDims, namesOfDim } from "../dsl/dim.ts";
import { relu, sigmoid } from "../dsl/lib/activation.ts";
import { normal, oneHot, scatterAdd, uniform } from "../dsl/lib/init.ts";
import { layerNorm } from "../dsl/lib/loss.ts";
import { logSumExp, softmax } from "../dsl/lib/softmax.ts";
import { broadcastTo, max, mean, sum } from "../dsl/ops/broadcast.ts";
import { dotGeneral } from "../dsl/ops/dot.ts";
import { gather } from "../dsl/ops/gather.ts";
import { iota } from "../dsl/ops/generate.ts";
import { broadcastShapes } from "../dsl/ops/operand.ts";
import { reshape, reverse, transpose } from "../dsl/ops/reshape.ts";
import * as s from "../dsl/ops/scalar.ts";
import { concat, pad, slice } from "../dsl/ops/slice.ts";
import type { Dim, Shape } from "../dsl/types.ts";
import { nameOf, parameterOp, type Value } from "../dsl/value.ts";
import { cut, folded, least } from "./random-windows.test-source.ts";

/** One op of a recipe: which, its operands among what fits, and `n`, which decides the rest. */
export interface Step {
  readonly op: number;
  readonly a: number;
  readonly b: number;
  readonly n: number;
  readonly name: string | undefined;
}

export type Pool = readonly Value[];
type Make = (pool: Pool, step: Step) => Value | undefined;

const isFloat = (v: Value): boolean => v.dtype === "f32" || v.dtype === "f64";
export const pick = <T>(from: readonly T[], k: number): T | undefined => (from.length === 0 ? undefined : from[k % from.length]);
/** Everything stays small enough to be worth computing with. */
const isSmall = (shape: Shape): boolean => shape.length <= 4 && nominal(shape) <= 400;
const nominal = (shape: Shape): number =>
  shape.reduce<number>((product, d) => product * evaluateDim(d, Object.fromEntries(namesOfDim(d).map((name) => [name, 5]))), 1);

/** Two times in three one of what was made last, so that graphs are deep. */
function floats(pool: Pool, k: number, fits: (v: Value) => boolean = () => true): Value | undefined {
  const all = pool.filter((v) => isFloat(v) && fits(v));
  return pick(k % 3 === 0 ? all : all.slice(-4), k >> 1);
}
const named = (pool: Pool, name: string): Value | undefined => pool.find((v) => v.op === parameterOp && nameOf(v) === name);
const leaves = (pool: Pool): Value[] => pool.filter((v) => v.op.kind === "leaf" && isFloat(v));
const meets = (a: Value, b: Value): boolean => {
  try {
    return isSmall(broadcastShapes("test", a.shape, b.shape));
  } catch {
    return false;
  }
};

const unary =
  (f: (x: Value) => Value): Make =>
  (pool, { a }) => {
    const x = floats(pool, a);
    return x && f(x);
  };
const binary =
  (f: (x: Value, y: Value) => Value): Make =>
  (pool, { a, b }) => {
    const x = floats(pool, a);
    const y = x && floats(pool, b, (v) => meets(x, v));
    return x && y && f(x, y);
  };
/** On parameters alone: what rounding does to a computed value must not decide which way a comparison goes. */
const comparison =
  (f: (x: Value, y: Value) => Value): Make =>
  (pool, { a, b }) => {
    const x = pick(leaves(pool), a);
    const y = x && pick([...leaves(pool).filter((v) => meets(x, v))], b);
    return x && y && f(x, y);
  };
const onAxis =
  (f: (x: Value, axis: number, n: number) => Value | undefined, fits: (v: Value) => boolean = () => true): Make =>
  (pool, { a, b, n }) => {
    const x = floats(pool, a, (v) => v.shape.length > 0 && fits(v));
    return x && f(x, b % x.shape.length, n);
  };
const ifSmall =
  (f: (x: Value, axis: number, n: number) => Value | undefined): typeof f =>
  (x, axis, n) => {
    const out = f(x, axis, n);
    return out && isSmall(out.shape) ? out : undefined;
  };
const constants = [0, 1, -1, 2, 0.5, -0.25];

const makes: readonly Make[] = [
  unary(s.neg),
  unary(s.sin),
  unary(s.cos),
  unary(s.tanh),
  unary(s.erf),
  unary(s.abs),
  unary((x) => s.exp(s.tanh(x))),
  unary((x) => s.log(s.add(s.abs(x), 1))),
  unary((x) => s.sqrt(s.add(s.mul(x, x), 0.5))),
  unary(relu),
  unary(sigmoid),
  unary(s.stopGradient),
  (pool, { a, n }) => {
    const x = floats(pool, a);
    return x && [s.add, s.sub, s.mul, s.maximum][n % 4]?.(x, pick(constants, n) as number);
  },
  (pool, { a, n }) => {
    const x = floats(pool, a);
    return x && [s.add, s.sub, s.mul][n % 3]?.(pick(constants, n) as number, x);
  },
  binary(s.add),
  binary(s.add),
  binary(s.sub),
  binary(s.mul),
  binary(s.mul),
  binary((x, y) => s.div(x, s.add(s.abs(y), 1))),
  binary((x, y) => s.mul(x, s.div(1, s.add(s.abs(y), 1)))),
  binary((x, y) => s.maximum(x, s.add(y, 0.0625))),
  binary((x, y) => s.minimum(x, s.sub(y, 0.0625))),
  binary((x, y) => s.pow(s.add(s.abs(x), 0.5), s.tanh(y))),
  comparison((x, y) => s.where(s.less(x, y), x, y)),
  comparison((x, y) => s.where(s.logicalOr(s.equal(x, y), s.logicalNot(s.lessEqual(x, y))), s.sin(x), s.mul(y, 2))),
  comparison((x, y) => s.cast(s.logicalAnd(s.less(x, y), s.less(y, 1)), x.dtype)),
  comparison((x, y) => s.cast(s.less(s.less(x, y), s.equal(y, 1)), x.dtype)),
  comparison((x, y) => s.cast(s.equal(s.cast(x, "bool"), s.less(x, y)), x.dtype)),
  (pool, { a, b }) => {
    const flag = pick(
      pool.filter((v) => v.dtype === "bool"),
      b,
    );
    const x = flag && floats(pool, a, (v) => meets(flag, v));
    return flag && x && s.where(flag, x, s.neg(x));
  },
  // Integers: they wrap.
  (pool, { a, n }) => {
    const x = pick(leaves(pool), a);
    if (!x) return undefined;
    const k = s.cast(s.mul(x, 7), "i32");
    return [s.mul(k, 500_000_000), s.div(s.sub(k, 3), 2), s.abs(s.neg(k)), s.maximum(s.add(k, 2_147_483_646), k), s.shiftRight(k, 3)][
      n % 5
    ];
  },
  (pool, { a }) => {
    const k = pick(
      pool.filter((v) => v.dtype === "i32" && v.op.kind !== "leaf"),
      a,
    );
    const like = floats(pool, 0);
    return k && like && s.div(s.cast(k, like.dtype), 1e9);
  },
  (pool, { a, n }) => {
    const like = floats(pool, a, (v) => v.shape.length > 0);
    const d = like?.shape[n % like.shape.length];
    return like && d !== undefined
      ? s.div(s.cast(s.div(s.mul(iota(d), n % 3 === 0 ? -1_000_000_007 : 300_000_000), 5), like.dtype), 1e8)
      : undefined;
  },
  (pool, { a, n }) => {
    const like = floats(pool, a, (v) => v.shape.length > 0);
    const d = like?.shape[n % like.shape.length];
    return like && d !== undefined
      ? s.div(like, s.add(s.cast(sum(s.cast(broadcastTo(like, like.shape), "bool") && s.abs(like)), like.dtype), 1))
      : undefined;
  },
  // Reductions
  onAxis((x, axis, n) => sum(x, axis, { keepDims: n % 2 === 0 })),
  onAxis((x, axis, n) => sum(x, x.shape.length > 1 ? [axis, (axis + 1) % x.shape.length] : axis, { keepDims: n % 2 === 0 })),
  onAxis((x, axis) => mean(s.tanh(x), axis)),
  onAxis((x, axis, n) => max(x, axis, { keepDims: n % 2 === 0 })),
  onAxis((x, axis) => softmax(s.tanh(x), axis)),
  onAxis((x, axis) => logSumExp(s.sin(x), axis)),
  onAxis((x, _axis, n) => {
    const last = [x.shape.at(-1) as Dim];
    return layerNorm(
      s.sin(x),
      broadcastTo(s.cast(s.cast(n % 5, "i32") && s.exp(0), x.dtype), last),
      broadcastTo(s.cast(s.exp(0), x.dtype), last),
    );
  }),
  unary((x) => sum(x)),
  // Layout
  binary((x, y) =>
    s.add(
      transpose(
        s.sin(x),
        x.shape.map((_, k) => x.shape.length - 1 - k),
      ),
      sum(y),
    ),
  ),
  onAxis((x, axis) => {
    const order = x.shape.map((_, k) => (k + axis) % x.shape.length);
    return transpose(x, order);
  }),
  onAxis((x, axis, n) => reverse(x, n % 2 ? axis : [...new Set([0, axis])])),
  onAxis(
    (x) => reshape(x, [-1]),
    (v) => !v.shape.includes(0),
  ),
  onAxis((x, axis) => (axis + 1 < x.shape.length ? reshape(x, merge(x.shape, axis)) : undefined)),
  onAxis((x, axis, n) => {
    const d = x.shape[axis];
    return typeof d === "number" && d % 2 === 0 && d > 0
      ? reshape(x, x.shape.toSpliced(axis, 1, ...(n % 2 ? [2, d / 2] : [d / 2, 2])))
      : undefined;
  }),
  (pool, { a, n }) => {
    const x = floats(pool, a, (v) => v.shape.length < 4);
    return x && reshape(x, x.shape.toSpliced(n % (x.shape.length + 1), 0, 1));
  },
  (pool, { a, b }) => {
    const x = floats(pool, a, (v) => v.shape.length < 3);
    const like = x && floats(pool, b, (v) => v.shape.length > 0 && isSmall([v.shape[0] as Dim, ...x.shape]));
    return x && like && broadcastTo(x, [like.shape[0] as Dim, ...x.shape]);
  },
  onAxis((x, axis, n) => {
    const d = x.shape[axis] as Dim;
    if (least(d) < 1) return undefined;
    return slice(
      x,
      x.shape.map((_, k) => (k !== axis ? null : n % 2 ? ([1, d] as never) : ([0, -1] as const))),
    );
  }),
  onAxis((x, axis, n) => {
    const out = pad(
      x,
      x.shape.map((_, k) => (k === axis ? ([n % 3, (n >> 2) % 2] as const) : ([0, 0] as const))),
      n % 3 === 0 ? -1 : 0,
    );
    return isSmall(out.shape) ? out : undefined;
  }),
  onAxis(ifSmall(cut), (v) => v.shape.length < 4),
  onAxis(ifSmall(folded), (v) => v.shape.length > 1),
  (pool, { a, b, n }) => {
    const x = floats(pool, a, (v) => v.shape.length > 0);
    if (!x) return undefined;
    const axis = n % x.shape.length;
    const y = floats(pool, b, (v) => v.shape.length === x.shape.length && v.shape.every((d, k) => k === axis || d === x.shape[k]));
    const out = y && concat(n % 2 ? [x, y, x] : [x, y], axis);
    return out && isSmall(out.shape) ? out : undefined;
  },
  // Contractions: any axis of one against an equal axis of the other, a second pair contracted or batched.
  (pool, step) => contraction(pool, step),
  (pool, step) => contraction(pool, step),
  (pool, step) => contraction(pool, step),
  (pool, step) => contraction(pool, step),
  (pool, step) => contraction(pool, step),
  // By index
  (pool, { a, n }) => {
    const x = floats(pool, a, (v) => v.shape.length > 0 && v.shape.length < 4);
    const at = named(pool, "at");
    return x && at && gather(x, n % 3 === 0 ? reshape(slice(at, [[0, 1]]), []) : at, n % x.shape.length);
  },
  (pool, { a, b }) => {
    const x = floats(pool, a, (v) => v.shape.length > 0);
    const at = named(pool, "at");
    const updates =
      x &&
      floats(pool, b, (v) => v.shape[0] === 3 && v.shape.length === x.shape.length && v.shape.every((d, k) => k === 0 || d === x.shape[k]));
    return x && at && updates && scatterAdd(x, at, updates);
  },
  (pool, { n }) => {
    const at = named(pool, "at");
    const like = floats(pool, 0);
    return at && like && oneHot(at, 1 + (n % 4), like.dtype);
  },
  (pool, { a, n }) => {
    const key = named(pool, "key");
    const x = floats(pool, a);
    return key && x && s.cast((n % 2 ? uniform : normal)(key, x.shape), x.dtype);
  },
];
const merge = (shape: Shape, axis: number): Dim[] =>
  shape.toSpliced(
    axis,
    2,
    ...(shape.includes(0) ? [shape[axis] as Dim, shape[axis + 1] as Dim] : [mulDims(shape[axis] as Dim, shape[axis + 1] as Dim)]),
  );

function contraction(pool: Pool, { a, b, n }: Step): Value | undefined {
  const x = floats(pool, a, (v) => v.shape.length > 0);
  if (!x) return undefined;
  const y = floats(pool, b, (v) => v.shape.some((d) => x.shape.includes(d)));
  if (!y) return undefined;
  const pairs = x.shape.flatMap((d, i) => y.shape.flatMap((e, j) => (d === e ? [[i, j] as const] : [])));
  const [i, j] = pick(pairs, n) as readonly [number, number];
  const more = pick(
    pairs.filter(([k, l]) => k !== i && l !== j),
    n >> 2,
  );
  const dims =
    more && n % 3 === 1
      ? {
          contract: [
            [i, more[0]],
            [j, more[1]],
          ] as const,
        }
      : more && n % 3 === 2
        ? { contract: [[i], [j]] as const, batch: [[more[0]], [more[1]]] as const }
        : { contract: [[i], [j]] as const };
  const out = dotGeneral(x, y, dims);
  return isSmall(out.shape) ? out : undefined;
}

/** The op that the step names, or the next one that finds operands. */
export function firstThatFits(pool: Pool, one: Step): Value | undefined {
  for (let k = 0; k < makes.length; k++) {
    const v = (makes[(one.op + k) % makes.length] as Make)(pool, one);
    if (v) return v;
  }
  return undefined;
}
