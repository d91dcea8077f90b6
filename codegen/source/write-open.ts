/** What is said of sizes that the types of a call do not know: `number` in an operand is `number` in all that is worked out of it. */
import { assuming } from "../../dsl/agree.ts";
import type { Dim, Shape } from "../../dsl/types.ts";
import { isValue, parameter, type Value } from "../../dsl/value.ts";
import { isOpen } from "../graph.ts";
import { type Argument, type Call, call, evaluate, mapLeaves, nodesOf, sizes } from "./write-call.ts";

/**
 * `written`, whose type is that of `v`. A part of `concat([x, y])` is as long as `y`, but where the length of `x` is `number`, so is that of the
 * whole and of each part: `reshape(slice(…), [B])` says which it is. It does nothing else.
 */
export function withSizesSaid(v: Value, written: Call): Call {
  if (v.shape.every(isOpen) || ![...nodesOf(written)].some(mentionsOpen)) return written;
  const typed = typedShape(written);
  const isSaid = typed && v.shape.every((d, axis) => isOpen(d) || typed[axis] === d);
  return isSaid ? written : call("reshape", written, sizes(v.shape));
}

const mentionsOpen = (x: Argument): boolean =>
  typeof x === "object" && x !== null && "shape" in x
    ? x.shape.some(isOpen)
    : typeof x === "object" && x !== null && "kind" in x && x.kind === "size" && isOpen(x.dim);

/** The shape as types have it: no open size is known to be another, nor itself. */
function typedShape(written: Call): Shape | undefined {
  let n = 0;
  const other = (d: Dim): Dim => (isOpen(d) ? `number.${n++}` : d);
  const x = mapLeaves(written, (leaf) =>
    isValue(leaf) ? parameter(leaf.shape.map(other), leaf.dtype) : { ...leaf, dim: other(leaf.dim) as string },
  );
  try {
    const made = assuming(
      () => ({ agree: (a, b) => isOpen(a) || isOpen(b), divide: () => undefined }),
      () => evaluate(x),
    );
    return isValue(made) ? made.shape : undefined;
  } catch {
    return undefined;
  }
}
