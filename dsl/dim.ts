/**
 * Value-level dims: numbers, or canonical strings of integer polynomials over names. Equal dims are `===`.
 *
 * Canonical form: monomials `coefficient*a*b` with names sorted and a coefficient of 1 omitted; monomials sorted by their names, the
 * constant last; joined by `+` and `-`. `dsl/shape/dim.ts` keeps the same form at the type level.
 */
import type { Dim } from "./types.ts";

/** names joined by `*` (`""` for the constant) → coefficient, never 0 */
type Polynomial = ReadonlyMap<string, number>;

const parsed = new Map<string, Polynomial>();

/** The canonical form of a dim that a person wrote: `"T*B"` is `"B*T"`, `"1+T"` is `"T+1"`. Throws on anything else than sums of products. */
export function canonicalDim(dim: Dim): Dim {
  return print(parse(dim));
}

export function addDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a + b;
  return print(combine(parse(a), parse(b), 1));
}

export function subDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a - b;
  return print(combine(parse(a), parse(b), -1));
}

export function mulDims(a: Dim, b: Dim): Dim {
  if (typeof a === "number" && typeof b === "number") return a * b;
  const out = new Map<string, number>();
  for (const [x, m] of parse(a)) for (const [y, n] of parse(b)) accumulate(out, joinNames(x, y), m * n);
  return print(out);
}

/** The exact quotient a / b where b is a number or a monomial (or a itself), else undefined. */
export function divDims(a: Dim, b: Dim): Dim | undefined {
  if (a === b) return b === 0 ? undefined : 1;
  const divisor = [...parse(b)];
  const [term] = divisor;
  if (!term || divisor.length > 1) return undefined;
  const out = new Map<string, number>();
  for (const [names, coefficient] of parse(a)) {
    const rest = removeNames(names, term[0]);
    if (rest === undefined || coefficient % term[1] !== 0) return undefined;
    accumulate(out, rest, coefficient / term[1]);
  }
  return print(out);
}

/** ⌊a / n⌋ where that is a dim: n > 0 divides all of it but the constant, which is rounded; else undefined. `divide` gives exact quotients. */
export function floorDivDims(a: Dim, n: number, divide = divDims): Dim | undefined {
  const constant = parse(a).get("") ?? 0;
  const exact = divide(subDims(a, constant), n);
  return exact === undefined ? undefined : addDims(exact, Math.floor(constant / n));
}

/** The number of elements of a shape. */
export function sizeOf(shape: readonly Dim[]): Dim {
  return shape.reduce<Dim>(mulDims, 1);
}

/** The names a dim mentions, sorted. */
export function namesOfDim(dim: Dim): string[] {
  return typeof dim === "number" ? [] : [...new Set([...parse(dim).keys()].flatMap(factorsOf))].sort();
}

/** The monomials of a dim: a coefficient, and the names that it is multiplied by. */
export function termsOfDim(dim: Dim): { readonly coefficient: number; readonly names: readonly string[] }[] {
  return [...parse(dim)].map(([names, coefficient]) => ({ coefficient, names: names === "" ? [] : names.split("*") }));
}

/** The value of a dim where each name has the value that `env` gives it. Throws on a name without one. */
export function evaluateDim(dim: Dim, env: Readonly<Record<string, number>>): number {
  if (typeof dim === "number") return dim;
  let total = 0;
  for (const [names, coefficient] of parse(dim)) {
    let product = coefficient;
    for (const name of factorsOf(names)) {
      const value = env[name];
      if (value === undefined) throw new Error(`internal: dim ${dim} mentions ${name}, which has no value`);
      product *= value;
    }
    total += product;
  }
  return total;
}

/** `dim` with names replaced by what `env` has for them. */
export function substituteDim(dim: Dim, env: ReadonlyMap<string, Dim>): Dim {
  if (!namesOfDim(dim).some((name) => env.has(name))) return dim;
  let total: Dim = 0;
  for (const [names, coefficient] of parse(dim))
    total = addDims(
      total,
      factorsOf(names).reduce<Dim>((product, name) => mulDims(product, env.get(name) ?? name), coefficient),
    );
  return total;
}

