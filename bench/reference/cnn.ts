import type { CnnTask } from "../library.ts";
import { affine, affineBack, crossEntropyBack, descend, type Layer, layerOf, relu, reluBack } from "./dense.ts";

/** The parameters after so many steps of SGD, in float64. */
export function trainCnn(task: CnnTask, steps: number): readonly Layer[] {
  const layers = task.layers.map(layerOf);
  for (let step = 0; step < steps; step++) descend(layers, gradients(layers, task), task.lr);
  return layers;
}

function gradients(layers: readonly Layer[], { batch, images, labels }: CnnTask): readonly Layer[] {
  const [first, second, out] = layers as [Layer, Layer, Layer];
  const x = Float64Array.from(images);
  const a = relu(convolve(x, batch, 28, first));
  const p = pool(a, batch, 28);
  const c = relu(convolve(p.y, batch, 14, second));
  const q = pool(c, batch, 14);
  const z = affine(q.y, batch, out);

  const dense = affineBack(q.y, crossEntropyBack(z, labels), batch, out);
  const conv2 = convolveBack(p.y, reluBack(c, poolBack(q.from, dense.dx, c.length)), batch, 14, second);
  const conv1 = convolveBack(x, reluBack(a, poolBack(p.from, conv2.dx, a.length)), batch, 28, first);
  return [conv1.grad, conv2.grad, dense.grad];
}

/** `[B, size, size, m]`, kernel `[3, 3, m, n]`, zeros around → `[B, size, size, n]`: y[r, c] = b + Σ x[r + u − 1, c + v − 1]·w[u, v]. */
function convolve(x: Float64Array, batch: number, size: number, { w, b }: Layer): Float64Array {
  const n = b.length;
  const m = w.length / (9 * n);
  const y = Float64Array.from({ length: batch * size * size * n }, (_, i) => b[i % n]!);
  eachTap(batch, size, (from, to, tap) => {
    for (let i = 0; i < m; i++) {
      const scale = x[from * m + i]!;
      for (let j = 0; j < n; j++) y[to * n + j]! += scale * w[(tap * m + i) * n + j]!;
    }
  });
  return y;
}

function convolveBack(x: Float64Array, d: Float64Array, batch: number, size: number, { w, b }: Layer): { dx: Float64Array; grad: Layer } {
  const n = b.length;
  const m = w.length / (9 * n);
  const dx = new Float64Array(x.length);
  const grad = { w: new Float64Array(w.length), b: new Float64Array(n) };
  d.forEach((v, i) => {
    grad.b[i % n]! += v;
  });
  eachTap(batch, size, (from, to, tap) => {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const at = (tap * m + i) * n + j;
        grad.w[at]! += x[from * m + i]! * d[to * n + j]!;
        dx[from * m + i]! += w[at]! * d[to * n + j]!;
      }
    }
  });
  return { dx, grad };
}

/** Every pixel that is read (`from`) for a pixel that is made (`to`), and by which of the kernel's nine taps. */
function eachTap(batch: number, size: number, f: (from: number, to: number, tap: number) => void): void {
  for (let image = 0; image < batch; image++) {
    for (let r = 0; r < size; r++) {
      for (let c = 0; c < size; c++) {
        for (let tap = 0; tap < 9; tap++) {
          const [y, x] = [r + Math.floor(tap / 3) - 1, c + (tap % 3) - 1];
          if (y < 0 || y >= size || x < 0 || x >= size) continue;
          f((image * size + y) * size + x, (image * size + r) * size + c, tap);
        }
      }
    }
  }
}

/** The greatest of each 2×2, and where it came from. */
function pool(x: Float64Array, batch: number, size: number): { y: Float64Array; from: Int32Array } {
  const n = x.length / (batch * size * size);
  const half = size / 2;
  const from = Int32Array.from({ length: x.length / 4 }, (_, o) => {
    const [channel, pixel] = [o % n, Math.floor(o / n)];
    const [c, row] = [pixel % half, Math.floor(pixel / half)];
    const corner = (2 * row * size + 2 * c) * n + channel;
    return [corner, corner + n, corner + size * n, corner + (size + 1) * n].reduce((best, at) => (x[at]! > x[best]! ? at : best));
  });
  return { y: Float64Array.from(from, (at) => x[at]!), from };
}

function poolBack(from: Int32Array, d: Float64Array, length: number): Float64Array {
  const dx = new Float64Array(length);
  from.forEach((at, o) => {
    dx[at] = d[o]!;
  });
  return dx;
}
