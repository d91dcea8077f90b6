/** Symbolic sizes in value position. The language has no names for them there: each is read from a tensor that has it, `dim(x, 0)`. */
import { divDims, mulDims, namesOfDim, sizeOf, subDims } from "../../dsl/dim.ts";
import type { Dim } from "../../dsl/types.ts";
import { isValue, type Value } from "../../dsl/value.ts";
import { type Graph, isOpen, paramLeaves } from "../graph.ts";
import { type Argument, type Call, call, isList, isSize, mapLeaves, nodesOf, type Size } from "./write-call.ts";

/**
 * The calls with their sizes read: from a parameter, else from a value computed earlier. A size that is wanted more than once
 * stays in the calls and is in `sizes`: it becomes a constant of the function.
 */
export function readSizes(
  graph: Graph,
  order: readonly Value[],
  spelled: ReadonlyMap<Value, Call>,
): { readonly calls: ReadonlyMap<Value, Call>; readonly sizes: ReadonlyMap<string, Call> } {
  const leaves = paramLeaves(graph).map(({ value }) => value);
  const params = [...leaves.filter((v) => graph.params.some(({ tree }) => tree === v)), ...leaves];
  const place = new Map(order.map((v, i) => [v, i]));
  const fromParam = new Map<string, Call | undefined>();
  const readParam = (dim: string): Call | undefined => {
    if (!fromParam.has(dim)) fromParam.set(dim, readFrom(params, dim));
    return fromParam.get(dim);
  };
  const readAt = (dim: string, v: Value): Call | undefined =>
    readParam(dim) ??
    readFrom(
      order.slice(0, place.get(v) ?? 0).filter((u) => spelled.has(u)),
      dim,
    );

  const has = (dim: string, v: Value): boolean => [...params, ...order.slice(0, place.get(v) ?? 0)].some((u) => u.shape.includes(dim));

  const counts = new Map<string, number>();
  const filled = new Map([...spelled].map(([v, written]) => [v, inferOne(v, written, (dim) => !has(dim, v))]));
  for (const written of filled.values())
    for (const x of nodesOf(written)) if (isSize(x) && readParam(x.dim)) counts.set(x.dim, (counts.get(x.dim) ?? 0) + 1);
  const sizes = new Map([...counts].filter(([, n]) => n > 1).map(([dim]) => [dim, readParam(dim) as Call]));

  const read = (leaf: Value | Size, v: Value): Argument => {
    if (isValue(leaf) || sizes.has(leaf.dim)) return leaf;
    const source = readAt(leaf.dim, v);
    if (source) return source;
    throw new Error(
      `${graph.name}: no tensor has an axis of size ${leaf.dim}, so the derivative cannot say it; take a tensor that has one`,
    );
  };
  return { calls: new Map([...filled].map(([v, written]) => [v, mapLeaves(written, (leaf) => read(leaf, v)) as Call])), sizes };
}

/**
 * `dim(x, 0)`. A size that no tensor has is that of a tensor made for it, whose elements nobody asks for: `T-1` that of a part of one that
 * has `T`, `B*T` that of zeros, `T` that of zeros in rows where only `2*T` is there.
 */
function readFrom(tensors: readonly Value[], dim: string): Call | undefined {
  return direct(tensors, dim) ?? nearby(tensors, dim) ?? made(tensors, dim) ?? part(tensors, dim);
}

function direct(tensors: readonly Value[], dim: string): Call | undefined {
  const x = tensors.find((t) => t.shape.includes(dim));
  return x && call("dim", x, x.shape.indexOf(dim));
}

/** Of a tensor whose size differs from it by a number: `dim(slice(x, [[1, dim(x, 0)]]), 0)`. */
function nearby(tensors: readonly Value[], dim: string): Call | undefined {
  for (const x of tensors)
    for (const [axis, d] of x.shape.entries()) {
      const more = typeof d === "string" ? subDims(d, dim) : undefined;
      if (typeof more !== "number") continue;
      const per = (here: Argument, elsewhere: Argument): Argument[] => x.shape.map((_, a) => (a === axis ? here : elsewhere));
      const part = call("slice", x, per([more, call("dim", x, axis)], null).slice(0, axis + 1));
      return call("dim", more > 0 ? part : call("pad", x, per([0, -more], [0, 0])), axis);
    }
  return undefined;
}

/** Of zeros, one after the other for each term: `dim(concat([zeros([dim(x, 0)]), zeros([2])], 0), 0)`. */
function made(tensors: readonly Value[], dim: string): Call | undefined {
  const terms = dim.split("+").map((term) => {
    const factors = factorsOf(tensors, /^\d+$/.test(term) ? Number(term) : term);
    if (!factors) return undefined;
    const zeros = call("zeros", factors);
    return factors.length > 1 ? call("reshape", zeros, [-1]) : zeros;
  });
  if (!terms.every((term) => term !== undefined)) return undefined;
  return call("dim", terms.length > 1 ? call("concat", terms, 0) : (terms[0] as Call), 0);
}

/** Of zeros in rows, where only a multiple can be read: `T` of `2*T` is `dim(reshape(zeros([dim(x, 0)]), [-1, 2]), 0)`. */
function part(tensors: readonly Value[], dim: string): Call | undefined {
  const multiples = new Set(tensors.flatMap(({ shape }) => shape.map((d) => Number(/^(\d+)\*/.exec(String(d))?.[1] ?? 1))));
  for (const k of multiples) {
    const factors = k > 1 ? factorsOf(tensors, mulDims(k, dim)) : undefined;
    if (factors) return call("dim", call("reshape", call("zeros", factors), [-1, k]), 0);
  }
  return undefined;
}

/** `6*B*T` as sizes that can be read and a number: `3`, `2*B`, `T`. */
function factorsOf(tensors: readonly Value[], dim: Dim): Argument[] | undefined {
  if (typeof dim === "number") return [dim];
  for (const d of new Set([...tensors.flatMap((x) => x.shape), ...namesOfDim(dim)])) {
    const rest = typeof d === "string" ? divDims(dim, d) : undefined;
    const others = rest === undefined ? undefined : rest === 1 ? [] : factorsOf(tensors, rest);
    const factor = others && (direct(tensors, d as string) ?? nearby(tensors, d as string));
    if (factor) return [...others, factor];
  }
  return undefined;
}

/** In the shape of a reshape, −1 for the one size that is not to be had otherwise. */
function inferOne(v: Value, written: Call, missing: (dim: string) => boolean): Call {
  const [x, shape] = written.args;
  if (written.fn !== "reshape" || x === undefined || shape === undefined || !isList(shape)) return written;
  const holes = shape.flatMap((d, axis) => (isSize(d) && missing(d.dim) ? [axis] : []));
  const known = sizeOf(v.shape.filter((_, axis) => axis !== holes[0]));
  // The type of what is inferred among open sizes is `number`.
  const isTyped = !isOpen(sizeOf(v.shape)) || isOpen(v.shape[holes[0] ?? 0] ?? 0);
  const canInfer = holes.length === 1 && known !== 0 && divDims(sizeOf(v.shape), known) !== undefined && isTyped;
  return canInfer
    ? call(
        "reshape",
        x,
        shape.map((d, axis) => (axis === holes[0] ? -1 : d)),
      )
    : written;
}
