/** Stages as they stand, one after the other, in one invocation. */
import { mapStage } from "../../codegen/collapse.ts";
import { keyOf, loadsOf } from "../../codegen/inline.ts";
import type { Accumulator, Stage } from "../../codegen/kernel.ts";
import { call, constant, type Expr, identityOf, local, rewrite } from "../../dsl/expr.ts";
import { nameOf } from "../../dsl/value.ts";
import { plus } from "./arithmetic.ts";
import { type Code, callOf, code, level, typeOf } from "./code.ts";
import { countOf, emitLoops } from "./loops.ts";
import type { Writer } from "./writer.ts";

type Store = Stage & { readonly kind: "store" };

export function emitStages(w: Writer, stages: readonly Stage[]): void {
  for (const stage of stages) emitStage(w, stage);
}

export function emitStage(w: Writer, stage: Stage): void {
  if (stage.kind === "let") w.bind(stage.name, w.namedExpression(stage.value, stage.name.replace(/:.*/, "")));
  else if (stage.kind === "store") emitLoops(w, stage.loops, () => emitStore(w, stage));
  else if (countOf(stage.over) === 0) for (const one of stage.accumulators) emitEmpty(w, one);
  else {
    for (const one of stage.accumulators) emitStart(w, one, one.name, w.varies(one.value));
    emitLoops(w, stage.over, () => {
      for (const one of stage.accumulators) emitFold(w, one);
    });
  }
}

/** What a fold over nothing is. A compiler that knew of a sum that it is 0 would take 0 / x for 0, whatever x is. */
function emitEmpty(w: Writer, { name, combine, dtype }: Accumulator): void {
  const identity = w.expression(constant(identityOf(combine, dtype), dtype));
  w.bind(name, w.let(name, dtype === "f32" && combine === "add" ? code("f32(groups.z - 1u)") : identity));
}

/** A variable for what is folded, of one element or of four, that holds what a fold begins with. */
export function emitStart(w: Writer, { name, combine, dtype }: Accumulator, wish: string, wide: boolean): void {
  const start = w.expression(constant(identityOf(combine, dtype), dtype));
  w.bind(name, w.var(wish, wide ? code(`${typeOf(dtype, true)}(${start.text})`, level.primary, true) : start));
}

/** Adds an element to what is folded. */
export function emitFold(w: Writer, one: Accumulator): void {
  const sum = w.local(one.name);
  if (one.combine === "max" || isProduct(one.value)) w.assign(sum, folded(w, one));
  else w.line(`${sum.text} += ${w.expression(one.value).text};`);
}
/** What is folded, with one more element. */
export function folded(w: Writer, { name, combine, dtype, value }: Accumulator): Code {
  if (combine === "max") return w.expression(call("max", [local(name, dtype), value], dtype));
  if (!isProduct(value)) return plus(w.local(name), w.expression(value));
  const [a, b] = value.args as [Expr, Expr];
  if (a !== b) return callOf("fma", w.expression(a), w.expression(b), w.local(name));
  const t = w.namedExpression(a, "t");
  return callOf("fma", t, t, w.local(name));
}
/** Of two elements: then nothing is computed twice. */
const isProduct = (x: Expr): x is Expr & { readonly kind: "call" } =>
  x.kind === "call" && x.fn === "mul" && x.args.every(({ kind }) => kind === "load" || kind === "local");

function emitStore(w: Writer, stage: Store): void {
  const { target, index, value, mode, where } = stage.where ? withLocals(w, stage, stage.where) : stage;
  const store = (): void => {
    if (mode === "set") w.store(target, index, w.expression(value));
    else w.add(target, index, w.expression(value));
  };
  if (where) w.block(`if (${w.expression(where).text})`, store);
  else store();
}

/** What a condition loads is not loaded again. */
function withLocals(w: Writer, stage: Store, where: Expr): Store {
  const known = new Map<string, Expr>();
  for (const x of loadsOf(where)) {
    const name = `${nameOf(x.source) ?? x.source.op.name}:${known.size}`;
    w.bind(name, w.namedExpression(x, name.replace(/:.*/, "")));
    known.set(keyOf(x), local(name, x.dtype));
  }
  return mapStage(stage, (root) => rewrite(root, (x) => (x.kind === "load" ? (known.get(keyOf(x)) ?? x) : x))) as Store;
}
