/** Numbers and arrays as literals. */
import type { DType } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { type Argument, type Call, call, text } from "./write-call.ts";

/** A tensor whose elements are known. */
export function literal(v: Value): Call {
  const elements = [...(v.buffer ?? [])].map((x): Argument => (v.dtype === "bool" ? x !== 0 : shortest(x, v.dtype)));
  return call("tensor", elements, v.shape as readonly number[], v.dtype === "f32" ? undefined : text(v.dtype));
}

/** Of the decimals that are `x` once they are rounded to the dtype, the shortest: 0.1, not 0.10000000149011612. */
function shortest(x: number, dtype: DType): number {
  if (dtype !== "f32") return x;
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(x.toPrecision(digits));
    if (Object.is(Math.fround(short), x)) return short;
  }
  return x;
}

/** A number as the formatter likes it. */
export const numeral = (x: number): string => (Object.is(x, -0) ? "-0" : String(x).replace("e+", "e"));
