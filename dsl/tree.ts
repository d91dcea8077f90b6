/** Trees of objects and tuples whose leaves are tensors (or numbers): parameters, carries, results. */
import { isTensor } from "./value.ts";

export interface Leaf<T> {
  /** `hidden.w`, `[0].b`; the empty string for a tree that is a leaf itself. */
  readonly path: string;
  readonly value: T;
}

const isBranch = (x: unknown): x is Record<string, unknown> | readonly unknown[] =>
  typeof x === "object" && x !== null && !isTensor(x) && (Array.isArray(x) || isPlain(x));
const isPlain = (x: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(x));

/** Leaves in declaration order. */
export function leavesOf(tree: unknown, path = ""): Leaf<unknown>[] {
  if (!isBranch(tree)) return [{ path, value: tree }];
  if (Array.isArray(tree)) return tree.flatMap((item, i) => leavesOf(item, `${path}[${i}]`));
  return Object.entries(tree).flatMap(([key, item]) => leavesOf(item, path === "" ? key : `${path}.${key}`));
}

/** The same tree with `f` of each leaf; further trees of the same structure are walked alongside. */
export function mapTree(f: (leaf: unknown, ...rest: unknown[]) => unknown, tree: unknown, ...rest: unknown[]): unknown {
  if (!isBranch(tree)) return f(tree, ...rest);
  if (Array.isArray(tree)) return tree.map((item, i) => mapTree(f, item, ...rest.map((r) => (r as unknown[])[i])));
  return Object.fromEntries(
    Object.entries(tree).map(([key, item]) => [key, mapTree(f, item, ...rest.map((r) => (r as Record<string, unknown>)[key]))]),
  );
}
