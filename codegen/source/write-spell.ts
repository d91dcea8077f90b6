/** How a value is written: of the ways that `spellings` proposes, the first that makes the value again. */
import { knownNumber } from "../../dsl/rules.ts";
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
 * Is the call, after simplification, the value? Its operands are ops on unknowns here, so the answer depends on no more than what they are
 * at first sight: each statement is proved by itself, and `read(write(g)) ≡ g` follows.
 */
function makes(call: Call, v: Value): boolean {
  const unknown = memoised((u: Value) => (isKnown(u) ? u : parameter(u.shape, u.dtype, "t")));
  const standIn = memoised((u: Value) => (isKnown(u) || u.op.kind === "leaf" ? unknown(u) : makeValue(u.op, u.args.map(unknown), u.attrs)));
  const operands = new Set(valuesOf(call));
  if (operands.has(v)) return false;
  const window = rebuild(v, new Map([...operands].map((u) => [u, standIn(u)])));
  const made = window && attempt(mapLeaves(call, (leaf) => (isValue(leaf) ? standIn(leaf) : leaf)));
  if (!made) return false;
  const [a, b] = simplify([made, window]);
  return a === b;
}
/** Ops on what is known are done at once, so that it matters what it is. */
const isKnown = (v: Value): boolean => v.concrete || knownNumber(v) !== undefined;

function memoised<K, V>(f: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    if (!known.has(key)) known.set(key, f(key));
    return known.get(key) as V;
  };
}

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

/** `v` over what stands in for its operands; undefined if it depends on more than them. */
function rebuild(v: Value, operands: ReadonlyMap<Value, Value>): Value | undefined {
  const made = new Map<Value, Value | undefined>(operands);
  const visit = (u: Value): Value | undefined => {
    if (made.has(u)) return made.get(u);
    if (made.size > LARGEST_WINDOW) return undefined;
    made.set(u, undefined);
    if (u.concrete) {
      made.set(u, u);
    } else if (u.op.kind !== "leaf") {
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
