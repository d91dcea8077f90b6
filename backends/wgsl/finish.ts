/** What becomes of the sums of a product: the kernel's other stages, as a function. */
import type { Loop } from "../../dsl/expr.ts";
import type { Code } from "./code.ts";
import { countOf, emitIndices, isBehind } from "./loops.ts";
import type { Module } from "./module.ts";
import type { Product } from "./product.ts";
import { emitStages } from "./stages.ts";
import type { Writer } from "./writer.ts";

/** Declares the function of four neighbouring sums of a row, whatever of them is there; its name. */
export function emitFinish(module: Module, product: Product): string {
  const one = emitOne(module, product);
  if (module.wide) return one;
  return module.function("And of four.", "finish_four", "", (w) => {
    const { batch, row, column } = placeOf(w, product);
    const sums = w.parameter("sums", "vec4<f32>").text;
    const j = w.names.fresh("j");
    const list = [...batch, row].map(({ text }) => text);
    w.block(`for (var ${j} = 0; ${j} < 4; ${j}++)`, () =>
      w.line(`${one}(${[...list, `${column.text} + ${j}`, `${sums}[${j}]`].join(", ")});`),
    );
  });
}

/** Of one sum; of four, where memory is seen so. */
function emitOne(module: Module, product: Product): string {
  const { batches, rows, columns, rest, sum } = product;
  return module.function(module.wide ? "What becomes of four sums of a row." : "What becomes of a sum.", "finish", "", (w) => {
    const { batch, row, column } = placeOf(w, product);
    w.bind(sum, { ...w.parameter(sum, module.wide ? "vec4<f32>" : "f32"), wide: module.wide });
    const isOutside = [isBehind(row, w.sizes.size(countOf(rows))), isBehind(column, w.sizes.size(countOf(columns)))];
    w.block(`if (${isOutside.join(" || ")})`, () => w.line("return;"));
    for (const number of batch) emitIndices(w, batches, number);
    emitIndices(w, rows, row);
    emitIndices(w, columns, column);
    if (module.wide) w.four((columns.at(-1) as Loop).index, () => emitStages(w, rest));
    else emitStages(w, rest);
  });
}

/** The parameters that say where a sum is. */
const placeOf = (w: Writer, { batches }: Product): { readonly batch: readonly Code[]; readonly row: Code; readonly column: Code } => ({
  batch: batches.length > 0 ? [w.parameter("batch", "i32")] : [],
  row: w.parameter("row", "i32"),
  column: w.parameter("column", "i32"),
});