/** What `name` has to be for `a` to equal `b`, whatever the other names stand for; undefined if that is no size. */
export function solveDim(a: Dim, b: Dim, name: string): Dim | undefined {
  const factor = new Map<string, number>();
  const rest = new Map<string, number>();
  for (const [names, coefficient] of parse(subDims(a, b))) {
    const others = removeNames(names, name);
    if (others === undefined) rest.set(names, -coefficient);
    else if (factorsOf(others).includes(name)) return undefined;
    else factor.set(others, coefficient);
  }
  const solution = divDims(print(rest), print(factor));
  if (typeof solution === "number") return solution >= 0 ? solution : undefined;
  return solution !== undefined && upperBound(solution) !== 0 ? solution : undefined;
}

/** A dim that is never less, whatever the names stand for: what is subtracted is left out. */
export function upperBound(dim: Dim): Dim {
  return typeof dim === "number" ? dim : print(new Map([...parse(dim)].filter(([, coefficient]) => coefficient > 0)));
}

/** `2*B+1` as 2 · B + 1; undefined unless it is one name, to the first power. */
export function linearIn(dim: Dim): { readonly name: string; readonly coefficient: number; readonly constant: number } | undefined {
  const terms = [...parse(dim)].filter(([names]) => names !== "");
  const [term] = terms;
  if (!term || terms.length > 1 || term[0].includes("*") || term[1] < 0) return undefined;
  return { name: term[0], coefficient: term[1], constant: parse(dim).get("") ?? 0 };
}

export function showShape(shape: readonly Dim[]): string {
  return `[${shape.join(", ")}]`;
}

export function sameShape(a: readonly Dim[], b: readonly Dim[]): boolean {
  return a.length === b.length && a.every((d, i) => d === b[i]);
}

function parse(dim: Dim): Polynomial {
  if (typeof dim === "number") return dim === 0 ? new Map() : new Map([["", dim]]);
  let known = parsed.get(dim);
  if (!known) parsed.set(dim, (known = parseText(dim)));
  return known;
}

function parseText(text: string): Polynomial {
  const out = new Map<string, number>();
  const terms = /^[+-]?[^+-]+([+-][^+-]+)*$/.test(text) ? text.replace(/\s/g, "").match(/[+-]?[^+-]+/g) : null;
  if (!terms) throw new Error(`dim: "${text}" is not a sum of products`);
  for (const term of terms) {
    let coefficient = term.startsWith("-") ? -1 : 1;
    const names: string[] = [];
    for (const factor of term.replace(/^[+-]/, "").split("*")) {
      if (/^\d+$/.test(factor)) coefficient *= Number(factor);
      else if (/^[A-Za-z_$][\w$.]*$/.test(factor)) names.push(factor);
      else throw new Error(`dim: "${text}" is not a sum of products: "${factor}" is neither a name nor a whole number`);
    }
    accumulate(out, names.sort().join("*"), coefficient);
  }
  return out;
}

function print(polynomial: Polynomial): Dim {
  const terms = [...polynomial].sort(([a], [b]) => (a === "" ? 1 : b === "" ? -1 : a < b ? -1 : 1));
  if (terms.length === 0) return 0;
  if (terms.length === 1 && terms[0]?.[0] === "") return terms[0][1];
  let text = "";
  for (const [names, coefficient] of terms) {
    const size = Math.abs(coefficient);
    const body = names === "" ? `${size}` : size === 1 ? names : `${size}*${names}`;
    text += coefficient < 0 ? `-${body}` : text === "" ? body : `+${body}`;
  }
  parsed.set(text, polynomial);
  return text;
}

function combine(a: Polynomial, b: Polynomial, sign: 1 | -1): Polynomial {
  const out = new Map(a);
  for (const [names, coefficient] of b) accumulate(out, names, sign * coefficient);
  return out;
}

function accumulate(out: Map<string, number>, names: string, coefficient: number): void {
  const sum = (out.get(names) ?? 0) + coefficient;
  if (sum === 0) out.delete(names);
  else out.set(names, sum);
}

const factorsOf = (names: string): string[] => (names === "" ? [] : names.split("*"));

function joinNames(a: string, b: string): string {
  return a === "" ? b : b === "" ? a : [...a.split("*"), ...b.split("*")].sort().join("*");
}

function removeNames(names: string, gone: string): string | undefined {
  if (gone === "") return names;
  const left = names.split("*");
  for (const name of gone.split("*")) {
    const at = left.indexOf(name);
    if (at < 0) return undefined;
    left.splice(at, 1);
  }
  return left.join("*");
}
