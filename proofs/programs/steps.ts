/** What a step of a program may be. Each takes from the builder what it needs; one that finds nothing that fits gives nothing. */
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Builder, n, type Picker, type Step, sizeOf, sizesOf, some, type Variable, type Vocabulary } from "./builder.ts";
import { convolve, fold, pool, windows } from "./images.ts";
import { call, list, literal, type Node, name, numbers, record } from "./language.ts";

const rankOf = (x: Variable): number => x.value.shape.length;
/** The first of some other operands that the call accepts beside x, else a number. */
function beside(b: Builder, pick: Picker, x: Variable, make: (y: Node) => Node): Node {
  const others = b.floats();
  const start = pick.below(others.length);
  for (let k = 0; k < Math.min(4, others.length); k++) {
    const node = make(name((others[(start + k) % others.length] as Variable).name));
    if (b.valueOf(node)) return node;
  }
  return make(pick.below(2) === 0 ? literal(0.5) : name(x.name));
}
const atLeast = (node: Node, least: number): Node => call("add", call("mul", node, node), least);

// Elementwise

/** Of field operations alone; no division by 3, which would be a rounded third before any field could say otherwise. */
export const rational: Vocabulary = {
  unary: [(x) => call("neg", x), (x) => call("mul", 0.5, x), (x) => call("sub", 1, x), (x) => call("div", x, 4)],
  binary: [
    (x, y) => call("add", x, y),
    (x, y) => call("sub", x, y),
    (x, y) => call("mul", x, y),
    (x, y) => call("strongMul", x, y),
    (x, y) => call("div", x, atLeast(y, 1)),
    (x, y) => call("squareLoss", x, y),
  ],
  reductions: ["sum"],
  pools: ["avgPool2d"],
};
/** Kept where they are smooth and not too steep. */
export const everything: Vocabulary = {
  unary: [
    ...rational.unary,
    ...["tanh", "sin", "cos", "erf", "sigmoid", "abs", "relu"].map((fn) => (x: Node) => call(fn, x)),
    (x) => call("exp", call("tanh", x)),
    (x) => call("log", atLeast(x, 1)),
    (x) => call("sqrt", atLeast(x, 0.5)),
  ],
  binary: [
    ...rational.binary,
    (x, y) => call("maximum", x, y),
    (x, y) => call("minimum", x, y),
    (x, y) => call("pow", atLeast(x, 0.5), y.kind === "literal" ? y : call("tanh", y)),
  ],
  reductions: ["sum", "mean", "max", "logSumExp"],
  pools: ["avgPool2d", "maxPool2d"],
};
const applyUnary: Step = (b, pick) => {
  const x = some(b, pick);
  return x && pick.of(b.words.unary)(n(x));
};

const applyBinary: Step = (b, pick) => {
  const x = some(b, pick);
  const fn = pick.of(b.words.binary);
  return x && beside(b, pick, x, (y) => (pick.below(2) === 0 ? fn(n(x), y) : fn(y, n(x))));
};

const comparisons = ["less", "lessEqual", "greater", "greaterEqual", "equal", "notEqual"];
function condition(b: Builder, pick: Picker, x: Variable): Node {
  const compare = (): Node => beside(b, pick, x, (y) => call(pick.of(comparisons), n(x), y));
  switch (pick.below(4)) {
    case 0:
      return call("logicalAnd", compare(), compare());
    case 1:
      return call("logicalOr", compare(), compare());
    case 2:
      return call("logicalNot", compare());
    default:
      return compare();
  }
}
const choose: Step = (b, pick) => {
  const x = some(b, pick);
  if (!x) return undefined;
  const test = condition(b, pick, x);
  return beside(b, pick, x, (y) => call("where", test, n(x), y));
};
const truth: Step = (b, pick) => {
  const x = some(b, pick);
  return x && call("cast", condition(b, pick, x), b.dtype);
};
/** A size as a number: known when the model runs. */
const bySize: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  return x && call(pick.of(["div", "mul"]), n(x), call("dim", n(x), pick.below(rankOf(x))));
};

// Reductions

