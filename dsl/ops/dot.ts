/** Contractions. Each argument's adjoint is another contraction. */
import { agree } from "../agree.ts";
import { showShape } from "../dim.ts";
import { call, type Expr, type Read, reduce } from "../expr.ts";
import type { ElementOp } from "../op.ts";
import type { Dim, Shape } from "../types.ts";
import { makeValue, type Value, valueOf } from "../value.ts";
import { broadcastTo } from "./broadcast.ts";
import { broadcastShapes, commonDType, normalAxis, type Operand } from "./operand.ts";
import { transpose } from "./reshape.ts";

/** Axes of the left and of the right operand, pairwise. */
export interface DotDims {
  readonly contract: readonly [left: readonly number[], right: readonly number[]];
  readonly batch: readonly [left: readonly number[], right: readonly number[]];
}
/** The axes of an operand that are neither contracted nor batched, in order. */
export const freeAxes = (shape: Shape, contract: readonly number[], batch: readonly number[]): number[] =>
  shape.map((_, axis) => axis).filter((axis) => !contract.includes(axis) && !batch.includes(axis));

/**
 * `batch ++ free of a ++ free of b`: out[β, i, j] = Σₚ a[β, i, p] · b[β, j, p] over the contracted axes p, wherever in a and b
 * the axes stand. StableHLO: dot_general.
 */
export const dotOp: ElementOp<{ contract: DotDims["contract"]; batch: DotDims["batch"] }> = {
  name: "dot_general",
  kind: "element",
  shape: ([a, b], { contract, batch }) => {
    const [x, y] = [a as Value, b as Value];
    if (x.dtype !== "f32" && x.dtype !== "f64") throw new Error(`matmul: not defined on ${x.dtype}; write cast(…, "f32")`);
    const free = [freeAxes(x.shape, contract[0], batch[0]), freeAxes(y.shape, contract[1], batch[1])] as const;
    return {
      shape: [
        ...batch[0].map((axis) => x.shape[axis] as Dim),
        ...free[0].map((axis) => x.shape[axis] as Dim),
        ...free[1].map((axis) => y.shape[axis] as Dim),
      ],
      dtype: x.dtype,
    };
  },
  element: ([a, b], index, { args, attrs: { contract, batch }, dtype }) => {
    const [x, y] = args as [Value, Value];
    const free = [freeAxes(x.shape, contract[0], batch[0]), freeAxes(y.shape, contract[1], batch[1])] as const;
    const place = (side: 0 | 1, reduced: readonly Expr[]): Expr[] => {
      const out: Expr[] = [];
      for (const [k, axis] of batch[side].entries()) out[axis] = index[k] as Expr;
      for (const [k, axis] of contract[side].entries()) out[axis] = reduced[k] as Expr;
      const first = batch[0].length + (side === 0 ? 0 : free[0].length);
      for (const [k, axis] of free[side].entries()) out[axis] = index[first + k] as Expr;
      return out;
    };
    return reduce(
      "add",
      contract[0].map((axis) => x.shape[axis] as Dim),
      (p) => call("mul", [(a as Read)(...place(0, p)), (b as Read)(...place(1, p))], dtype),
    );
  },
  derivative: {
    kind: "multilinear",
    transpose: (ct, [a, b], { attrs }) => [
      () => transposeSide(ct, a as Value, b as Value, attrs, 0),
      () => transposeSide(ct, b as Value, a as Value, attrs, 1),
    ],
  },
};

