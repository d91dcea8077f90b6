/** Types as the user would write them: `Tensor<["B", 784]>`, trees of such, and an alias for a tree that is written more than once. */
import { leavesOf } from "../../dsl/tree.ts";
import type { Dim } from "../../dsl/types.ts";
import { isTensor, isValue, type Value } from "../../dsl/value.ts";
import { isOpen } from "../graph.ts";
import { type Doc, flat, list, recordType } from "./write-layout.ts";
import { identifier, isIdentifier, type Names } from "./write-names.ts";

/** A size that the user's type leaves open stays open. */
const typeOfDim = (d: Dim): string => (isOpen(d) ? "number" : JSON.stringify(d));

export function typeOfValue(v: Value): string {
  if (v.op.kind === "leaf" && v.attrs.number === true) return "number";
  const shape = `[${v.shape.map(typeOfDim).join(", ")}]`;
  return v.dtype === "f32" ? `Tensor<${shape}>` : `Tensor<${shape}, "${v.dtype}">`;
}

export const typeOfSize = (d: Dim): string => `DimValue<${typeOfDim(d)}>`;

export const key = (name: string): string => (isIdentifier(name) ? name : JSON.stringify(name));

export interface Types {
  readonly aliases: readonly { readonly name: string; readonly type: Doc }[];
  of(tree: unknown): Doc;
}

const isTree = (x: unknown): x is Record<string, unknown> | readonly unknown[] => typeof x === "object" && x !== null && !isTensor(x);
const entriesOf = (tree: object): [string, unknown][] => Object.entries(tree);

/** A tree of a module: a parameter, or a result, whose own type is never worth a name. */
interface Place {
  readonly name: string;
  /** The function that it belongs to. */
  readonly of: string;
  readonly tree: unknown;
  readonly result: boolean;
}

/** Types over all trees of a module. A tree of several tensors that stands in two places has an alias, named after where it stands first. */
export function typesOf(trees: readonly Place[], names: Names): Types {
  const places = new Map<string, number>();
  const found: { readonly name: string; readonly of: string; readonly text: string; readonly tree: object }[] = [];
  const visit = (tree: unknown, name: string, of: string): void => {
    if (!isTree(tree)) return;
    const text = flat(spelled(tree, new Map()));
    const count = places.get(text) ?? 0;
    places.set(text, count + 1);
    if (count > 0) return;
    for (const [k, item] of entriesOf(tree)) visit(item, Array.isArray(tree) ? name : k, of);
    found.push({ name, of, text, tree });
  };
  for (const { name, of, tree, result } of trees)
    for (const [k, item] of result && isTree(tree) ? entriesOf(tree) : [[name, tree] as const]) visit(item, k, of);

  const aliasOf = new Map<string, string>();
  const aliases = found
    .filter(({ text, tree }) => (places.get(text) ?? 0) > 1 && leavesOf(tree).length > 1)
    .map(({ name, of, text, tree }) => {
      const type = spelled(tree, aliasOf);
      const short = capitalised(identifier(name));
      const alias = names.free(short) ? names.claim(short) : names.claim(capitalised(of) + short);
      aliasOf.set(text, alias);
      return { name: alias, type };
    });
  return {
    aliases,
    of: (tree) => (isTree(tree) ? (aliasOf.get(flat(spelled(tree, new Map()))) ?? spelled(tree, aliasOf)) : leafType(tree)),
  };
}

function spelled(tree: object, aliases: ReadonlyMap<string, string>): Doc {
  const within = (item: unknown): Doc =>
    isTree(item) ? (aliases.size > 0 && aliases.get(flat(spelled(item, new Map())))) || spelled(item, aliases) : leafType(item);
  if (Array.isArray(tree)) return list(tree.map(within));
  const entries = entriesOf(tree);
  return entries.length === 0 ? "object" : recordType(entries.map(([k, item]) => [`${key(k)}: `, within(item)]));
}
const leafType = (leaf: unknown): string => (isValue(leaf) ? typeOfValue(leaf) : "null");
const capitalised = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);
