/** Where an element lies: a row-major offset as a sum of index · stride, so that what does not change in a loop can be added up before it. */
import { addDims, mulDims, sizeOf, subDims } from "../../dsl/dim.ts";
import type { Expr } from "../../dsl/expr.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import type { Copy } from "./tile.ts";

export interface Address {
  readonly constant: Dim;
  /** index variable → stride */
  readonly terms: ReadonlyMap<string, Dim>;
  /** What is not a multiple of an index: an index that was loaded, a quotient, a remainder. */
  readonly others: readonly { readonly expr: Expr; readonly stride: Dim }[];
}

/** The offset of `v[index…]` from where `v` begins, in one copy of a tile. Of the indices in `clamped` each copy has a variable of its own. */
export function addressOf(v: Value, index: readonly Expr[], copy: Copy, clamped: ReadonlySet<string>): Address {
  const shift = (name: string): Address => {
    const by = copy.get(name) ?? 0;
    if (by > 0 && clamped.has(name)) return { constant: 0, terms: new Map([[inCopy(name, by), 1]]), others: [] };
    return { constant: by, terms: new Map([[name, 1]]), others: [] };
  };
  let total: Address = { constant: 0, terms: new Map(), others: [] };
  for (const [axis, i] of index.entries()) total = plus(total, scaled(decompose(i, shift), sizeOf(v.shape.slice(axis + 1))), 1);
  return total;
}

/** The index variable of one copy. */
export const inCopy = (index: string, by: number): string => `${index}_${by}`;

function decompose(x: Expr, shift: (name: string) => Address): Address {
  switch (x.kind) {
    case "const":
      return { constant: x.value, terms: new Map(), others: [] };
    case "size":
      return { constant: x.dim, terms: new Map(), others: [] };
    case "index":
      return shift(x.name);
    case "call": {
      const [a, b] = x.args.map((arg) => decompose(arg, shift)) as [Address, Address];
      if (x.fn === "addInt") return plus(a, b, 1);
      if (x.fn === "subInt") return plus(a, b, -1);
      if (x.fn === "mulInt" && isConstant(a)) return scaled(b, a.constant);
      if (x.fn === "mulInt" && isConstant(b)) return scaled(a, b.constant);
    }
  }
  return { constant: 0, terms: new Map(), others: [{ expr: x, stride: 1 }] };
}

const isConstant = (a: Address): boolean => a.terms.size === 0 && a.others.length === 0;

function plus(a: Address, b: Address, sign: 1 | -1): Address {
  const terms = new Map(a.terms);
  for (const [name, stride] of b.terms) {
    const sum = addDims(terms.get(name) ?? 0, mulDims(stride, sign));
    if (sum === 0) terms.delete(name);
    else terms.set(name, sum);
  }
  const others = [...a.others, ...b.others.map((o) => ({ ...o, stride: mulDims(o.stride, sign) }))];
  return { constant: sign === 1 ? addDims(a.constant, b.constant) : subDims(a.constant, b.constant), terms, others };
}

function scaled(a: Address, by: Dim): Address {
  if (by === 0) return { constant: 0, terms: new Map(), others: [] };
  return {
    constant: mulDims(a.constant, by),
    terms: new Map([...a.terms].map(([name, stride]) => [name, mulDims(stride, by)])),
    others: a.others.map((o) => ({ ...o, stride: mulDims(o.stride, by) })),
  };
}