/** Contracts the cotangent with the other operand over the other's free axes, and puts the axes back where this operand has them. */
function transposeSide(ct: Value, self: Value, other: Value, { contract, batch }: DotDims, side: 0 | 1): Value {
  const there = side === 0 ? 1 : 0;
  const nBatch = batch[0].length;
  const free = freeAxes(self.shape, contract[side], batch[side]);
  const otherFree = freeAxes(other.shape, contract[there], batch[there]);
  const start = nBatch + (side === 0 ? free.length : 0);
  const ctOther = otherFree.map((_, k) => start + k);
  const ctBatch = batch[0].map((_, k) => k);
  // The contracted axes come out in the order in which `other` has them.
  const contracted = contract[there]
    .map((axis, k) => ({ axis, mine: contract[side][k] as number }))
    .sort((x, y) => x.axis - y.axis)
    .map((x) => x.mine);
  const ctFirst = free.length === 0 || contracted.length === 0 || Math.min(...free) < Math.min(...contracted);
  const out = ctFirst
    ? makeValue(dotOp, [ct, other], { contract: [ctOther, otherFree], batch: [ctBatch, batch[there]] })
    : makeValue(dotOp, [other, ct], { contract: [otherFree, ctOther], batch: [batch[there], ctBatch] });
  const axes = [...batch[side], ...(ctFirst ? [...free, ...contracted] : [...contracted, ...free])];
  return transpose(
    out,
    axes.map((_, axis) => axes.indexOf(axis)),
  );
}

export function dotGeneral(a: Operand, b: Operand, dims: { contract: DotDims["contract"]; batch?: DotDims["batch"] }): Value {
  commonDType("dotGeneral", [a, b]);
  const [x, y] = [valueOf(a as Value), valueOf(b as Value)];
  const { contract, batch = [[], []] } = dims;
  const normal = (axes: DotDims["contract"]): DotDims["contract"] => {
    if (axes[0].length !== axes[1].length)
      throw new Error(`dotGeneral: axes [${axes[0].join(", ")}] and [${axes[1].join(", ")}] are not pairs`);
    const pair = [
      axes[0].map((axis) => normalAxis("dotGeneral", axis, x.shape)),
      axes[1].map((axis) => normalAxis("dotGeneral", axis, y.shape)),
    ] as const;
    for (const [k, axis] of pair[0].entries()) {
      const [m, n] = [x.shape[axis] as Dim, y.shape[pair[1][k] as number] as Dim];
      if (!agree(m, n)) throw new Error(`dotGeneral: paired axes differ: ${showShape(x.shape)} x ${showShape(y.shape)} (${m} vs ${n})`);
    }
    return pair;
  };
  const attrs = { contract: normal(contract), batch: normal(batch) };
  for (const side of [0, 1] as const) {
    const axes = [...attrs.contract[side], ...attrs.batch[side]];
    const twice = axes.find((axis, i) => axes.indexOf(axis) !== i);
    if (twice !== undefined) throw new Error(`dotGeneral: axis ${twice} given twice`);
  }
  return makeValue(dotOp, [x, y], attrs);
}

/** `[…, m, k] · […, k, n] → […, m, n]`; leading axes broadcast. */
export function matmul(a: Operand, b: Operand): Value {
  commonDType("matmul", [a, b]);
  const [x, y] = [valueOf(a as Value), valueOf(b as Value)];
  const [r, s] = [x.shape.length, y.shape.length];
  if (r < 2) throw new Error(`matmul: left operand must have rank >= 2, got ${showShape(x.shape)}`);
  if (s < 2) throw new Error(`matmul: right operand must have rank >= 2, got ${showShape(y.shape)}`);
  const [k, k2] = [x.shape[r - 1] as Dim, y.shape[s - 2] as Dim];
  if (!agree(k, k2)) throw new Error(`matmul: inner dimensions differ: ${showShape(x.shape)} x ${showShape(y.shape)} (${k} vs ${k2})`);
  if (s === 2) return makeValue(dotOp, [x, y], { contract: [[r - 1], [0]], batch: [[], []] });
  const shared = sharedBatch(x.shape, y.shape);
  const [left, right] = [broadcastTo(x, [...shared, ...x.shape.slice(-2)]), broadcastTo(y, [...shared, ...y.shape.slice(-2)])];
  const batch = shared.map((_, axis) => axis);
  const rank = shared.length + 2;
  return makeValue(dotOp, [left, right], { contract: [[rank - 1], [rank - 2]], batch: [batch, batch] });
}

function sharedBatch(a: Shape, b: Shape): Dim[] {
  try {
    return broadcastShapes("matmul", a.slice(0, -2), b.slice(0, -2));
  } catch (error) {
    const which = /\(.*\)$/.exec(String(error))?.[0] ?? "";
    throw new Error(`matmul: batch dimensions differ: ${showShape(a)} x ${showShape(b)} ${which}`);
  }
}
