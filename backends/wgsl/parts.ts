/** Folds in parts: workgroups of their own compute each part, into values that only these shaders know; another shader folds those. */
import type { Kernel, Stage } from "../../codegen/kernel.ts";
import { type Expr, indexVar, int, type Loop, load, local, visitExpr } from "../../dsl/expr.ts";
import { parameter, type Value } from "../../dsl/value.ts";
import { powerOfTwo } from "./loops.ts";

type Reduce = Stage & { readonly kind: "reduce" };

export interface InParts {
  /** Numbers the parts: the first of the outer loops. How what is folded is divided, whoever emits this kernel decides. */
  readonly part: Loop;
  readonly first: Kernel;
  /** What goes from the one to the other. */
  readonly between: readonly Value[];
  readonly second: Kernel;
}

/** `apart`: four elements are kept free for each, so that a vector is written by one invocation alone. */
export function inParts(kernel: Kernel, parts: number, { apart }: { readonly apart: boolean }): InParts {
  const part: Loop = { index: "part", extent: parts };
  const outer = [part, ...kernel.outer];
  const folds = foldsOf(kernel);
  const accumulators = folds.flatMap((stage) => stage.accumulators);
  const shape = [...outer.map((loop) => loop.extent), ...(apart ? [4] : [])];
  const index: Expr[] = [...outer.map((loop) => indexVar(loop.index)), ...(apart ? [int(0)] : [])];
  const between = accumulators.map(({ name, dtype }) => parameter(shape, dtype, `${name}_parts`));
  const stores = accumulators.map(
    ({ name, dtype }, k): Stage => ({
      kind: "store",
      loops: [],
      target: between[k] as Value,
      index,
      value: local(name, dtype),
      mode: "set",
    }),
  );
  const adding = accumulators.map((one, k) => ({ ...one, value: load(between[k] as Value, index) }));
  return {
    part,
    first: { ...kernel, outer, stages: [...folds, ...stores] },
    between,
    second: { ...kernel, stages: [{ kind: "reduce", over: [part], accumulators: adding }, ...kernel.stages.slice(folds.length)] },
  };
}

/** So many workgroups should there be. */
const ENOUGH_GROUPS = 64;
/** A number of parts: a power of two, enough with so many workgroups for each, and at most `most`. */
export const partsFor = (groups: number, most: number): number =>
  Math.max(1, Math.min(2 ** Math.floor(Math.log2(most)), powerOfTwo(ENOUGH_GROUPS / Math.max(1, groups))));

/** The folds that a kernel begins with. */
export function foldsOf({ stages }: Kernel): readonly Reduce[] {
  const end = stages.findIndex(({ kind }) => kind !== "reduce");
  return (end < 0 ? stages : stages.slice(0, end)) as readonly Reduce[];
}

/** Does a kernel fold first, each fold by itself, and then only finish? */
export function foldsAndFinishes(kernel: Kernel): boolean {
  const folds = foldsOf(kernel);
  const rest = kernel.stages.slice(folds.length);
  const names = new Set(folds.flatMap((stage) => stage.accumulators.map((one) => one.name)));
  return (
    folds.length > 0 &&
    folds.every((stage) => stage.over.length > 0 && stage.accumulators.every(({ value }) => !readsLocal(value, names))) &&
    rest.every(
      (stage) => stage.kind === "let" || (stage.kind === "store" && stage.loops.length === 0 && stage.mode === "set" && !stage.where),
    )
  );
}

function readsLocal(x: Expr, names: ReadonlySet<string>): boolean {
  let found = false;
  visitExpr(x, (y) => {
    if (y.kind === "local" && names.has(y.name)) found = true;
  });
  return found;
}
