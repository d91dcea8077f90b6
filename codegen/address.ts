/** Where an element lies: a row-major offset as a sum of index · stride, so that what does not change in a loop can be added up before it. */
import { addDims, mulDims, sizeOf, subDims } from "../dsl/dim.ts";
import { divInt, type Expr } from "../dsl/expr.ts";
import type { Dim } from "../dsl/types.ts";
import type { Value } from "../dsl/value.ts";
import { keyOf } from "./inline.ts";

export interface Address {
  readonly constant: Dim;
  /** index variable → stride */
  readonly terms: ReadonlyMap<string, Dim>;
  /** What is not a multiple of an index: an index that was loaded, a quotient, a remainder. */
  readonly others: readonly { readonly expr: Expr; readonly stride: Dim }[];
}

/** An index variable as it is. */
const itself = (name: string): Address => ({ constant: 0, terms: new Map([[name, 1]]), others: [] });

/** The offset of `v[index…]` from where `v` begins, in elements; `variable` says what an index variable stands for. */
export function addressOf(v: Value, index: readonly Expr[], variable: (name: string) => Address = itself): Address {
  let total: Address = { constant: 0, terms: new Map(), others: [] };
  for (const [axis, i] of index.entries()) total = plus(total, scaled(decompose(i, variable), sizeOf(v.shape.slice(axis + 1))), 1);
  return rejoined(total, variable);
}

/** (x / n) · n + x % n = x: what a reshape takes apart is whole again in the address. */
function rejoined(total: Address, variable: (name: string) => Address): Address {
  for (const rest of total.others) {
    if (rest.expr.kind !== "call" || rest.expr.fn !== "remInt") continue;
    const [x, n] = rest.expr.args as [Expr, Expr];
    if (n.kind !== "const" && n.kind !== "size") continue;
    const whole = mulDims(rest.stride, n.kind === "const" ? n.value : n.dim);
    const quotient = total.others.find(({ expr, stride }) => stride === whole && keyOf(expr) === keyOf(divInt(x, n)));
    if (!quotient) continue;
    const others = total.others.filter((other) => other !== rest && other !== quotient);
    return rejoined(plus({ ...total, others }, scaled(decompose(x, variable), rest.stride), 1), variable);
  }
  return total;
}

function decompose(x: Expr, variable: (name: string) => Address): Address {
  switch (x.kind) {
    case "const":
      return { constant: x.value, terms: new Map(), others: [] };
    case "size":
      return { constant: x.dim, terms: new Map(), others: [] };
    case "index":
      return variable(x.name);
    case "call": {
      const [a, b] = x.args.map((arg) => decompose(arg, variable)) as [Address, Address];
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
