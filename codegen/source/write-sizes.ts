/** Symbolic sizes in value position. The language has no names for them there: each is read from a tensor that has it, `dim(x, 0)`. */
import { subDims } from "../../dsl/dim.ts";
import { isValue, type Value } from "../../dsl/value.ts";
import { type Graph, paramLeaves } from "../graph.ts";
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

  const counts = new Map<string, number>();
  const filled = new Map([...spelled].map(([v, written]) => [v, inferOne(written, (dim) => readAt(dim, v) === undefined)]));
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

/** `dim(x, 0)`; for a size that differs by a number from one that is there, of a part of x: `dim(slice(x, [[1, dim(x, 0)]]), 0)` is `T-1`. */
function readFrom(tensors: readonly Value[], dim: string): Call | undefined {
  for (const x of tensors) if (x.shape.includes(dim)) return call("dim", x, x.shape.indexOf(dim));
  for (const x of tensors)
    for (const [axis, d] of x.shape.entries()) {
      const less = typeof d === "string" ? subDims(d, dim) : undefined;
      if (typeof less !== "number") continue;
      const per = (here: Argument, elsewhere: Argument): Argument => x.shape.map((_, a) => (a === axis ? here : elsewhere));
      const whole = call("dim", x, axis);
      const part =
        less > 0 ? call("slice", x, (per([less, whole], null) as Argument[]).slice(0, axis + 1)) : call("pad", x, per([0, -less], [0, 0]));
      return call("dim", part, axis);
    }
  return undefined;
}

/** In the shape of a reshape, −1 for the one size that is not to be had otherwise. */
function inferOne(written: Call, missing: (dim: string) => boolean): Call {
  const [x, shape] = written.args;
  if (written.fn !== "reshape" || x === undefined || shape === undefined || !isList(shape)) return written;
  const holes = shape.filter((d) => isSize(d) && missing(d.dim));
  return holes.length === 1
    ? call(
        "reshape",
        x,
        shape.map((d) => (d === holes[0] ? -1 : d)),
      )
    : written;
}
