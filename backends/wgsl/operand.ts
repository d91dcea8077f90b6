/** An operand of a product on its way into workgroup memory: 4 rows, or columns, of 4 steps of the sum at a time. */
import { subDims } from "../../dsl/dim.ts";
import type { Loop } from "../../dsl/expr.ts";
import { int, plus } from "./arithmetic.ts";
import { type Code, code, level, within } from "./code.ts";
import { countOf, emitIndices } from "./loops.ts";
import type { Module } from "./module.ts";
import { fromWords } from "./operations.ts";
import { type Operand, termsOf } from "./product.ts";

/** Is it another one for each batch? */
export const goesByBatch = ({ address }: Operand, batches: readonly Loop[]): boolean => termsOf(address, batches).size > 0;

/** Declares the function that says where 4 rows, or columns, begin, from `first` on; those behind the last one begin where that does. */
export function emitBase(module: Module, operand: Operand, batches: readonly Loop[], what: "rows" | "columns"): string {
  const { source, address, across } = operand;
  const name = module.nameOf(operand.source);
  return module.function(`Where 4 ${what} of ${name} begin.`, `${what}_of_${name}`, "vec4<i32>", (w) => {
    if (goesByBatch(operand, batches)) emitIndices(w, batches, w.parameter("batch", "i32"));
    const first = w.parameter("first", "i32");
    const isOne = operand.wide === "across";
    const at = isOne ? first : w.lanesFrom(first);
    const last = w.sizes.size(subDims(countOf(across), isOne ? 4 : 1)).text;
    emitIndices(w, across, w.let("at", code(`min(${at.text}, ${isOne ? last : `vec4(${last})`})`, level.primary, !isOne)));
    const start = address.constant === 0 ? w.begin(source) : plus(w.begin(source), w.sizes.size(address.constant));
    const base = w.elements.along(w.elements.along(start, termsOf(address, batches)), termsOf(address, across));
    w.line(`return ${base.wide ? base.text : `vec4(${base.text})`};`);
  });
}

/**
 * Declares the function that reads 4 steps of 4 rows, or columns: a column of the result is a step. What is behind the last step is 0; nothing
 * is, where their number is a multiple of `multiple`.
 */
export function emitFetch(module: Module, operand: Operand, steps: readonly Loop[], multiple: number): string {
  const { address, wide: lies } = operand;
  const name = module.nameOf(operand.source);
  const how = lies === "steps" ? " It lies along the steps." : lies === "across" ? " It lies across them." : "";
  return module.function(`4 steps of ${name}.${how}`, `fetch_${name}`, "mat4x4<f32>", (w) => {
    const [base, step] = [w.parameter("base", "vec4<i32>"), w.parameter("step", "i32")];
    const count = countOf(steps);
    const end = within(w.sizes.size(count), level.sum);
    const isWhole = typeof count === "number" && count % multiple === 0;
    // Four steps are there, or none.
    const inFours = typeof count === "number" ? count % 4 === 0 : lies === "steps";
    if (!isWhole && inFours) w.block(`if (${step.text} >= ${end})`, () => w.line("return mat4x4<f32>();"));
    emitIndices(w, steps, lies === "steps" ? step : w.let("steps", w.lanesFrom(step)));
    const from = lies === "steps" ? { ...base, wide: true } : lies === "across" ? code(`${base.text}.x`) : int(0);
    const at = w.named("at", w.elements.along(from, termsOf(address, steps)));
    const read = (word: Code): string => fromWords("f32", module.word, word).text;
    const columns = [..."xyzw"].map((axis, k) => {
      const place = code(at.wide ? `${at.text}.${axis}` : at.text);
      const rows = (): string[] => [..."xyzw"].map((row) => read(w.elements.one(plus(code(`${base.text}.${row}`), place))));
      const column = lies ? read(w.elements.vector(place)) : `vec4(${rows().join(", ")})`;
      return isWhole || inFours ? column : `select(vec4(0.0), ${column}, ${plus(step, int(k)).text} < ${end})`;
    });
    const matrix = columns.map((column) => `  ${column},`);
    if (lies === "steps") w.line("return transpose(mat4x4(", ...matrix, "));");
    else w.line("return mat4x4(", ...matrix, ");");
  });
}
