/** The verifier that runs after every pass: what it refuses is a fault of the compiler, never of the model. */
import { sameShape, showShape } from "../dsl/dim.ts";
import { type Expr, operandsOf } from "../dsl/expr.ts";
import { showValue, type Value } from "../dsl/value.ts";
import { loadsOf } from "./inline.ts";
import { expressionsOf, type Kernel } from "./kernel.ts";

/** Every value has the shape and dtype that its op's rule gives for its arguments. */
export function checkValues(order: readonly Value[]): void {
  for (const v of order) {
    if (v.op.kind === "leaf") continue;
    const { shape, dtype } = v.op.shape(v.args, v.attrs);
    if (!sameShape(shape, v.shape) || dtype !== v.dtype)
      throw new Error(`internal: ${showValue(v)} should be ${showShape(shape)} ${dtype}`);
  }
}

/**
 * Every index and local is in scope, every load and store has the rank of its value, and every value read has been written before. Outer
 * indices are independent of each other: what a kernel writes, and reads of that, it writes and reads at its own row.
 */
export function checkKernels(kernels: readonly Kernel[], given: ReadonlySet<Value>): void {
  const written = new Set(given);
  for (const kernel of kernels) {
    const locals = new Set<string>();
    for (const stage of kernel.stages) {
      const loops = stage.kind === "reduce" ? stage.over : stage.kind === "store" ? stage.loops : [];
      const indices = new Set([...kernel.outer, ...loops].map((loop) => loop.index));
      for (const x of expressionsOf(stage)) {
        checkExpr(kernel, x, indices, locals, written);
        checkRows(kernel, x);
      }
      if (stage.kind === "let") locals.add(stage.name);
      if (stage.kind === "reduce") for (const { name } of stage.accumulators) locals.add(name);
      if (stage.kind === "store") {
        if (stage.index.length !== stage.target.shape.length)
          throw new Error(`internal: ${kernel.name} stores ${showValue(stage.target)} at ${stage.index.length} indices`);
        for (const { index, extent } of kernel.outer)
          if (extent !== 1 && !stage.index.some((x) => x.kind === "index" && x.name === index))
            throw new Error(`internal: ${kernel.name}: rows ${index} write the same elements of ${showValue(stage.target)}`);
        written.add(stage.target);
      }
    }
  }
}

/** A kernel reads what it writes itself at the row that it is in. */
function checkRows(kernel: Kernel, x: Expr): void {
  const stores = kernel.stages.flatMap((stage) => (stage.kind === "store" ? [stage] : []));
  for (const y of loadsOf(x)) {
    const store = stores.find((s) => s.target === y.source);
    for (const { index, extent } of store ? kernel.outer : []) {
      const axis = store?.index.findIndex((i) => i.kind === "index" && i.name === index) ?? -1;
      const at = y.index[axis];
      if (extent !== 1 && !(at?.kind === "index" && at.name === index))
        throw new Error(`internal: ${kernel.name} reads ${showValue(y.source)} at another row than ${index}`);
    }
  }
}

function checkExpr(kernel: Kernel, x: Expr, indices: ReadonlySet<string>, locals: ReadonlySet<string>, written: ReadonlySet<Value>): void {
  const seen = new Set<Expr>();
  const refuse = (what: string): never => {
    throw new Error(`internal: kernel ${kernel.name}: ${what}`);
  };
  const go = (y: Expr): void => {
    if (seen.has(y)) return;
    seen.add(y);
    if (y.kind === "index" && !indices.has(y.name)) refuse(`index ${y.name} is not in scope`);
    if (y.kind === "local" && !locals.has(y.name)) refuse(`local ${y.name} is not in scope`);
    if (y.kind === "reduce") refuse("a reduction inside of an expression");
    if (y.kind === "load" && y.index.length !== y.source.shape.length) refuse(`loads ${showValue(y.source)} at ${y.index.length} indices`);
    if (y.kind === "load" && !written.has(y.source)) refuse(`reads ${showValue(y.source)} before it is written`);
    operandsOf(y).forEach(go);
  };
  go(x);
}
