/** One program a feature: `read.test.ts` holds that reading each gives the graph that calling it gives. */
import {
  type AdamState,
  adam,
  add,
  broadcastTo,
  cast,
  concat,
  dim,
  div,
  gather,
  grad,
  greater,
  iota,
  jvp,
  matmul,
  mean,
  model,
  mul,
  neg,
  normal,
  oneHot,
  relu,
  reshape,
  sgd,
  sigmoid,
  slice,
  softmaxCrossEntropy,
  squareLoss,
  stopGradient,
  sub,
  sum,
  type Tensor,
  tanh,
  tensor,
  transpose,
  valueAndGrad,
  vjp,
  where,
} from "cotangent";
import * as parts from "./parts.test-source.ts";
import half, { type Dense, dense, normalise } from "./parts.test-source.ts";

type Rows = Tensor<["B", 8]>;
export type Params = { readonly layers: readonly [Dense<8, 8>, Dense<8, 8>]; readonly out: Dense<8, 3> };

/** Static `for` over bounds; locals assigned again; `%`, `continue`. */
export const bounded = model((x: Rows) => {
  let h = x;
  let scale = 1;
  for (let i = 0; i < 6; i++) {
    if (i % 3 === 1) continue;
    scale *= 2;
    h = mul(h, scale + i);
  }
  return h;
});

/** `for … of` over a tuple and over entries; patterns. */
export const layered = model((p: Params, x: Rows) => {
  let h = x;
  for (const { w, b } of p.layers) h = relu(add(matmul(h, w), b));
  for (const [i, { b }] of p.layers.entries()) {
    const [weight = 1, ...others] = [i, i + 1, i + 2];
    h = add(h, mul(b, weight + others.length));
  }
  const { w, b } = p.out;
  return add(matmul(h, w), b);
});

/** `map`, `reduce`, `forEach` and `filter` over tuples; `Object.entries`; arrays that grow. */
export const mapped = model((p: Params, x: Rows) => {
  const norms = p.layers.map(({ w }) => sum(mul(w, w)));
  const total = norms.reduce((a, b) => add(a, b));
  const kept: Tensor<[]>[] = [];
  for (const [name, leaf] of Object.entries({ w: p.out.b, b: neg(p.out.b) })) if (name !== "w") kept.push(sum(leaf));
  const weights = [0, 1, 2, 3].filter((i) => i > 1);
  return { total: add(total, kept[0] ?? total), y: p.layers.reduce<Rows>((h, layer) => dense(h, layer), mul(x, weights.length)) };
});

/** Functions across modules, a namespace of them, a default export, what a module passes on; default parameters. */
export const imported = model((p: Params, x: Rows, gain: Tensor<[8]>) => {
  const h = dense(half(x), p.layers[0]);
  const scaled = parts.dense(mul(h, parts.scale), p.layers[1], "tanh");
  return normalise(scaled, gain, gain);
});

const residual = (depth: number, inner: (h: Rows, i: number) => Rows): ((x: Rows) => Rows) => {
  const go = (h: Rows, i: number): Rows => (i === depth ? h : go(add(h, inner(h, i)), i + 1));
  return (x) => go(x, 0);
};
function makeModel({ depth = 2, act }: { depth?: number; act: "tanh" | "sigmoid" }) {
  const activation = act === "tanh" ? tanh : sigmoid;
  return model((x: Rows) => residual(depth, (h, i) => activation(mul(h, i + 0.5)))(x));
}
/** Models made by functions: closures, recursion with a static end, decisions on constants. */
export const made = makeModel({ depth: 3, act: "sigmoid" });
export const other = makeModel({ act: "tanh" });

/** Spreads of objects, tuples and arguments; computed keys; templates; `??`, `?.`, `&&`. */
export const spread = model((p: Params, x: Rows) => {
  const options: { scale?: number; shift?: number } = { scale: 3 };
  const q = { ...p, out: { ...p.out, b: neg(p.out.b) } };
  const key = `${"o"}ut` as const;
  const pair = [x, mul(x, options.scale ?? 1)] as const;
  const joined = concat([...pair, x], 1);
  const shifted = options?.shift ? add(joined, options.shift) : joined;
  return [shifted, { [key]: q.out.b, first: q.layers[0].b }] as const;
});

/** Sizes: sums and products in declared types, sizes of tensors as operands and as sizes. */
export const sizes = model((x: Tensor<["B", "T+1", 4]>, y: Tensor<["T*B", 2]>) => {
  const rows = reshape(x, [dim(x, 0), -1]);
  const total = div(sum(x), dim(x, 0));
  const ones = broadcastTo(total, [dim(x, 0), 3]);
  return { rows, ones, last: slice(x, [null, [0, -1]]), swapped: transpose(y), counted: iota(dim(x, 1)) };
});

/** dtypes: truth values, integers, lookups, constants. */
export const mixed = model((x: Rows, labels: Tensor<["B"], "i32">, mask: Tensor<["B", 8], "bool">) => {
  const table = tensor([1, 2, 3, 4, 5, 6], [3, 2]);
  const looked = gather(table, labels);
  return { y: where(mask, x, where(greater(x, 0), x, 0)), looked, hot: oneHot(labels, 3), n: sum(cast(mask, "i32")) };
});

export const loss = model((p: Params, x: Rows, y: Tensor<["B"], "i32">) => {
  const logits = layered(p, x);
  return mean(softmaxCrossEntropy(logits, y));
});

/** A step with Adam, and its state; a run-time number. */
export const adamStep = model((s: { p: Params; opt: AdamState<Params> }, x: Rows, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(s.p, x, y);
  const [p, opt] = adam(s.p, grad, s.opt, { lr, beta1: 0.95 });
  return [{ p, opt }, value];
});

/** The derivative of a function without a name, which takes tensors from around it. */
export const anonymous = model((w: Tensor<[8]>, x: Rows, lr: number) => {
  const scaled = mul(x, lr);
  const g = grad((v: Tensor<[8]>) => mean(squareLoss(sum(mul(scaled, v), 1), 1)))(w);
  return sgd(w, g, { lr });
});

const energy = (w: Tensor<[8]>): Tensor<[]> => sum(mul(mul(w, w), tanh(w)));
/** A gradient of a scalar made of a gradient. */
export const second = model((w: Tensor<[8]>) => grad((v: Tensor<[8]>) => sum(mul(grad(energy)(v), v)))(w));

/** vjp, jvp, stopGradient. */
export const directional = model((w: Tensor<[8]>, t: Tensor<[8]>) => {
  const { value, pullback } = vjp((v: Tensor<[8]>) => mul(v, stopGradient(tanh(v))))(w);
  const { tangent } = jvp(energy)([w], [t]);
  return { value, tangent, back: pullback(t)[0] };
});

/** Two results at once, exchanged by a pattern; random numbers from a key. */
export const recurrent = model((x: Rows, key: Tensor<[2], "i32">) => {
  let [h, c] = [x, mul(x, 2)];
  for (let t = 0; t < 3; t++) [h, c] = [add(c, h), sub(h, normal(key, [8]))];
  return c;
});
