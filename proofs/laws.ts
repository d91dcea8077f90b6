/** The laws of differentiation, in words and as code, about any function of tensors at a point. Ops, programs and users' models are held to the same ones. */
import { jvp, vjp } from "../dsl/derivatives.ts";
import { sameShape, showShape } from "../dsl/dim.ts";
import { elementsOf } from "../dsl/tensor.ts";
import { concrete, type Value } from "../dsl/value.ts";
import { expectClose, inner } from "./close.ts";
import { finiteDifference, tolerance } from "./tolerance.ts";

export type Tensors = readonly Value[];
export type Fn = (...x: Tensors) => Tensors;

/** A function at a point, two directions for each argument and two cotangents for each result. What is not a float has null. */
export interface Trial {
  readonly f: Fn;
  readonly x: Tensors;
  readonly directions: readonly [Directions, Directions];
  readonly cotangents: readonly [Directions, Directions];
}
export type Directions = readonly (Value | null)[];

export interface Law<T> {
  readonly name: string;
  /** Throws where the law is broken. */
  readonly holds: (trial: T) => void;
}

export const isFloat = (v: Value): boolean => v.dtype === "f64" || v.dtype === "f32";

/** J·t, a tensor like the result for each float result and null for the others. */
export function tangentsOf(f: Fn, x: Tensors, t: Directions): Directions {
  const { value, tangent } = jvp((...args) => f(...(args as Tensors)))(x, t);
  return (value as Tensors).map((v, k) => (isFloat(v) ? like(v, (tangent as Tensors)[k]) : null));
}

/** Jᵀ·ct, a tensor like the argument for each float argument and null for the others. */
function cotangentsOf(f: Fn, x: Tensors, ct: Directions): Directions {
  const { value, pullback } = vjp((...args) => f(...(args as Tensors)))(...x);
  const pulled = pullback((value as Tensors).map((v, k) => ct[k] ?? v)) as Directions;
  return x.map((v, k) => (isFloat(v) ? like(v, pulled[k]) : null));
}

function like(v: Value, derivative: Value | null | undefined): Value {
  if (derivative && derivative.dtype === v.dtype && sameShape(derivative.shape, v.shape)) return derivative;
  throw new Error(
    `the derivative of ${v.dtype} ${showShape(v.shape)} is ${derivative ? `${derivative.dtype} ${showShape(derivative.shape)}` : derivative}`,
  );
}

/** x + h·t */
const moved = (x: Tensors, t: Directions, h: number): Tensors =>
  x.map((v, k) => {
    const along = t[k];
    if (!along) return v;
    const direction = elementsOf(along);
    return concrete(
      elementsOf(v).map((e, i) => e + h * (direction[i] as number)),
      v.shape,
      v.dtype,
    );
  });

/** The change of f at x along t, by five-point central differences: exact for polynomials up to the fourth degree. */
export function centralDifference(f: Fn, x: Tensors, t: Directions, h: number = finiteDifference.step): (Float64Array | null)[] {
  const at = (k: number): Tensors => f(...moved(x, t, k * h));
  const [near, back, far, farBack] = [at(1), at(-1), at(2), at(-2)];
  return near.map((v, k) => {
    if (!isFloat(v)) return null;
    const difference = (up: Tensors, down: Tensors, i: number): number => elementAt(up[k], i) - elementAt(down[k], i);
    return Float64Array.from(elementsOf(v), (_, i) => (8 * difference(near, back, i) - difference(far, farBack, i)) / (12 * h));
  });
}
const elementAt = (v: Value | undefined, i: number): number => elementsOf(v as Value)[i] as number;

const greatest = (values: Tensors): number => Math.max(1, ...values.flatMap((v) => Array.from(elementsOf(v), Math.abs)));

function agreesWithDifferences({ f, x, directions: [t] }: Trial): void {
  // f32 arguments admit no small step: their functions are casts, linear, for which any step is exact.
  const coarse = x.some((v) => v.dtype === "f32");
  const expected = centralDifference(f, x, t, coarse ? 1 / 4 : finiteDifference.step);
  const { relative, absolute } = coarse ? tolerance.f32 : finiteDifference.f64;
  // A difference of two results is only as good as the results are.
  const scale = greatest(f(...x));
  for (const [k, tangent] of tangentsOf(f, x, t).entries())
    if (tangent) expectClose(elementsOf(tangent), expected[k] as Float64Array, { tolerance: { relative, absolute: absolute * scale } });
}

/** Forward mode is right. */
export const jvpAgrees: Law<Trial> = { name: "J·t agrees with central differences", holds: agreesWithDifferences };

/** Reverse mode is the transpose of forward mode. Alone it cannot catch a wrong partial: both come from one record. */
export const transposes: Law<Trial> = {
  name: "⟨ct, J·t⟩ = ⟨Jᵀ·ct, t⟩",
  holds: ({ f, x, directions: [t], cotangents: [ct] }) => {
    const left = sumOfInner(ct, tangentsOf(f, x, t));
    const right = sumOfInner(cotangentsOf(f, x, ct), t);
    const { relative, absolute } = x.some((v) => v.dtype === "f32") ? tolerance.f32 : tolerance.f64;
    expectClose(left.value, right.value, { tolerance: { relative: 0, absolute: absolute + relative * (left.size + right.size) } });
  },
};

function sumOfInner(a: Directions, b: Directions): { value: number; size: number } {
  const total = { value: 0, size: 0 };
  for (const [k, u] of a.entries()) {
    const v = b[k];
    if (!u || !v) continue;
    const term = inner(u, v);
    total.value += term.value;
    total.size += term.size;
  }
  return total;
}

/** The pullback as a function of the point and the cotangent. Float arguments only: their cotangents are its results. */
function adjoint({ f, x, directions: [t, u], cotangents: [ct, s] }: Trial): Trial {
  const active = ct.map((c, k) => (c ? k : -1)).filter((k) => k >= 0);
  const pull: Fn = (...given) => {
    const point = given.slice(0, x.length);
    const at = ct.map((c, k) => (c ? (given[x.length + active.indexOf(k)] as Value) : null));
    return cotangentsOf(f, point, at).filter((d) => d !== null);
  };
  return {
    f: pull,
    x: [...x, ...ct.filter((c) => c !== null)],
    directions: [
      [...t, ...s.filter((c) => c !== null)],
      [...u, ...ct.filter((c) => c !== null)],
    ],
    cotangents: [u.filter((d) => d !== null), t.filter((d) => d !== null)],
  };
}

const adjointDiffers: Law<Trial> = {
  name: "the adjoint's J·t agrees with central differences of the adjoint",
  holds: (trial) => agreesWithDifferences(adjoint(trial)),
};
export const adjointTransposes: Law<Trial> = {
  name: "adjoint of adjoint: ⟨ct, J·t⟩ = ⟨Jᵀ·ct, t⟩ holds for the adjoint too",
  holds: (trial) => transposes.holds(adjoint(trial)),
};

export const differentiation: readonly Law<Trial>[] = [jvpAgrees, transposes, adjointDiffers, adjointTransposes];