const reduce: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  if (!x) return undefined;
  const axis = pick.below(rankOf(x)) - (pick.below(2) === 0 ? rankOf(x) : 0);
  const fn = pick.of(b.words.reductions);
  const keepDims = pick.below(2) === 0;
  if (fn !== "logSumExp" && pick.below(6) === 0) return call(fn, n(x));
  return keepDims ? call(fn, n(x), axis, record({ keepDims: literal(true) })) : call(fn, n(x), axis);
};
const normalise: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  if (!x) return undefined;
  const width = x.value.shape.at(-1);
  if (typeof width !== "number" || pick.below(2) === 0) return call("softmax", n(x), pick.below(rankOf(x)));
  const gain = b.floats((v) => v.shape.length === 1 && v.shape[0] === width);
  const or = (fn: string): Node => (gain.length > 0 ? n(pick.of(gain)) : call(fn, numbers(width), b.dtype));
  return call("layerNorm", n(x), or("ones"), or("zeros"));
};

// Movement

const reshape: Step = (b, pick) => {
  const x = some(b, pick);
  if (!x) return undefined;
  const sizes = sizesOf(x);
  switch (pick.below(4)) {
    case 0:
      return call("reshape", n(x), numbers(-1));
    case 1:
      return call("reshape", n(x), list(literal(1), ...sizes));
    case 2:
      return call("reshape", n(x), list(...sizes.filter((_, axis) => x.value.shape[axis] !== 1)));
    default:
      return sizes.length < 2 ? undefined : call("reshape", n(x), list(sizes[0] as Node, literal(-1)));
  }
};
const transpose: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length >= 2);
  if (!x) return undefined;
  const axes = x.value.shape.map((_, axis) => axis);
  if (pick.below(2) === 0) return call("transpose", n(x));
  const turn = 1 + pick.below(axes.length - 1);
  return call("transpose", n(x), numbers(...axes.slice(turn), ...axes.slice(0, turn)));
};
const reverse: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  return x && call("reverse", n(x), pick.below(rankOf(x)));
};
const broadcast: Step = (b, pick) => {
  const x = some(b, pick);
  const like = some(b, pick, (v) => v.shape.length > 0);
  if (!x) return undefined;
  const extra = like && pick.below(2) === 0 ? sizeOf(like, 0) : literal(2);
  return call("broadcastTo", n(x), list(extra, ...sizesOf(x)));
};
const slice: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  if (!x) return undefined;
  const axis = pick.below(rankOf(x));
  const d = x.value.shape[axis] as Dim;
  const range = ((): [number, number] | undefined => {
    if (typeof d === "string") return /^[A-Z]$/.test(d) ? [0, -1] : undefined;
    const from = pick.below(d);
    return [from, from + 1 + pick.below(d - from)];
  })();
  if (!range) return undefined;
  if (typeof d === "string") b.leastSize = 2;
  return call("slice", n(x), list(...x.value.shape.map((_, a) => (a === axis ? numbers(...range) : literal(null))).slice(0, axis + 1)));
};
const pad: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  if (!x) return undefined;
  const widths = list(...x.value.shape.map(() => numbers(pick.below(2), pick.below(2))));
  return pick.below(2) === 0 ? call("pad", n(x), widths) : call("pad", n(x), widths, 0.5);
};
const concat: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  if (!x) return undefined;
  const axis = pick.below(rankOf(x));
  return beside(b, pick, x, (y) => call("concat", list(n(x), y.kind === "literal" ? n(x) : y), axis));
};

// Contractions

const contract: Step = (b, pick) => {
  const pairs: Node[] = [];
  const floats = b.floats((v) => v.shape.length > 0);
  const left = pick.early(floats);
  if (!left) return undefined;
  for (const right of floats.slice(0, 8)) {
    const [s, t] = [left.value.shape, right.value.shape];
    if (s.length >= 2 && t.length >= 2 && s.at(-1) === t.at(-2)) pairs.push(call("matmul", n(left), n(right)));
    for (const [i, d] of s.entries())
      for (const [j, e] of t.entries()) {
        if (d !== e) continue;
        pairs.push(call("dotGeneral", n(left), n(right), record({ contract: list(numbers(i), numbers(j)) })));
        for (const [k, g] of s.entries())
          for (const [l, h] of t.entries())
            if (g === h && k !== i && l !== j)
              pairs.push(
                call(
                  "dotGeneral",
                  n(left),
                  n(right),
                  record({ contract: list(numbers(i), numbers(j)), batch: list(numbers(k), numbers(l)) }),
                ),
              );
      }
  }
  return pairs.length > 0 ? pick.of(pairs) : undefined;
};

