/** A program under construction: every name has a symbolic value, so that shapes and dtypes are what cotangent itself says they are. */
import { evaluateDim, namesOfDim } from "../../dsl/dim.ts";
import type { Dim, FloatDType } from "../../dsl/types.ts";
import { isValue, parameter, type Value } from "../../dsl/value.ts";
import {
  call,
  evaluate,
  execute,
  type Helper,
  literal,
  type Node,
  name,
  type Parameter,
  type Program,
  type Statement,
} from "./language.ts";
import { definedBy, namesIn } from "./print.ts";

/** The functions that a program may call where any of its kind will do. */
export interface Vocabulary {
  readonly unary: readonly ((x: Node) => Node)[];
  readonly binary: readonly ((x: Node, y: Node) => Node)[];
  readonly reductions: readonly string[];
  readonly pools: readonly string[];
}

export interface Variable {
  readonly name: string;
  readonly value: Value;
}

/** Choices, drawn beforehand: each takes the next number. */
export interface Picker {
  below(n: number): number;
  of<T>(items: readonly T[]): T;
  /** Rather an early one. */
  early<T>(items: readonly T[]): T;
}
export function picker(numbers: readonly number[]): Picker {
  let next = 0;
  const below = (n: number): number => (numbers[next++ % numbers.length] ?? 0) % n;
  return {
    below,
    of: (items) => items[below(items.length)] as never,
    early: (items) => items[Math.min(below(items.length), below(items.length))] as never,
  };
}

/** What a statement may be made of; nothing, where there is nothing that fits. */
export type Step = (b: Builder, pick: Picker) => Node | undefined;

export const some = (b: Builder, pick: Picker, fits?: (v: Value) => boolean): Variable | undefined => pick.early(b.floats(fits));
export const n = (x: Variable): Node => name(x.name);

/** No tensor has more elements, every size being 3. */
const MOST_ELEMENTS = 324;
const MOST_AXES = 4;

export class Builder {
  readonly dtype: FloatDType;
  readonly words: Vocabulary;
  readonly weights: readonly Parameter[];
  readonly inputs: readonly Parameter[];
  readonly helpers: Helper[] = [];
  readonly body: Statement[] = [];
  leastSize = 1;
  readonly #scope = new Map<string, unknown>();

  constructor(dtype: FloatDType, words: Vocabulary, weights: readonly Parameter[], inputs: readonly Parameter[]) {
    this.dtype = dtype;
    this.words = words;
    this.weights = weights;
    this.inputs = inputs;
    for (const { name: n, shape, dtype: d } of [...weights, ...inputs]) this.#scope.set(n, parameter(shape, d, n));
  }

  /** The newest first. */
  variables(fits: (v: Value) => boolean): Variable[] {
    const found: Variable[] = [];
    for (const [n, value] of this.#scope) if (isValue(value) && fits(value)) found.unshift({ name: n, value });
    return found;
  }
  floats(fits: (v: Value) => boolean = () => true): Variable[] {
    return this.variables((v) => v.dtype === this.dtype && fits(v));
  }
  integers(fits: (v: Value) => boolean = () => true): Variable[] {
    return this.variables((v) => v.dtype === "i32" && fits(v));
  }

  /** What the node would be, if cotangent takes it and it is not too big. */
  valueOf(node: Node, more: Iterable<readonly [string, unknown]> = []): Value | undefined {
    return fitting(() => evaluate(node, new Map([...this.#scope, ...more])));
  }
  fresh(): string {
    return `v${[...this.#scope.keys()].filter((n) => /^v\d/.test(n)).length}`;
  }
  /** Adds the statement, if cotangent takes it. */
  add(statement: Statement): boolean {
    const trial = new Map(this.#scope);
    const defined = definedBy(statement);
    const fits = defined.every((n) =>
      fitting(() => {
        execute(statement, trial);
        return trial.get(n);
      }),
    );
    if (!fits) return false;
    for (const n of defined) this.#scope.set(n, trial.get(n));
    this.body.push(statement);
    return true;
  }
  addHelper(helper: Helper): void {
    this.helpers.push(helper);
    this.#scope.set(helper.name, helper);
  }

  /** The program whose results are float variables that nothing reads, with what they need. */
  finish(): Program | undefined {
    const read = new Set(this.body.flatMap(namesIn));
    const results = this.floats((v) => v.op.kind !== "leaf")
      .map((v) => v.name)
      .filter((n) => !read.has(n))
      .slice(0, 4)
      .reverse();
    if (results.length === 0) return undefined;
    const needed = new Set(results);
    const body: Statement[] = [];
    for (const statement of this.body.toReversed()) {
      if (!definedBy(statement).some((n) => needed.has(n))) continue;
      body.unshift(statement.kind === "pair" ? pairOrOne(statement, needed) : statement);
      for (const n of namesIn(body[0] as Statement)) needed.add(n);
    }
    const text = JSON.stringify(body);
    const { dtype, weights, leastSize } = this;
    const helpers = this.helpers.filter((helper) => text.includes(`"fn":"${helper.name}"`));
    const inputs = this.inputs.filter((input) => needed.has(input.name));
    return { dtype, weights, inputs, helpers, body, results, leastSize };
  }
}

/** `const [a, b] = [x, y]` where only one of both is needed. */
function pairOrOne(pair: Statement & { kind: "pair" }, needed: ReadonlySet<string>): Statement {
  const k = pair.names.findIndex((n) => needed.has(n));
  return pair.names.every((n) => needed.has(n)) ? pair : { kind: "const", name: pair.names[k] as string, value: pair.values[k] as Node };
}

function fitting(make: () => unknown): Value | undefined {
  let value: unknown;
  try {
    value = make();
  } catch (error) {
    if (error instanceof Error && /^[a-zA-Z]\w*: /.test(error.message) && !error.message.startsWith("internal")) return undefined;
    throw error;
  }
  return isValue(value) && value.shape.length <= MOST_AXES && elements(value.shape) <= MOST_ELEMENTS ? value : undefined;
}
const elements = (shape: readonly Dim[]): number =>
  shape.reduce<number>((n, d) => n * evaluateDim(d, Object.fromEntries(namesOfDim(d).map((unknown) => [unknown, 3]))), 1);

/** The size of an axis as it is written: a number, or `dim(x, 0)`. */
export function sizeOf({ name: n, value }: Variable, axis: number): Node {
  const d = value.shape[axis] as Dim;
  return typeof d === "number" ? literal(d) : call("dim", name(n), axis);
}
export const sizesOf = (x: Variable): Node[] => x.value.shape.map((_, axis) => sizeOf(x, axis));
