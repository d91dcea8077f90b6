/**
 * Values → equal values, fewer and plainer: one law a rule, common subexpressions shared, nothing dead. Names and places stay.
 * The form it leaves is the normal form in which graphs are compared and adjoints are printed.
 */
import { topological } from "./differentiate.ts";
import type { Attr } from "./op.ts";
import { less, selectOp } from "./ops/scalar.ts";
import { knownNumber, rules } from "./rules.ts";
import type { Buffer } from "./storage.ts";
import type { Dim } from "./types.ts";
import { makeValue, nameOf, nameValue, type Value, withOrigin } from "./value.ts";

const first = (v: Value): Value => v.args[0] as Value;
const second = (v: Value): Value => v.args[1] as Value;

/** Constants of as many elements are compared; larger ones are what they are. */
const SMALL = 1024;

/** The outputs, simplified together. Parameters stay the same nodes. */
export function simplify(outputs: readonly Value[]): Value[] {
  const ids = new Map<Value, number>();
  const shared = new Map<string, Value>();
  const idOf = (v: Value): number => ids.get(v) ?? ids.set(v, ids.size).size - 1;
  const intern = (v: Value): Value => {
    if (v.op.kind === "leaf" && !(v.concrete && (v.buffer as Buffer).length <= SMALL)) return v;
    const elements = v.op.kind === "leaf" ? Array.from(v.buffer as Buffer, (x) => (Object.is(x, -0) ? "-0" : x)).join() : "";
    const key = `${elements}${v.op.name}(${v.args.map(idOf).join()})${showAttrs(v.attrs)}${v.shape.join()}:${v.dtype}`;
    const known = shared.get(key);
    if (known) return known;
    shared.set(key, v);
    return v;
  };
  const done = new Map<Value, Value>();
  /** Applies rules until none fits; what a rule made is simplified in turn. */
  const settle = (v: Value): Value => {
    for (const rule of rules) {
      const better = rule(v);
      if (better && better !== v) return visit(better);
    }
    return intern(v);
  };
  const visit = (v: Value): Value => {
    const known = done.get(v);
    if (known) return known;
    for (const u of topological([v], done)) {
      if (done.has(u)) continue;
      const args = u.args.map((arg) => done.get(arg) as Value);
      const same = args.every((arg, i) => arg === u.args[i]);
      const rebuilt = same ? u : withOrigin(u.origin, () => makeValue(u.op, args, u.attrs));
      const out = withOrigin(u.origin, () => settleOnce(rebuilt, u));
      const name = nameOf(u);
      if (name !== undefined && out.op.kind !== "leaf") nameValue(out, name);
      done.set(u, out);
      done.set(out, out);
    }
    return done.get(v) as Value;
  };
  const settleOnce = (v: Value, original: Value): Value => {
    if (v !== original && done.has(v)) return done.get(v) as Value;
    return settle(v);
  };
  return readMasksFromResults(outputs.map(visit)).map(visit);
}

/**
 * 0 < x is 0 < y where y = max(x, 0), so that a backward pass reads the result of a relu, which is there anyway, and neither the mask nor x
 * has to be kept. (NaN: y is 0 there, and both masks are false.)
 */
function readMasksFromResults(outputs: readonly Value[]): Value[] {
  const order = topological(outputs);
  const relus = new Map(order.flatMap((v) => (isRelu(v) ? [[first(v), v] as const] : [])));
  const again = new Map([...relus.values()].map((v) => [second(v), v]));
  const done = new Map<Value, Value>();
  for (const v of order) {
    const args = v.args.map((arg) => {
      let relu = relus.get(arg);
      // A reader that comes before the relu keeps the mask. Of relus in a row the last is read.
      for (let next = relu && again.get(relu); next && done.has(next); next = again.get(next)) relu = next;
      const result = relu && relu !== v ? done.get(relu) : undefined;
      return result ? less(0, result) : (done.get(arg) as Value);
    });
    const same = args.every((arg, i) => arg === v.args[i]);
    const out = same ? v : withOrigin(v.origin, () => makeValue(v.op, args, v.attrs));
    const name = nameOf(v);
    done.set(v, name === undefined || same ? out : nameValue(out, name));
  }
  return outputs.map((v) => done.get(v) as Value);
}
/** select(0 < x, x, 0) */
function isRelu(v: Value): boolean {
  const [test, x, zero] = v.args;
  return (
    v.op === selectOp && test?.op === less.op && test.args[1] === x && knownNumber(first(test)) === 0 && knownNumber(zero as Value) === 0
  );
}

function showAttrs(attr: Attr | Readonly<Record<string, Attr>>): string {
  return Object.is(attr, -0)
    ? "-0"
    : JSON.stringify(attr, (_, x: Dim | boolean) => (typeof x === "number" && !Number.isFinite(x) ? String(x) : x));
}
