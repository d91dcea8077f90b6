/** Indices, sizes and sums of them as text. */
import type { Dim, DType } from "../../dsl/types.ts";
import { sizeName } from "./names.ts";
import type { Text } from "./spell.ts";

/** The view of the arena that holds a dtype. */
export const viewOf = (dtype: DType): string => (dtype === "f32" || dtype === "f64" ? dtype : "i32");
const letters: Readonly<Record<string, string>> = { i0: "i", i1: "j", i2: "k", i3: "l", i4: "m", k0: "p", k1: "q", k2: "r", k3: "s" };
export const indexName = (name: string): string => {
  const [, index = name, copy = ""] = /^(\w\d+)(_\d+)$/.exec(name) ?? [];
  return (letters[index] ?? index) + copy;
};

export const dimText = (dim: Dim): Text => {
  if (typeof dim === "number") return { text: String(dim), binds: dim < 0 ? 7 : 9 };
  const text = dim
    .replace(/[A-Za-z_$][\w$.]*/g, sizeName)
    .replace(/(?<=.)([+-])/g, " $1 ")
    .replace(/\*/g, " * ");
  return { text, binds: /[+-]/.test(dim) ? 4 : dim.includes("*") ? 5 : 9 };
};
/** `x + -3` is `x - 3`. */
export const sumText = (terms: readonly Text[]): Text => {
  const [first, ...rest] = terms as [Text, ...Text[]];
  if (rest.length === 0) return first;
  return {
    text: rest.reduce((sum, { text }) => (text.startsWith("-") ? `${sum} - ${text.slice(1)}` : `${sum} + ${text}`), first.text),
    binds: 4,
  };
};
export const timesText = (factor: Text, stride: Dim): Text => {
  if (stride === 1) return factor;
  const by = dimText(stride);
  return { text: `${factor.binds > 5 ? factor.text : `(${factor.text})`} * ${by.binds > 5 ? by.text : `(${by.text})`}`, binds: 5 };
};
