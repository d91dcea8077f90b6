/** Are two graphs the same computation? Ops, attributes, sharing and constants count; names and places do not. */
import { leavesOf } from "../dsl/tree.ts";
import { isValue, type Value } from "../dsl/value.ts";
import { type Graph, paramLeaves } from "./graph.ts";

export const sameGraph = (a: Graph, b: Graph): boolean => graphDifference(a, b) === undefined;

/** The first difference, in words. */
export function graphDifference(a: Graph, b: Graph): string | undefined {
  const [intoA, intoB] = [paramLeaves(a), paramLeaves(b)];
  const pairs = new Map<Value, Value>();
  const taken = new Map<Value, Value>();
  const pair = (x: Value, y: Value): void => {
    pairs.set(x, y);
    taken.set(y, x);
  };

  /** Walks both at once, without recursion: arguments first. */
  const compare = (rootA: Value, rootB: Value, where: string): string | undefined => {
    const stack: { readonly x: Value; readonly y: Value; readonly done: boolean }[] = [{ x: rootA, y: rootB, done: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      const { x, y, done } = top;
      if (done || pairs.has(x) || taken.has(y)) {
        if (!done && pairs.get(x) !== y) return `${where}: ${x.op.name} is shared in one and not in the other`;
        continue;
      }
      const difference = nodeDifference(x, y);
      if (difference) return `${where}: ${difference}`;
      pair(x, y);
      stack.push({ x, y, done: true });
      for (let i = x.args.length - 1; i >= 0; i--) stack.push({ x: x.args[i] as Value, y: y.args[i] as Value, done: false });
    }
    return undefined;
  };

  if (intoA.length !== intoB.length) return `parameters: ${intoA.length} and ${intoB.length} leaves`;
  for (const [i, { path, value }] of intoA.entries()) {
    const other = intoB[i] as (typeof intoA)[number];
    const difference = path !== other.path ? `is called ${other.path}` : value && nodeDifference(value, other.value);
    if (difference) return `parameter ${path}: ${difference}`;
    if (value) pair(value, other.value);
  }
  const [outA, outB] = [leavesOf(a.result), leavesOf(b.result)];
  if (outA.length !== outB.length) return `results: ${outA.length} and ${outB.length} leaves`;
  for (const [i, { path, value: x }] of outA.entries()) {
    const { path: otherPath, value: y } = outB[i] as (typeof outA)[number];
    if (path !== otherPath) return `result ${path} is called ${otherPath}`;
    if (!isValue(x) || !isValue(y)) {
      if (x !== y) return `result ${path}: ${String(x)} and ${String(y)}`;
      continue;
    }
    const difference = compare(x, y, path === "" ? "result" : path);
    if (difference) return difference;
  }
  return undefined;
}

/** Between two nodes, their arguments aside. */
function nodeDifference(x: Value, y: Value): string | undefined {
  if (x === y) return undefined;
  const [nameX, nameY] = [x.op.name, y.op.name];
  if (nameX !== nameY || x.args.length !== y.args.length) return `${nameX} and ${nameY}`;
  if (x.dtype !== y.dtype) return `${nameX}: ${x.dtype} and ${y.dtype}`;
  const [shapeX, shapeY] = [JSON.stringify(x.shape), JSON.stringify(y.shape)];
  if (shapeX !== shapeY) return `${nameX}: ${shapeX} and ${shapeY}`;
  const [attrsX, attrsY] = [showAttrs(x), showAttrs(y)];
  if (attrsX !== attrsY) return `${nameX}: ${attrsX} and ${attrsY}`;
  if (x.args.length > 0 || nameX !== "constant" || x.op.kind !== "leaf") return undefined;
  const [left, right] = [x.buffer, y.buffer];
  return left?.length === right?.length && left?.every((item, i) => Object.is(item, right?.[i])) ? undefined : "constant: other elements";
}

/** NaN, infinities and −0 are told apart, which JSON does not. */
const showAttrs = (v: Value): string =>
  JSON.stringify(v.attrs, (_, attr: unknown) =>
    typeof attr === "number" && (!Number.isFinite(attr) || Object.is(attr, -0)) ? `#${Object.is(attr, -0) ? "-0" : attr}` : attr,
  );
