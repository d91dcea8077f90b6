/**
 * The MNIST network in float64, derived and written by hand. It shares no line with the DSL or the compiler, so it can say whether they are right.
 *
 * x [B, inputs] → a = x·W₁ + b₁ → h = max(a, 0) → z = h·W₂ + b₂ → loss = mean over rows of (log Σ exp z − z[y])
 */
export interface Layer {
  readonly w: Float64Array;
  readonly b: Float64Array;
}
export interface Mlp {
  readonly hidden: Layer;
  readonly out: Layer;
}
export interface Batch {
  readonly count: number;
  readonly images: ArrayLike<number>;
  readonly labels: ArrayLike<number>;
}

/** The logits z `[B, classes]` and the activations h `[B, units]` they came from. */
export function forward(p: Mlp, batch: Batch): { h: Float64Array; z: Float64Array } {
  const h = affine(batch.images, batch.count, p.hidden).map((a) => Math.max(a, 0));
  return { h, z: affine(h, batch.count, p.out) };
}

/** The loss and its gradient. With d = (softmax(z) − onehot(y)) / B: dW₂ = hᵀ·d, db₂ = Σ d, and for da = (d·W₂ᵀ) ∘ [a > 0]: dW₁ = xᵀ·da, db₁ = Σ da. */
export function lossAndGradient(p: Mlp, batch: Batch): { loss: number; grad: Mlp } {
  const { count, images, labels } = batch;
  const { h, z } = forward(p, batch);
  const units = p.hidden.b.length;
  const classes = p.out.b.length;
  let loss = 0;
  const d = new Float64Array(z.length);
  for (let i = 0; i < count; i++) {
    const row = z.subarray(i * classes, (i + 1) * classes);
    const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const total = row.reduce((sum, v) => sum + Math.exp(v - top), 0);
    loss += (top + Math.log(total) - row[labels[i]!]!) / count;
    row.forEach((v, j) => {
      d[i * classes + j] = (Math.exp(v - top) / total - (j === labels[i] ? 1 : 0)) / count;
    });
  }
  const da = new Float64Array(h.length);
  for (let i = 0; i < count; i++) {
    for (let u = 0; u < units; u++) {
      if (h[i * units + u]! <= 0) continue;
      let sum = 0;
      for (let j = 0; j < classes; j++) sum += d[i * classes + j]! * p.out.w[u * classes + j]!;
      da[i * units + u] = sum;
    }
  }
  return { loss, grad: { hidden: affineGradient(images, da, count, p.hidden), out: affineGradient(h, d, count, p.out) } };
}

/** p ← p − lr·g, in place. */
export function sgd(p: Mlp, grad: Mlp, lr: number): void {
  const gradients = arraysOf(grad);
  arraysOf(p).forEach((param, i) => {
    gradients[i]!.forEach((g, k) => {
      param[k]! -= lr * g;
    });
  });
}

export interface Adam {
  step: number;
  readonly m: Mlp;
  readonly v: Mlp;
}

export function adamState(p: Mlp): Adam {
  return { step: 0, m: mapArrays(p, (a) => new Float64Array(a.length)), v: mapArrays(p, (a) => new Float64Array(a.length)) };
}

/** Adam in place (Kingma & Ba 2015, algorithm 1; ε outside the root as PyTorch has it): p ← p − lr·m̂ / (√v̂ + ε). */
export function adam(p: Mlp, grad: Mlp, state: Adam, lr: number, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8): void {
  state.step += 1;
  const correction1 = 1 - beta1 ** state.step;
  const correction2 = 1 - beta2 ** state.step;
  const [gradients, ms, vs] = [arraysOf(grad), arraysOf(state.m), arraysOf(state.v)];
  arraysOf(p).forEach((param, i) => {
    const m = ms[i]!;
    const v = vs[i]!;
    gradients[i]!.forEach((g, k) => {
      m[k] = beta1 * m[k]! + (1 - beta1) * g;
      v[k] = beta2 * v[k]! + (1 - beta2) * g * g;
      param[k]! -= (lr * (m[k] / correction1)) / (Math.sqrt(v[k] / correction2) + epsilon);
    });
  });
}

/** The parameters in the order W₁, b₁, W₂, b₂. */
export function arraysOf(p: Mlp): readonly Float64Array[] {
  return [p.hidden.w, p.hidden.b, p.out.w, p.out.b];
}

/** A float64 copy of parameters held in any arrays of numbers. */
export function copyOf(p: {
  hidden: { w: ArrayLike<number>; b: ArrayLike<number> };
  out: { w: ArrayLike<number>; b: ArrayLike<number> };
}): Mlp {
  const layer = ({ w, b }: { w: ArrayLike<number>; b: ArrayLike<number> }): Layer => ({ w: Float64Array.from(w), b: Float64Array.from(b) });
  return { hidden: layer(p.hidden), out: layer(p.out) };
}

function mapArrays(p: Mlp, f: (a: Float64Array) => Float64Array): Mlp {
  return { hidden: { w: f(p.hidden.w), b: f(p.hidden.b) }, out: { w: f(p.out.w), b: f(p.out.b) } };
}

/** x·w + b: `[rows, n] · [n, m] + [m] → [rows, m]`. Zeros of x (most pixels) cost nothing. */
function affine(x: ArrayLike<number>, rows: number, { w, b }: Layer): Float64Array {
  const m = b.length;
  const n = w.length / m;
  const y = new Float64Array(rows * m);
  for (let i = 0; i < rows; i++) {
    const row = y.subarray(i * m, (i + 1) * m);
    row.set(b);
    for (let k = 0; k < n; k++) {
      const scale = x[i * n + k]!;
      if (scale === 0) continue;
      for (let j = 0; j < m; j++) row[j]! += scale * w[k * m + j]!;
    }
  }
  return y;
}

/** The gradient of x·w + b in w and b, given the cotangent d `[rows, m]`: xᵀ·d and the sum of d's rows. */
function affineGradient(x: ArrayLike<number>, d: Float64Array, rows: number, { w, b }: Layer): Layer {
  const m = b.length;
  const n = w.length / m;
  const dw = new Float64Array(w.length);
  const db = new Float64Array(m);
  for (let i = 0; i < rows; i++) {
    const row = d.subarray(i * m, (i + 1) * m);
    for (let j = 0; j < m; j++) db[j]! += row[j]!;
    for (let k = 0; k < n; k++) {
      const scale = x[i * n + k]!;
      if (scale === 0) continue;
      for (let j = 0; j < m; j++) dw[k * m + j]! += scale * row[j]!;
    }
  }
  return { w: dw, b: db };
}
