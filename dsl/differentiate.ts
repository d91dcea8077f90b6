/**
 * Reverse and forward mode over Values. The results are Values again, made by the same ops: they can be differentiated, printed, compiled,
 * and, when the primals are concrete, they are.
 */
import { agreeAll } from "./agree.ts";
import { showShape } from "./dim.ts";
import { add, zerosLike } from "./ops/scalar.ts";
import { makeValue, nameOf, nameValue, parameter, showValue, type Value, withOrigin } from "./value.ts";

const isFloat = (v: Value): boolean => v.dtype === "f32" || v.dtype === "f64";

/** Values that `outputs` depend on, each after its arguments. Stops at `stop`, which is included. */
export function topological(outputs: readonly Value[], stop: { has(v: Value): boolean } = new Set()): Value[] {
  const order: Value[] = [];
  const done = new Set<Value>();
  const stack: { readonly v: Value; readonly ready: boolean }[] = outputs.map((v) => ({ v, ready: false })).reverse();
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { v, ready } = top;
    if (done.has(v)) continue;
    if (ready || stop.has(v)) {
      done.add(v);
      order.push(v);
      continue;
    }
    stack.push({ v, ready: true });
    for (let i = v.args.length - 1; i >= 0; i--) stack.push({ v: v.args[i] as Value, ready: false });
  }
  return order;
}

/** Which of `order` change when `wrt` do: through floats only, and not through an op without a derivative. */
function variedFrom(wrt: readonly Value[], order: readonly Value[]): Set<Value> {
  const varied = new Set(wrt.filter(isFloat));
  for (const v of order) if (isFloat(v) && v.op.derivative.kind !== "zero" && v.args.some((arg) => varied.has(arg))) varied.add(v);
  return varied;
}

/** The cotangents of `wrt`, given the cotangents of `outputs`: Jᵀ · ct. `undefined` where nothing flows back. */
export function backward(outputs: readonly Value[], cotangents: readonly Value[], wrt: readonly Value[]): (Value | undefined)[] {
  const order = topological(outputs, new Set(wrt));
  const varied = variedFrom(wrt, order);
  const stop = new Set(wrt);
  const collected = new Map<Value, Value>();
  const accumulate = (v: Value, ct: Value): void => {
    if (!agreeAll(ct.shape, v.shape) || ct.dtype !== v.dtype)
      throw new Error(`internal: cotangent ${showShape(ct.shape)} ${ct.dtype} of ${showValue(v)}`);
    const before = collected.get(v);
    collected.set(v, before ? add(before, ct) : ct);
  };
  for (const [i, output] of outputs.entries()) if (varied.has(output)) accumulate(output, cotangents[i] as Value);
  for (const v of order.reverse()) {
    const ct = collected.get(v);
    if (!ct) continue;
    nameCotangent(ct, v);
    if (stop.has(v)) continue;
    for (const [i, thunk] of withOrigin(v.origin, () => pullbacks(v, ct, varied)).entries()) {
      const arg = v.args[i] as Value;
      if (thunk && varied.has(arg)) withOrigin(v.origin, () => accumulate(arg, thunk()));
    }
  }
  return wrt.map((v) => collected.get(v));
}

function nameCotangent(ct: Value, v: Value): void {
  const name = nameOf(v);
  if (name !== undefined && ct.args.length > 0) nameValue(ct, `d_${name}`);
}

/** How the cotangent of `v` reaches each argument. */
function pullbacks(v: Value, ct: Value, varied: ReadonlySet<Value>): readonly ((() => Value) | undefined)[] {
  const rule = v.op.derivative;
  switch (rule.kind) {
    case "scalar":
      return rule.pull(ct, v.args, v);
    case "linear":
    case "multilinear":
      return rule.transpose(ct, v.args, v);
    case "tangent": {
      const push = rule.jvp(v.args, v, v);
      return v.args.map((arg) => (varied.has(arg) ? () => transposeLinear(push, v.args, arg, ct) : undefined));
    }
    case "zero":
      return [];
  }
}

/** The transpose of a linear map written as a function of tangents: run it on an unknown tangent, then pull `ct` back through what it did. */
function transposeLinear(push: (tangents: readonly Value[]) => Value, args: readonly Value[], arg: Value, ct: Value): Value {
  const tangent = parameter(arg.shape, arg.dtype);
  const out = push(args.map((x) => (x === arg ? tangent : zerosLike(x))));
  return backward([out], [ct], [tangent])[0] ?? zerosLike(arg);
}

/** The tangents of `outputs`, given the tangents of `wrt`: J · t. `undefined` where nothing flows forward. */
export function forward(outputs: readonly Value[], wrt: readonly Value[], tangents: readonly Value[]): (Value | undefined)[] {
  const order = topological(outputs, new Set(wrt));
  const varied = variedFrom(wrt, order);
  const pushed = new Map<Value, Value>();
  for (const [i, v] of wrt.entries()) if (varied.has(v)) pushed.set(v, tangents[i] as Value);
  for (const v of order) {
    if (pushed.has(v) || !varied.has(v)) continue;
    const tangent = withOrigin(v.origin, () => pushforward(v, pushed));
    const name = nameOf(v);
    pushed.set(v, name === undefined ? tangent : nameValue(tangent, `t_${name}`));
  }
  return outputs.map((v) => pushed.get(v));
}

function pushforward(v: Value, pushed: ReadonlyMap<Value, Value>): Value {
  const rule = v.op.derivative;
  const tangents = v.args.map((arg) => pushed.get(arg));
  const replay = (args: readonly Value[], attrs = v.attrs): Value => makeValue(v.op, args, attrs);
  switch (rule.kind) {
    case "scalar": {
      const terms = tangents.map((t, i) => (t ? rule.pull(t, v.args, v)[i]?.() : undefined));
      return sumOf(terms, v);
    }
    case "linear":
      return replay(
        v.args.map((arg, i) => tangents[i] ?? (isFloat(arg) ? zerosLike(arg) : arg)),
        rule.linearPart?.(v.attrs),
      );
    case "multilinear":
      return sumOf(
        tangents.map((t, i) => t && replay(v.args.map((arg, j) => (i === j ? t : arg)))),
        v,
      );
    case "tangent":
      return rule.jvp(v.args, v, v)(v.args.map((arg, i) => tangents[i] ?? zerosLike(arg)));
    case "zero":
      return zerosLike(v);
  }
}

function sumOf(terms: readonly (Value | undefined)[], v: Value): Value {
  const present = terms.filter((t) => t !== undefined);
  return present.length === 0 ? zerosLike(v) : present.reduce((a, b) => add(a, b));
}
