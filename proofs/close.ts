/** The one comparison. It never turns a NaN into a number: a NaN on either side fails, unless NaN is what the caller says must come out. */
import { showShape } from "../dsl/dim.ts";
import { elementsOf } from "../dsl/tensor.ts";
import type { AnyTensor } from "../dsl/types.ts";
import { isTensor } from "../dsl/value.ts";
import { type Tolerance, tolerance } from "./tolerance.ts";

type Numbers = AnyTensor | ArrayLike<number> | number;

export interface CloseOptions {
  /** By default that of the dtype of `actual`; of f64 where there is none. */
  readonly tolerance?: Tolerance;
  /** Where `expected` is NaN, `actual` must be NaN too. Without it a NaN in `expected` is a failure: the law said nothing. */
  readonly nanExpected?: boolean;
}

/** Throws, naming the first element that is not close. Shapes and dtypes must agree where both sides have them; infinities are exact. */
export function expectClose(actual: Numbers, expected: Numbers, options: CloseOptions = {}): void {
  if (
    isTensor(actual) &&
    isTensor(expected) &&
    `${actual.dtype}${showShape(actual.shape)}` !== `${expected.dtype}${showShape(expected.shape)}`
  )
    throw new Error(`expected ${expected.dtype} ${showShape(expected.shape)}, got ${actual.dtype} ${showShape(actual.shape)}`);
  const [a, e] = [numbersOf(actual), numbersOf(expected)];
  if (a.length !== e.length) throw new Error(`expected ${e.length} elements, got ${a.length}`);
  const within = options.tolerance ?? tolerance[isTensor(actual) ? actual.dtype : "f64"];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, e[i] as number];
    if (!isClose(x, y, within, options.nanExpected ?? false)) {
      const allowed = `${within.absolute} + ${within.relative}·|${y}|`;
      throw new Error(`element ${i} of ${a.length}: expected ${y}, got ${x}; they differ by ${Math.abs(x - y)}, more than ${allowed}`);
    }
  }
}

function isClose(x: number, y: number, { relative, absolute }: Tolerance, nanExpected: boolean): boolean {
  if (Number.isNaN(y)) return nanExpected && Number.isNaN(x);
  if (x === y) return true;
  // Comparisons with NaN are false, and an infinity is close to itself only.
  return Number.isFinite(y) && Math.abs(x - y) <= absolute + relative * Math.abs(y);
}

const numbersOf = (x: Numbers): ArrayLike<number> => (typeof x === "number" ? [x] : isTensor(x) ? elementsOf(x) : x);

/** ⟨a, b⟩ = Σ aᵢ·bᵢ in float64, and Σ |aᵢ·bᵢ|: the size against which an error of ⟨a, b⟩ is to be judged, since its terms may cancel. */
export function inner(a: AnyTensor, b: AnyTensor): { readonly value: number; readonly size: number } {
  const [x, y] = [elementsOf(a), elementsOf(b)];
  if (x.length !== y.length) throw new Error(`⟨a, b⟩: ${showShape(a.shape)} and ${showShape(b.shape)} differ`);
  let [value, size] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    const term = (x[i] as number) * (y[i] as number);
    value += term;
    size += Math.abs(term);
  }
  return { value, size };
}