// Indices

const gather: Step = (b, pick) => {
  const x = some(b, pick, (v) => v.shape.length > 0);
  const at = pick.early(b.integers((v) => v.shape.length > 0));
  return x && at && call("gather", n(x), n(at), pick.below(rankOf(x)));
};
const scatter: Step = (b, pick) => {
  const at = pick.early(b.integers((v) => v.shape.length > 0));
  const fits = (v: Value): boolean => (at as Variable).value.shape.every((d, k) => v.shape[k] === d);
  const updates = at && some(b, pick, (v) => v.shape.length > 0 && fits(v));
  if (!updates || !at) return undefined;
  const rest = sizesOf(updates).slice(rankOf(at));
  return call("scatterAdd", call("zeros", list(literal(3), ...rest), b.dtype), n(at), n(updates));
};
const oneHot: Step = (b, pick) => {
  const at = pick.early(b.integers());
  return at && call("oneHot", n(at), 3, b.dtype);
};
const crossEntropy: Step = (b, pick) => {
  const at = pick.early(b.integers());
  const logits = at && some(b, pick, (v) => v.shape.length === rankOf(at) + 1 && at.value.shape.every((d, k) => v.shape[k] === d));
  if (!logits || !at) return undefined;
  // A label out of range has no loss to speak of.
  const classes = logits.value.shape.at(-1);
  const label = typeof classes === "number" ? call("minimum", call("maximum", n(at), 0), classes - 1) : call("mul", n(at), 0);
  return call("softmaxCrossEntropy", n(logits), label);
};
const wholeNumbers: Step = (b, pick) => {
  const at = pick.early(b.integers());
  const counted = call("iota", 1 + pick.below(3));
  if (!at || pick.below(3) === 0) return counted;
  return call(pick.of(["add", "sub", "mul", "maximum"]), n(at), 1 + pick.below(2));
};
const asFloat: Step = (b, pick) => {
  const at = pick.early(b.integers());
  return at && call("cast", n(at), b.dtype);
};

// Chance

const random: Step = (b, pick) => {
  const key = b.integers((v) => v.shape.length === 1 && v.shape[0] === 2 && v.op.kind === "leaf").find((v) => v.name === "key");
  const x = some(b, pick, (v) => v.shape.length <= 2);
  return key && x && call("cast", call(pick.of(["uniform", "normal"]), n(key), list(...sizesOf(x))), b.dtype);
};

const stop: Step = (b, pick) => {
  const x = some(b, pick);
  return x && call("stopGradient", n(x));
};

interface Kind {
  readonly step: Step;
  readonly weight: number;
  /** Not what a finite difference sees. */
  readonly unsmooth?: boolean;
  /** Made of field operations alone. */
  readonly rational?: boolean;
}
export const kinds: readonly Kind[] = [
  { step: applyUnary, weight: 5, rational: true },
  { step: applyBinary, weight: 6, rational: true },
  { step: contract, weight: 9, rational: true },
  { step: choose, weight: 2 },
  { step: truth, weight: 1 },
  { step: bySize, weight: 1 },
  { step: reduce, weight: 4, rational: true },
  { step: normalise, weight: 2 },
  { step: reshape, weight: 2, rational: true },
  { step: transpose, weight: 2, rational: true },
  { step: reverse, weight: 1, rational: true },
  { step: broadcast, weight: 3, rational: true },
  { step: slice, weight: 2, rational: true },
  { step: pad, weight: 1, rational: true },
  { step: concat, weight: 2, rational: true },
  { step: windows, weight: 1, rational: true },
  { step: fold, weight: 1, rational: true },
  { step: convolve, weight: 2, rational: true },
  { step: pool, weight: 1, rational: true },
  { step: gather, weight: 2, rational: true },
  { step: scatter, weight: 2, rational: true },
  { step: oneHot, weight: 1 },
  { step: crossEntropy, weight: 1 },
  { step: wholeNumbers, weight: 1, rational: true },
  { step: asFloat, weight: 1, rational: true },
  { step: random, weight: 1 },
  { step: stop, weight: 1, unsmooth: true },
];
