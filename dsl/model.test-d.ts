// Models: what a call's result is, and that the design's own program has the types it promises.
import {
  type AdamState,
  adam,
  adamInit,
  add,
  type Compiled,
  type CompiledModule,
  type Dim,
  type DType,
  dim,
  grad,
  jvp,
  layerNorm,
  matmul,
  mean,
  model,
  mul,
  relu,
  reshape,
  type Session,
  sgd,
  slice,
  softmaxCrossEntropy,
  sub,
  sum,
  type Tensor,
  transpose,
  valueAndGrad,
  vjp,
} from "./index.ts";
import type { Equal } from "./shape/expect.test-tools.ts";

declare function t<const S extends Dim[], D extends DType = "f32">(shape: S, dtype?: D): Tensor<S, D>;
declare function is<E>(): <A>(x: A, same: Equal<A, E>) => void;
declare const n: number;

// ---- the design's first page
type Params = {
  hidden: { w: Tensor<[784, 128]>; b: Tensor<[128]> };
  out: { w: Tensor<[128, 10]>; b: Tensor<[10]> };
};
declare const p: Params;

export const logits = model((p: Params, x: Tensor<["B", 784]>) => {
  const h = relu(add(matmul(x, p.hidden.w), p.hidden.b));
  return add(matmul(h, p.out.w), p.out.b);
});
export const loss = model((p: Params, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">) => mean(softmaxCrossEntropy(logits(p, x), y)));
export const trainStep = model((s: { p: Params; opt: AdamState<Params> }, x: Tensor<["B", 784]>, y: Tensor<["B"], "i32">, lr: number) => {
  const { value, grad } = valueAndGrad(loss)(s.p, x, y);
  const [p, opt] = adam(s.p, grad, s.opt, { lr });
  return [{ p, opt }, value];
});
declare const opt: AdamState<Params>;

is<Tensor<[32, 10]>>()(logits(p, t([32, 784])), true);
is<Tensor<["B", 10]>>()(logits(p, t(["B", 784])), true);
is<Tensor<["C", 10]>>()(logits(p, t(["C", 784])), true);
is<Tensor<["4*B", 10]>>()(logits(p, t(["4*B", 784])), true);
is<Tensor<[number, 10]>>()(logits(p, t([n, 784])), true);
is<Tensor<[]>>()(loss(p, t([32, 784]), t([32], "i32")), true);
is<[{ p: Params; opt: AdamState<Params> }, Tensor<[]>]>()(trainStep({ p, opt }, t([32, 784]), t([32], "i32"), 0.1), true);
is<Params>()(grad(loss)(p, t([32, 784]), t([32], "i32")), true);
is<{ value: Tensor<[]>; grad: Params }>()(valueAndGrad(loss)(p, t([32, 784]), t([32], "i32")), true);
is<AdamState<Params>>()(adamInit(p), true);

// ---- unification
const flat = model((x: Tensor<["B", "T", 64]>) => reshape(x, [-1, 64]));
is<Tensor<[128, 64]>>()(flat(t([8, 16, 64])), true);
is<Tensor<["16*N", 64]>>()(flat(t(["N", 16, 64])), true);
is<Tensor<["B*T", 64]>>()(flat(t(["T", "B", 64])), true);

const next = model((x: Tensor<["T+1"]>) => slice(x, [[0, -1]]));
is<Tensor<[16]>>()(next(t([17])), true);
is<Tensor<["S-1"]>>()(next(t(["S"])), true);
is<Tensor<["T"]>>()(next(t(["T+1"])), true);
is<Tensor<[number]>>()(next(t([n])), true);

const quarters = model((x: Tensor<["4*B", 3]>, y: Tensor<["B"]>) => add(transpose(reshape(x, [4, -1, 3]), [0, 2, 1]), y));
is<Tensor<[4, 3, 8]>>()(quarters(t([32, 3]), t([8])), true);
is<Tensor<[4, 3, "C"]>>()(quarters(t(["4*C", 3]), t(["C"])), true);

const later = model((xs: Tensor<["T*B", 3]>, t: Tensor<["T"]>, b: Tensor<["B"]>) => ({ both: xs, t, b }));
is<{ both: Tensor<[12, 3]>; t: Tensor<[3]>; b: Tensor<[4]> }>()(later(t([12, 3]), t([3]), t([4])), true);
is<{ both: Tensor<["3*N", 3]>; t: Tensor<[3]>; b: Tensor<["N"]> }>()(later(t(["N*3", 3]), t([3]), t(["N"])), true);
const product = model((xs: Tensor<["T*B"]>, t: Tensor<["T"]>) => reshape(xs, [-1, 1]) && t);
is<Tensor<[3]>>()(product(t([12]), t([3])), true);

// an expression before the name it is made of
const grown = model((x: Tensor<["T+1"]>, y: Tensor<["T"]>) => [x, y]);
is<[Tensor<[17]>, Tensor<[16]>]>()(grown(t([17]), t([16])), true);
is<[Tensor<["S"]>, Tensor<["S-1"]>]>()(grown(t(["S"]), t(["S-1"])), true);
// the callee's names are its own, whatever the caller's are called
const swap = model((x: Tensor<["B", "T"]>) => transpose(x));
is<Tensor<["B", "T"]>>()(swap(swap(t(["B", "T"]))), true);
is<Tensor<["B+T", "2*B"]>>()(swap(t(["B*2", "T+B"])), true);
// solved with what is known, however it is written
const tail = model((n: Tensor<["N"]>, x: Tensor<["N*K+1"]>) => reshape(slice(x, [[1, dim(x, 0)]]), [dim(n, 0), -1]));
is<Tensor<[4, 3]>>()(tail(t([4]), t([13])), true);
is<Tensor<["M", 3]>>()(tail(t(["M"]), t(["3*M+1"])), true);

const unchecked = model((x: Tensor<["B", 3]>, y: Tensor<["B"]>) => sum(x, 1) && y);
is<Tensor<[32]>>()(unchecked(t([n, 3]), t([32])), true);

// ---- sizes as they may be written
const sizes: Tensor<["B*2", "1+T", "-B+4", "4 - B", "2*B*T + 3*T - 1", "10", "b_2", "$a", "B-B", "+B", "batchSize", 0]> = t([
  "B*2",
  "1+T",
  "-B+4",
  "4 - B",
  "2*B*T + 3*T - 1",
  "10",
  "b_2",
  "$a",
  "B-B",
  "+B",
  "batchSize",
  0,
]);
model((x: typeof sizes) => x);

// ---- any number of axes
const norm = model((x: Tensor<["...L", "D"]>, g: Tensor<["D"]>) => mul(sub(x, mean(x, -1, { keepDims: true })), g));
is<Tensor<["B", "T", 512]>>()(norm(t(["B", "T", 512]), t([512])), true);
is<Tensor<[64]>>()(norm(t([64]), t([64])), true);
is<Tensor<["...M", 8]>>()(norm(t(["...M", 8]), t([8])), true);
const dense = model((x: Tensor<["...L", "T", "I"]>, w: Tensor<["I", "O"]>, b: Tensor<["O"]>) => add(matmul(x, w), b));
const block = model((x: Tensor<["B", "T", 512]>, g: Tensor<[512]>, w: Tensor<[512, 512]>, b: Tensor<[512]>) =>
  add(x, dense(layerNorm(norm(x, g), g, b), w, b)),
);
is<Tensor<[2, 8, 512]>>()(block(t([2, 8, 512]), t([512]), t([512, 512]), t([512])), true);

// ---- trees
type Layer = { w: Tensor<[64, 64]>; b: Tensor<[64]> };
const deep = model((layers: [Layer, Layer], x: Tensor<["B", 64]>) => {
  let h: Tensor<["B", 64]> = x;
  for (const { w, b } of layers) h = relu(add(matmul(h, w), b));
  return h;
});
declare const layer: Layer;
is<Tensor<[32, 64]>>()(deep([layer, layer], t([32, 64])), true);
is<Tensor<[32, 64]>>()(deep([{ w: t([64, 64]), b: t([64]) }, layer], t([32, 64])), true);
const nested = model((x: Tensor<["B"]>) => [{ pair: [x, sum(x)] }, x]);
is<[{ pair: [Tensor<[3]>, Tensor<[]>] }, Tensor<[3]>]>()(nested(t([3])), true);
is<[Layer, Layer]>()(grad((layers: [Layer, Layer], x: Tensor<["B", 64]>) => mean(deep(layers, x)))([layer, layer], t([32, 64])), true);

// ---- derivatives
const mixed = model((q: { w: Tensor<["N", 3]>; ids: Tensor<[4], "i32"> }, scale: number) => mean(mul(q.w, scale)));
is<{ w: Tensor<[5, 3]>; ids: null }>()(grad(mixed)({ w: t([5, 3]), ids: t([4], "i32") }, 2), true);
is<Tensor<["B", 784]>>()(grad((x: Tensor<["B", 784]>) => mean(logits(p, x)))(t(["B", 784])), true);
const curvature = model((w: Tensor<[3]>) => sum(grad((v: Tensor<[3]>) => sum(mul(v, mul(v, v))))(w)));
is<Tensor<[3]>>()(grad(curvature)(t([3])), true);
const pulled = vjp(logits)(p, t([32, 784]));
is<Tensor<[32, 10]>>()(pulled.value, true);
is<[Params, Tensor<[32, 784]>]>()(pulled.pullback(t([32, 10])), true);
const pushed = jvp(logits)([p, t([32, 784])], [p, t([32, 784])]);
is<Tensor<[32, 10]>>()(pushed.tangent, true);

// ---- a step in one expression: a call in the place of the gradient, whatever is known of the sizes, inside a model and outside
const fixed = model((q: { w: Tensor<[4, 3]> }) => sum(mul(q.w, q.w)));
const loose = model((q: { w: Tensor<[number, 3]> }) => sum(mul(q.w, q.w)));
const named = model((q: { w: Tensor<["N", 3]> }) => sum(mul(q.w, q.w)));
declare const four: { w: Tensor<[4, 3]> };
declare const some: { w: Tensor<[number, 3]> };
declare const many: { w: Tensor<["M", 3]> };
is<{ w: Tensor<[4, 3]> }>()(sgd(four, grad(fixed)(four), { lr: 0.1 }), true);
is<{ w: Tensor<[4, 3]> }>()(sgd(four, grad(named)(four), { lr: 0.1 }), true);
is<{ w: Tensor<[number, 3]> }>()(sgd(some, grad(loose)(some), { lr: 0.1 }), true);
is<{ w: Tensor<["M", 3]> }>()(sgd(many, valueAndGrad(named)(many).grad, { lr: 0.1 }), true);
is<[typeof some, AdamState<typeof some>]>()(adam(some, grad(loose)(some), adamInit(some), { lr: 0.1 }), true);
is<[typeof many, AdamState<typeof many>]>()(adam(many, grad(named)(many), adamInit(many), { lr: 0.1 }), true);
is<typeof four>()(model((q: typeof four) => sgd(q, grad(fixed)(q), { lr: 0.1 }))(four), true);
is<typeof some>()(model((q: typeof some) => sgd(q, grad(loose)(q), { lr: 0.1 }))(some), true);
is<typeof many>()(model((q: { w: Tensor<["N", 3]> }) => sgd(q, grad(named)(q), { lr: 0.1 }))(many), true);
is<[typeof some, Tensor<[]>]>()(model((q: typeof some) => [sgd(q, grad(loose)(q), { lr: 0.1 }), loose(q)])(some), true);
is<[typeof many, Tensor<[]>]>()(model((q: { w: Tensor<["N", 3]> }) => [sgd(q, { w: mul(q.w, 2) }, { lr: 0.1 }), named(q)])(many), true);
is<[typeof some, AdamState<typeof some>]>()(
  model((q: typeof some, o: AdamState<typeof some>) => adam(q, grad(loose)(q), o, { lr: 0.1 }))(some, adamInit(some)),
  true,
);
is<{ step: [{ q: [typeof many] }, AdamState<{ q: [typeof many] }>] }>()(
  model((p: { q: [{ w: Tensor<["N", 3]> }] }) => ({ step: adam(p, { q: [grad(named)(p.q[0])] }, adamInit(p), { lr: 0.1 }) }))({
    q: [many],
  }),
  true,
);
// lists of unknown length, outside models
declare const list: Tensor<[3]>[];
is<Tensor<[3]>[]>()(sgd(list, grad((xs: Tensor<[3]>[]) => sum(xs[0] ?? t([])))(list), { lr: 0.1 }), true);

// ---- built modules
declare const built: CompiledModule<{ logits: typeof logits; loss: typeof loss; trainStep: typeof trainStep; epochs: number }>;
is<Compiled<typeof logits>>()(built.logits, true);
is<"logits" | "loss" | "trainStep">()(null! as keyof typeof built, true);
is<Tensor<[32, 10]>>()(built.logits(p, t([32, 784])), true);
const session = built.trainStep.start({ p, opt }, { max: { B: 256 } });
is<Tensor<[]>>()(session.step(t([32, 784]), t([32], "i32"), 0.1), true);
is<Promise<{ p: Params; opt: AdamState<Params> }>>()(session.carry(), true);
const batch = [t([32, 784]), t([32], "i32"), 0.1] as const;
is<Tensor<[]>>()(session.run([batch, batch]), true);
is<Tensor<[]>>()(
  session.run([
    [t([32, 784]), t([32], "i32"), 0.1],
    [t([7, 784]), t([7], "i32"), 0.1],
  ]),
  true,
);
const epoch = Array.from({ length: 3 }, () => batch);
is<Tensor<[]>>()(session.run(epoch), true);
// @ts-expect-error y is too short
session.run([[t([32, 784]), t([31], "i32"), 0.1]]);
// @ts-expect-error too few
session.run([[t([32, 784]), t([31], "i32")]]);
const recurrent = model((c: { h: Tensor<["B", 8]> }, x: Tensor<["B", 8]>) => [{ h: add(c.h, x) }, x]);
declare const builtRecurrent: Compiled<typeof recurrent>;
const running = builtRecurrent.start({ h: t([4, 8]) });
is<Tensor<[4, 8]>>()(running.step(t([4, 8])), true);
is<Tensor<[4, 8]>>()(running.run([[t([4, 8])], [t([4, 8])]]), true);
is<Promise<{ h: Tensor<[4, 8]> }>>()(running.carry(), true);
is<Session<{ h: Tensor<["B", 8]> }, [x: Tensor<["B", 8]>], Tensor<["B", 8]>, { B: 4 }>>()(running, true);
is<Tensor<[3]>>()(sgd(t([3]), t([3]), { lr: 1 }), true);
