/** grad, valueAndGrad, vjp, jvp: derivatives of functions over trees, eagerly and while a model is being built. */
import { agreeAll } from "./agree.ts";
import { backward, forward } from "./differentiate.ts";
import { showShape } from "./dim.ts";
import { scalar } from "./ops/generate.ts";
import { zerosLike } from "./ops/scalar.ts";
import { leavesOf, mapTree } from "./tree.ts";
import { alias, detach, isTensor, type Value, valueOf } from "./value.ts";

type Fn = (...args: readonly unknown[]) => unknown;

/** A float tensor. A `number` is none, though a Value stands for it while a model is being built. */
const differentiable = (v: Value): boolean => (v.dtype === "f32" || v.dtype === "f64") && v.attrs.number !== true;
let depth = 0;

/** Runs `f` while histories are kept; what leaves the outermost derivative forgets its own. */
function traced<T>(f: () => T): T {
  depth++;
  try {
    const out = f();
    return depth > 1
      ? out
      : (mapTree((leaf) => (typeof leaf === "function" ? leaf : isTensor(leaf) ? detach(valueOf(leaf)) : leaf), out) as T);
  } finally {
    depth--;
  }
}

/** Every float tensor of a tree as a variable of its own; the tree with the variables in place, and the variables. */
function variables(tree: unknown): { readonly tree: unknown; readonly list: Value[] } {
  const list: Value[] = [];
  const out = mapTree((leaf) => {
    if (!isTensor(leaf) || !differentiable(valueOf(leaf))) return leaf;
    const v = alias(valueOf(leaf));
    list.push(v);
    return v;
  }, tree);
  return { tree: out, list };
}

/** The tree of `primals` with each float leaf replaced by its derivative (zeros where none flows) and every other leaf by null. */
function derivativeTree(primals: unknown, list: readonly Value[], derivatives: readonly (Value | undefined)[]): unknown {
  const of = new Map(list.map((v, i) => [v, derivatives[i] ?? zerosLike(v)]));
  return mapTree((leaf) => (isTensor(leaf) ? (of.get(valueOf(leaf)) ?? null) : null), primals);
}

/** `f(p, …) → scalar` gives `(p, …) → { value, grad }`: the gradient with respect to the first argument, a tree like it. */
export function valueAndGrad(f: Fn): (...args: readonly unknown[]) => { value: Value; grad: unknown } {
  return (...args) =>
    traced(() => {
      const [first, ...rest] = args;
      const { tree, list } = variables(first);
      const result = f(tree, ...rest);
      if (!isTensor(result)) throw new Error("grad: the function does not return a tensor");
      const value = valueOf(result);
      if (value.shape.length > 0 || !differentiable(value))
        throw new Error(`grad: the function returns ${showShape(value.shape)} ${value.dtype}, not a scalar; take mean or sum of it`);
      return { value, grad: derivativeTree(tree, list, backward([value], [scalar(1, value.dtype)], list)) };
    });
}

export const grad =
  (f: Fn) =>
  (...args: readonly unknown[]): unknown =>
    valueAndGrad(f)(...args).grad;

/** `f` at `args`, and the function that takes a cotangent of its result to the cotangents of all arguments: Jᵀ · ct. */
export function vjp(f: Fn): (...args: readonly unknown[]) => { value: unknown; pullback: (cotangent: unknown) => unknown[] } {
  return (...args) => {
    const { tree, list } = variables(args);
    depth++;
    try {
      const value = f(...(tree as unknown[]));
      const outputs = leavesOf(value).map((leaf) => valueOf(leaf.value as Value));
      const pullback = (cotangent: unknown): unknown[] =>
        traced(() => {
          const given = leavesOf(cotangent).map((leaf) => leaf.value);
          if (given.length !== outputs.length) throw new Error(`vjp: ${given.length} cotangents for ${outputs.length} results`);
          const cotangents = outputs.map((output, i) => {
            if (given[i] === null) return zerosLike(output);
            const ct = valueOf(given[i] as Value);
            mustBeLike("vjp: the cotangent", ct, output);
            return ct;
          });
          return derivativeTree(tree, list, backward(outputs, cotangents, list)) as unknown[];
        });
      return { value, pullback };
    } finally {
      depth--;
    }
  };
}

/** `f` at `args` and its change along `tangents` (a tuple like `args`; null for what does not move): J · t. */
export function jvp(f: Fn): (args: readonly unknown[], tangents: readonly unknown[]) => { value: unknown; tangent: unknown } {
  return (args, tangents) =>
    traced(() => {
      const { tree, list } = variables(args);
      const primals = leavesOf(tree).map((leaf) => leaf.value as Value);
      const directions = leavesOf(alongside(args, tangents)).map((leaf) => leaf.value);
      const given = list.map((v) => {
        const t = directions[primals.indexOf(v)];
        if (!isTensor(t)) return zerosLike(v);
        mustBeLike("jvp: the tangent", valueOf(t), v);
        return valueOf(t);
      });
      const value = f(...(tree as unknown[]));
      const outputs = leavesOf(value).map((leaf) => valueOf(leaf.value as Value));
      const pushed = forward(outputs, list, given);
      const tangentOf = new Map(outputs.map((v, i) => [v, pushed[i] ?? zerosLike(v)]));
      return { value, tangent: mapTree((leaf) => tangentOf.get(valueOf(leaf as Value)), value) };
    });
}

function mustBeLike(what: string, x: Value, like: Value): void {
  if (x.dtype !== like.dtype || !agreeAll(x.shape, like.shape))
    throw new Error(`${what} of ${showShape(like.shape)} ${like.dtype} is ${showShape(x.shape)} ${x.dtype}`);
}

/** The tangents as a tree with a leaf for every leaf of the primals. */
const alongside = (primals: unknown, tangents: unknown): unknown => mapTree((_, t) => t ?? 0, primals, tangents);
