/**
 * The walk by which a simple backend spells an expression, in the order in which its code runs: a target says how it writes each node, and
 * what is computed once, and where, is decided here. Loops have a walk of their own, which names nodes by keys and tiles (`backends/loops/writer.ts`).
 */
import { sizeOf } from "../dsl/dim.ts";
import { addInt, type Expr, int, mulInt, operandsOf, size } from "../dsl/expr.ts";

export type ExprOf<K extends Expr["kind"]> = Extract<Expr, { readonly kind: K }>;
/** Spells an operand where the node around it stands. */
export type Spell<T> = (x: Expr) => T;

/** How a target writes expressions; a `T` is code that has a value, each used once. A row gets its node, and the code of its operands. */
export interface ExprSpeller<T> {
  const(x: ExprOf<"const">): T;
  size(x: ExprOf<"size">): T;
  index(x: ExprOf<"index">): T;
  local(x: ExprOf<"local">): T;
  /** Addresses are the target's: `spell(placeOf(x))` is the simplest. */
  load(x: ExprOf<"load">, spell: Spell<T>): T;
  call(x: ExprOf<"call">, args: readonly T[]): T;
  /** A branch is spelled when it is asked for: what it computes must run in that branch alone. */
  select(x: ExprOf<"select">, test: T, then: () => T, otherwise: () => T): T;
  /** Computes `code` here, since `x` occurs again; what reads it. */
  keep(x: Expr, code: T): () => T;
}

/** An expression's code. A node that occurs more than once is computed where it is met first, and again in the other branch of a `select`. */
export function spellExpr<T>(root: Expr, to: ExprSpeller<T>): T {
  const shared = sharedNodes(root);
  const spellIn = (known: Map<Expr, () => T>): Spell<T> => {
    const spell: Spell<T> = (x) => {
      const kept = known.get(x);
      if (kept) return kept();
      const code = write(x);
      if (!shared.has(x)) return code;
      const read = to.keep(x, code);
      known.set(x, read);
      return read();
    };
    const branch = (x: Expr) => (): T => spellIn(new Map(known))(x);
    const write: Spell<T> = (x) => {
      switch (x.kind) {
        case "const":
          return to.const(x);
        case "size":
          return to.size(x);
        case "index":
          return to.index(x);
        case "local":
          return to.local(x);
        case "load":
          return to.load(x, spell);
        case "call":
          return to.call(x, x.args.map(spell));
        case "select":
          return to.select(x, spell(x.test), branch(x.then), branch(x.else));
        case "reduce":
          throw new Error("internal: a reduction inside of an expression");
      }
    };
    return spell;
  };
  return spellIn(new Map())(root);
}

/** The row-major place of an element within its value, counted in elements. */
export const placeOf = ({ source, index }: ExprOf<"load">): Expr =>
  index.reduce<Expr>((sum, i, axis) => addInt(sum, mulInt(i, size(sizeOf(source.shape.slice(axis + 1))))), int(0));

/** Nodes with operands that occur more than once under `root`: spelled as a tree, a threefry would have 2²⁰ of them. */
function sharedNodes(root: Expr): ReadonlySet<Expr> {
  const seen = new Set<Expr>();
  const shared = new Set<Expr>();
  const go = (x: Expr): void => {
    if (seen.has(x)) {
      if (operandsOf(x).length > 0) shared.add(x);
      return;
    }
    seen.add(x);
    operandsOf(x).forEach(go);
  };
  go(root);
  return shared;
}
