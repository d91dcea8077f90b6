/** Dense layers in float64, by hand. Arrays are row-major. */
export interface Layer {
  readonly w: Float64Array;
  readonly b: Float64Array;
}

export const layerOf = ({ w, b }: { w: ArrayLike<number>; b: ArrayLike<number> }): Layer => ({
  w: Float64Array.from(w),
  b: Float64Array.from(b),
});

/** x·w + b: `[rows, m] · [m, n] + [n]`. */
export function affine(x: ArrayLike<number>, rows: number, { w, b }: Layer): Float64Array {
  const n = b.length;
  const m = w.length / n;
  const y = new Float64Array(rows * n);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) y[i * n + j] = b[j]!;
    for (let k = 0; k < m; k++) {
      const scale = x[i * m + k]!;
      for (let j = 0; j < n; j++) y[i * n + j]! += scale * w[k * n + j]!;
    }
  }
  return y;
}

/** For the cotangent d of x·w + b: dx = d·wᵀ, dw = xᵀ·d, db = the sum of d's rows. */
export function affineBack(x: ArrayLike<number>, d: Float64Array, rows: number, { w, b }: Layer): { dx: Float64Array; grad: Layer } {
  const n = b.length;
  const m = w.length / n;
  const dx = new Float64Array(rows * m);
  const grad = { w: new Float64Array(w.length), b: new Float64Array(n) };
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < n; j++) grad.b[j]! += d[i * n + j]!;
    for (let k = 0; k < m; k++) {
      const scale = x[i * m + k]!;
      let sum = 0;
      for (let j = 0; j < n; j++) {
        const v = d[i * n + j]!;
        sum += v * w[k * n + j]!;
        grad.w[k * n + j]! += scale * v;
      }
      dx[i * m + k] = sum;
    }
  }
  return { dx, grad };
}

export const relu = (a: Float64Array): Float64Array => a.map((v) => Math.max(v, 0));
/** d where relu let its input through, else 0. */
export const reluBack = (y: Float64Array, d: Float64Array): Float64Array => d.map((v, i) => (y[i]! > 0 ? v : 0));

/** The cotangent of logits z `[rows, c]` under the mean of −ln softmax(z)[label]: (softmax(z) − onehot(label)) / rows. */
export function crossEntropyBack(z: Float64Array, labels: ArrayLike<number>): Float64Array {
  const rows = labels.length;
  const c = z.length / rows;
  const d = new Float64Array(z.length);
  for (let i = 0; i < rows; i++) {
    const row = z.subarray(i * c, (i + 1) * c);
    const top = Math.max(...row);
    const total = row.reduce((sum, v) => sum + Math.exp(v - top), 0);
    row.forEach((v, j) => {
      d[i * c + j] = (Math.exp(v - top) / total - (j === labels[i] ? 1 : 0)) / rows;
    });
  }
  return d;
}

/** p ← p − lr·g, in place. */
export function descend(layers: readonly Layer[], gradients: readonly Layer[], lr: number): void {
  layers.forEach((layer, l) => {
    for (const part of ["w", "b"] as const) {
      const g = gradients[l]![part];
      layer[part].forEach((v, i, p) => {
        p[i] = v - lr * g[i]!;
      });
    }
  });
}
