/** How a value is written: of the ways that `spellings` proposes, the first that makes the value again. */
import { simplify } from "../../dsl/simplify.ts";
import { isValue, makeValue, nameOf, parameter, showValue, type Value } from "../../dsl/value.ts";
import { type Argument, type Call, evaluate, mapLeaves, valuesOf } from "./write-call.ts";
import { proposals } from "./write-spellings.ts";

/** What a spelling may know of the graph around a value. */
export interface Surroundings {
  /** May `v` vanish into the expression that uses it? Not what has a name, and not a result. */
  inner(v: Value): boolean;
  /** The same, and nothing else uses it: no work is done twice. */
  single(v: Value): boolean;
}

/** The nicest call that makes `v` of values that it depends on. */
export function spell(v: Value, around: Surroundings): Call {
  for (const proposal of proposals(v, around)) if (makes(proposal, v)) return proposal;
  throw new Error(`internal: nothing in the public API makes ${showValue(v)} with ${JSON.stringify(v.attrs)}`);
}

/** Values about a graph's outputs that every spelling asks for. */
export function surroundings(order: readonly Value[], results: readonly Value[]): Surroundings {
  const uses = new Map<Value, number>();
  for (const v of order) for (const arg of v.args) uses.set(arg, (uses.get(arg) ?? 0) + 1);
  const outputs = new Set(results);
  const inner = (v: Value): boolean => v.op.kind !== "leaf" && nameOf(v) === undefined && !outputs.has(v);
  return { inner, single: (v) => inner(v) && (uses.get(v) ?? 0) <= 1 };
}

/**
 * Is the call, after simplification, the value? Its operands are unknowns here, so the answer does not depend on what they are:
 * each statement is proved by itself, and `read(write(g)) ≡ g` follows.
 */
function makes(call: Call, v: Value): boolean {
  const unknowns = new Map<Value, Value>();
  for (const operand of valuesOf(call))
    if (!isKnown(operand)) unknowns.set(operand, unknowns.get(operand) ?? parameter(operand.shape, operand.dtype, "t"));
  if (unknowns.has(v)) return false;
  const window = rebuild(v, unknowns);
  const made = window && attempt(mapLeaves(call, (leaf) => (isValue(leaf) ? (unknowns.get(leaf) ?? leaf) : leaf)));
  if (!made) return false;
  const [a, b] = simplify([made, window]);
  return a === b;
}
const isKnown = (v: Value): boolean => v.op.kind === "leaf" && v.concrete;

function attempt(x: Argument): Value | undefined {
  try {
    const made = evaluate(x);
    return isValue(made) ? made : undefined;
  } catch {
    return undefined;
  }
}

/** Far more nodes than any spelling takes in at once. */
const LARGEST_WINDOW = 40;

/** `v` over the unknowns; undefined if it depends on more than them. */
function rebuild(v: Value, unknowns: ReadonlyMap<Value, Value>): Value | undefined {
  const made = new Map<Value, Value | undefined>(unknowns);
  const visit = (u: Value): Value | undefined => {
    if (made.has(u)) return made.get(u);
    if (made.size > LARGEST_WINDOW) return undefined;
    made.set(u, undefined);
    if (u.op.kind === "leaf") {
      if (u.concrete) made.set(u, u);
    } else {
      const args: Value[] = [];
      for (const arg of u.args) {
        const again = visit(arg);
        if (!again) return undefined;
        args.push(again);
      }
      made.set(u, makeValue(u.op, args, u.attrs));
    }
    return made.get(u);
  };
  return visit(v);
}
