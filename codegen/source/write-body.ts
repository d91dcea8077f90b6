/** A plan in words: every value has a name or an expression, every statement a line. */
import { isTensor, isValue, nameOf, type Value } from "../../dsl/value.ts";
import type { Graph } from "../graph.ts";
import { type Argument, type Call, isCall, isList, nodesOf } from "./write-call.ts";
import { args, type Doc, flat, list, numbers, record } from "./write-layout.ts";
import { numeral } from "./write-literal.ts";
import { identifier, isIdentifier, namesBeside } from "./write-names.ts";
import type { Spelled } from "./write-plan.ts";
import { key, typeOfSize, typeOfValue } from "./write-types.ts";

export interface Body {
  readonly params: readonly string[];
  /** `const B: DimValue<"B"> = dim(x, 0);` */
  readonly sizes: readonly Statement[];
  readonly statements: readonly Statement[];
  readonly result: { readonly doc: Doc; readonly mentions: ReadonlySet<string> };
}
export interface Statement {
  readonly name: string;
  readonly type: string;
  readonly expression: Doc;
  /** Names of other statements, sizes and parameters in it. */
  readonly mentions: ReadonlySet<string>;
  readonly value: Value | undefined;
  /** The longest expression inside of it that could be a statement of its own. */
  readonly longest: Value | undefined;
}

/** The package's functions that a graph needs. */
export function importsOf({ calls, sizes }: Spelled): Set<string> {
  const names = new Set<string>();
  for (const call of [...sizes.values(), ...calls.values()]) for (const x of nodesOf(call)) if (isCall(x)) names.add(x.fn);
  return names;
}

/** `taken`: names that mean something else in the module. */
export function bodyOf(graph: Graph, { result, calls, sizes }: Spelled, statements: readonly Value[], taken: Iterable<string>): Body {
  const names = namesBeside(taken);
  const params = graph.params.map(({ name }) => names.claim(name));
  const sizeNames = new Map([...sizes.keys()].map((dim) => [dim, names.claim(dim)]));
  const texts = new Map(graph.params.flatMap(({ tree }, i) => [...accesses(tree, params[i] as string)]));

  // The user's names first, then what the result calls them, then numbers.
  for (const v of statements) if (nameOf(v) !== undefined) texts.set(v, names.claim(nameOf(v) as string));
  const unnamed = new Set(statements.filter((v) => !texts.has(v)));
  for (const [path, v] of pathsOf(result))
    if (unnamed.delete(v)) texts.set(v, path === "" ? names.number("result") : names.claim(identifier(path)));
  for (const v of unnamed) texts.set(v, names.number((calls.get(v) as Call).fn));

  const mentions = new Set<string>();
  const named = (text: string): string => {
    mentions.add(/^[^.[]+/.exec(text)?.[0] ?? text);
    return text;
  };
  const docOf = (x: Argument): Doc => {
    if (typeof x === "number") return numeral(x);
    if (typeof x !== "object" || x === null) return String(x);
    if (isList(x)) return (x.length > 8 ? numbers : list)(x.map(docOf));
    if (isValue(x)) return texts.has(x) ? named(texts.get(x) as string) : docOf(calls.get(x) as Call);
    switch (x.kind) {
      case "call":
        return [x.fn, args(x.args.map(docOf))];
      case "options":
        return record(Object.entries(x.entries).map(([k, value]) => [`${k}: `, docOf(value)]));
      case "size":
        return named(sizeNames.get(x.dim) as string);
      case "text":
        return JSON.stringify(x.text);
    }
  };
  const statement = (name: string, type: string, call: Call, value?: Value): Statement => {
    mentions.clear();
    const expression = docOf(call);
    const inside = [...nodesOf(call)].filter((x): x is Value => isValue(x) && !texts.has(x));
    const [longest] = inside.sort((a, b) => flat(docOf(b)).length - flat(docOf(a)).length);
    return { name, type, expression, mentions: new Set(mentions), value, longest };
  };
  const resultOf = (): Body["result"] => {
    mentions.clear();
    const doc = treeOf(result, docOf);
    return { doc, mentions: new Set(mentions) };
  };
  return {
    params,
    sizes: [...sizes].map(([dim, call]) => statement(sizeNames.get(dim) as string, typeOfSize(dim), call)),
    statements: statements.map((v) => statement(texts.get(v) as string, typeOfValue(v), calls.get(v) as Call, v)),
    result: resultOf(),
  };
}

export const lineOf = ({ name, type, expression }: Statement): Doc => [`const ${name}: ${type} = `, expression, ";"];

/** The leaves of a parameter and how each is reached: `p.hidden.w`. */
function* accesses(tree: unknown, at: string): Generator<[Value, string]> {
  if (isValue(tree)) yield [tree, at];
  else if (Array.isArray(tree)) for (const [i, item] of tree.entries()) yield* accesses(item, `${at}[${i}]`);
  else if (typeof tree === "object" && tree !== null)
    for (const [k, item] of Object.entries(tree)) yield* accesses(item, isIdentifier(k) ? `${at}.${k}` : `${at}[${JSON.stringify(k)}]`);
}

/** The leaves of a result and the keys that lead to each: `grad_hidden_w`. Places in a tuple say nothing. */
function* pathsOf(tree: unknown, path = ""): Generator<[string, Value]> {
  if (isTensor(tree)) yield [path, tree as Value];
  else if (typeof tree === "object" && tree !== null)
    for (const [k, item] of Object.entries(tree)) yield* pathsOf(item, Array.isArray(tree) ? path : path === "" ? k : `${path}_${k}`);
}

function treeOf(tree: unknown, docOf: (x: Argument) => Doc): Doc {
  if (isValue(tree)) return docOf(tree);
  if (Array.isArray(tree)) return list(tree.map((item) => treeOf(item, docOf)));
  if (typeof tree !== "object" || tree === null) return String(tree);
  return record(
    Object.entries(tree).map(([k, item]) => {
      const doc = treeOf(item, docOf);
      return doc === k ? k : [`${key(k)}: `, doc];
    }),
  );
}
