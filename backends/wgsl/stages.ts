/** Stages as they stand, one after the other, in one invocation. */
import type { Accumulator, Stage } from "../../codegen/kernel.ts";
import { call, combiner, constant, type Expr, identityOf, load, local } from "../../dsl/expr.ts";
import { plus } from "./arithmetic.ts";
import { type Code, callOf, widened } from "./code.ts";
import { emitLoops } from "./loops.ts";
import type { Writer } from "./writer.ts";

type Store = Stage & { readonly kind: "store" };

export function emitStages(w: Writer, stages: readonly Stage[]): void {
  for (const stage of stages) emitStage(w, stage);
}

export function emitStage(w: Writer, stage: Stage): void {
  if (stage.kind === "let") w.bind(stage.name, w.namedExpression(stage.value, stage.name.replace(/:.*/, "")));
  else if (stage.kind === "store") emitLoops(w, stage.loops, () => emitStore(w, stage));
  else {
    for (const one of stage.accumulators) emitAccumulator(w, one);
    emitLoops(w, stage.over, () => {
      for (const one of stage.accumulators) emitFold(w, one);
    });
  }
}

/** A variable, of as many elements as are folded at once, that holds what a fold begins with. */
function emitAccumulator(w: Writer, { name, combine, dtype, value }: Accumulator): void {
  const start = w.expression(constant(identityOf(combine, dtype), dtype));
  w.bind(name, w.var(name, w.varies(value) ? typed(start, dtype) : start));
}
const typed = (x: Code, dtype: Accumulator["dtype"]): Code => ({ ...widened(x), text: widened(x).text.replace("vec4", `vec4<${dtype}>`) });

export function emitFold(w: Writer, one: Accumulator): void {
  const sum = w.local(one.name);
  if (one.combine === "max" || isProduct(one.value)) w.assign(sum, foldedInto(w, one));
  else w.line(`${sum.text} += ${w.expression(one.value).text};`);
}
/** An accumulator with one more element. */
export function foldedInto(w: Writer, { name, combine, dtype, value }: Accumulator): Code {
  if (combine === "max") return w.expression(call("max", [local(name, dtype), value], dtype));
  if (isProduct(value)) {
    const [a, b] = value.args as [Expr, Expr];
    const left = a === b ? w.namedExpression(a, "t") : w.expression(a);
    return callOf("fma", left, a === b ? left : w.expression(b), w.local(name));
  }
  return plus(w.local(name), w.expression(value));
}
/** Of two elements: then nothing is computed twice. */
const isProduct = (x: Expr): x is Expr & { readonly kind: "call" } =>
  x.kind === "call" && x.fn === "mul" && x.args.every(({ kind }) => kind === "load" || kind === "local");

function emitStore(w: Writer, { target, index, value, mode, where }: Store): void {
  const stored: Expr = mode === "set" ? value : call(combiner("add", target.dtype), [load(target, index), value], target.dtype);
  const store = (): void => w.store(target, index, w.expression(stored));
  if (where) w.block(`if (${w.expression(where).text})`, store);
  else store();
}
