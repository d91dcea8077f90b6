/** Programs as data: the part of TypeScript that generated programs are written in, and what it means when cotangent's own functions are called. */
import * as cotangent from "../../dsl/index.ts";
import type { Dim, DType, FloatDType } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";

export type Node =
  | { readonly kind: "name"; readonly name: string }
  | { readonly kind: "literal"; readonly value: number | string | null | boolean }
  | { readonly kind: "list"; readonly items: readonly Node[] }
  | { readonly kind: "record"; readonly fields: readonly (readonly [string, Node])[] }
  /** Of a function of cotangent, or of a helper of the program. */
  | { readonly kind: "call"; readonly fn: string; readonly args: readonly Node[] };

export type Statement =
  | { readonly kind: "const"; readonly name: string; readonly value: Node }
  /** `const [a, b] = [x, y];` */
  | { readonly kind: "pair"; readonly names: readonly [string, string]; readonly values: readonly [Node, Node] }
  /** `let h = start; for (let i = 0; i < times; i++) h = body;` */
  | { readonly kind: "loop"; readonly name: string; readonly start: Node; readonly times: number; readonly body: Node };

export interface Parameter {
  readonly name: string;
  readonly shape: readonly Dim[];
  readonly dtype: DType;
}
export interface Helper {
  readonly name: string;
  readonly params: readonly Parameter[];
  readonly body: Node;
}
/** `f(p, …inputs) → { … }`, where p is an object of weights; its sum as a scalar, `loss`; and the gradient of that, `step`. */
export interface Program {
  /** Of all floats. */
  readonly dtype: FloatDType;
  readonly weights: readonly Parameter[];
  readonly inputs: readonly Parameter[];
  readonly helpers: readonly Helper[];
  readonly body: readonly Statement[];
  /** Names of float tensors. */
  readonly results: readonly string[];
  /** What every name in a dim must at least be. */
  readonly leastSize: number;
}

export const name = (n: string): Node => ({ kind: "name", name: n });
export const literal = (value: number | string | null | boolean): Node => ({ kind: "literal", value });
export const list = (...items: readonly Node[]): Node => ({ kind: "list", items });
export const numbers = (...values: readonly number[]): Node => list(...values.map(literal));
export const record = (fields: Readonly<Record<string, Node>>): Node => ({ kind: "record", fields: Object.entries(fields) });
export const call = (fn: string, ...args: readonly (Node | number | string)[]): Node => ({
  kind: "call",
  fn,
  args: args.map((arg) => (typeof arg === "object" ? arg : literal(arg))),
});

type Scope = ReadonlyMap<string, unknown>;
type Fn = (...args: readonly unknown[]) => unknown;
const library = cotangent as unknown as Readonly<Record<string, Fn>>;

export function evaluate(node: Node, scope: Scope): unknown {
  switch (node.kind) {
    case "name":
      return scope.get(node.name);
    case "literal":
      return node.value;
    case "list":
      return node.items.map((item) => evaluate(item, scope));
    case "record":
      return Object.fromEntries(node.fields.map(([key, value]) => [key, evaluate(value, scope)]));
    case "call": {
      const args = node.args.map((arg) => evaluate(arg, scope));
      const helper = scope.get(node.fn) as Helper | undefined;
      return helper ? callHelper(helper, args) : (library[node.fn] as Fn)(...args);
    }
  }
}

const callHelper = ({ params, body }: Helper, args: readonly unknown[]): unknown =>
  evaluate(body, new Map(params.map((param, k) => [param.name, args[k]])));

/** Runs statements; the names they define are added to the scope. */
export function execute(statement: Statement, scope: Map<string, unknown>): void {
  switch (statement.kind) {
    case "const":
      scope.set(statement.name, evaluate(statement.value, scope));
      return;
    case "pair": {
      const values = statement.values.map((value) => evaluate(value, scope));
      for (const [k, n] of statement.names.entries()) scope.set(n, values[k]);
      return;
    }
    case "loop":
      scope.set(statement.name, evaluate(statement.start, scope));
      for (let i = 0; i < statement.times; i++) scope.set(statement.name, evaluate(statement.body, new Map([...scope, ["i", i]])));
  }
}

export type Tree = Readonly<Record<string, Value>>;
export interface Meaning {
  readonly f: (p: Tree, ...inputs: readonly Value[]) => Tree;
  readonly loss: (p: Tree, ...inputs: readonly Value[]) => Value;
  readonly step: (p: Tree, ...inputs: readonly Value[]) => { readonly value: Value; readonly grad: Tree };
}

/** What the exports of a program compute. */
export function meaningOf(program: Program): Meaning {
  const f = (p: Tree, ...inputs: readonly Value[]): Tree => {
    const scope = new Map<string, unknown>(program.helpers.map((helper) => [helper.name, helper]));
    for (const { name: n } of program.weights) scope.set(n, p[n]);
    for (const [k, { name: n }] of program.inputs.entries()) scope.set(n, inputs[k]);
    for (const statement of program.body) execute(statement, scope);
    return Object.fromEntries(program.results.map((n) => [n, scope.get(n) as Value]));
  };
  const loss = (p: Tree, ...inputs: readonly Value[]): Value => {
    const y = f(p, ...inputs);
    return program.results
      .map((n) => cotangent.mean(y[n] as never) as unknown as Value)
      .reduce((a, b) => cotangent.add(a as never, b as never) as never);
  };
  return { f, loss, step: cotangent.valueAndGrad(loss as never) as never };
}
