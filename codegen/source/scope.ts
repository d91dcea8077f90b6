/** Where names live while source is read, and what one reading keeps. */
import type { ts } from "ts-morph";
import { messages } from "./diagnostic.ts";
import type { OpenSizes } from "./open.ts";
import { refuse } from "./place.ts";
import type { Loaded } from "./project.ts";

export type Fn = (...args: readonly unknown[]) => unknown;

export interface Closure {
  readonly node: FunctionNode;
  readonly scope: Scope;
}
export type FunctionNode = ts.ArrowFunction | ts.FunctionExpression | ts.FunctionDeclaration | ts.MethodDeclaration;

/** One call of a user's function, or a module: what owns the objects that are made in it. */
export interface Activation {
  readonly kind: "module" | "function";
  /** Counts up: what is younger was made later. */
  readonly age: number;
}

export interface Binding {
  value: unknown;
  state: "waiting" | "making" | "ready";
  /** Fills in `value`, for what a module defines: on first use. */
  readonly make?: () => void;
}

export interface Scope {
  readonly reading: Reading;
  readonly parent: Scope | undefined;
  readonly activation: Activation;
  readonly bindings: Map<string, Binding>;
}

/** A function whose derivative is being read: what it takes from outside of itself becomes a parameter. */
export interface Frame {
  /** Activations older than this are outside. */
  readonly age: number;
  readonly capture: (binding: Binding, name: string) => unknown;
}

interface RunningLoop {
  readonly node: ts.Node;
  count: number;
}

export interface Reading extends Loaded {
  /** Steps left. */
  budget: number;
  readonly steps: number;
  /** The user's calls that are under way. */
  depth: number;
  /** The innermost of them, and the function it stands in. */
  site: ts.Node;
  activation: Activation | undefined;
  ages: number;
  readonly loops: RunningLoop[];
  frame: Frame | undefined;
  /** The sizes that types leave open, of the function that is being read. */
  open: OpenSizes | undefined;
  readonly closures: WeakMap<object, Closure>;
  /** The function that a model was made of; any other as it is. */
  readonly written: (f: unknown) => unknown;
  readonly owners: WeakMap<object, Activation>;
  readonly modules: Map<ts.SourceFile, Scope>;
  /** What `import … from "cotangent"` gives. */
  readonly language: Readonly<Record<string, unknown>>;
  readonly globals: Readonly<Record<string, unknown>>;
}

export const blockOf = (parent: Scope): Scope => ({ ...parent, parent, bindings: new Map() });
export const activationOf = (reading: Reading, parent: Scope | undefined, kind: Activation["kind"]): Scope => ({
  reading,
  parent,
  activation: { kind, age: reading.ages++ },
  bindings: new Map(),
});

export function find(scope: Scope, name: string): { readonly binding: Binding; readonly home: Scope } | undefined {
  for (let home: Scope | undefined = scope; home; home = home.parent) {
    const binding = home.bindings.get(name);
    if (binding) return { binding, home };
  }
  return undefined;
}

/** The value of a binding, made if need be. */
export function settle(binding: Binding, name: string, node: ts.Node): unknown {
  if (binding.state === "waiting" && binding.make) {
    binding.state = "making";
    try {
      binding.make();
    } finally {
      // What could not be made may be asked for again.
      if (binding.state === "making") binding.state = "waiting";
    }
  }
  if (binding.state !== "ready") refuse(node, messages.beforeDefinition(name));
  return binding.value;
}

export function define(scope: Scope, name: string, value: unknown): void {
  const binding = scope.bindings.get(name);
  if (binding) Object.assign(binding, { value, state: "ready" });
  else scope.bindings.set(name, { value, state: "ready" });
}

/** Spends steps; over a stated number, reading ends, and the loop that took most of them is named. */
export function spend(reading: Reading, node: ts.Node, steps = 1): void {
  reading.budget -= steps;
  if (reading.budget >= 0) return;
  const longest = reading.loops.reduce<RunningLoop | undefined>((a, b) => (a && a.count >= b.count ? a : b), undefined);
  const shown = reading.steps.toLocaleString("en-US");
  const count = longest ? `; this loop has run ${longest.count.toLocaleString("en-US")} times` : "";
  refuse(longest?.node ?? node, messages.budget(shown, count));
}

/** `f` with `site` as the user's innermost call. */
export function at<T>(reading: Reading, site: ts.Node, f: () => T): T {
  const outer = reading.site;
  reading.site = site;
  try {
    return f();
  } finally {
    reading.site = outer;
  }
}

/** Marks an object as made by the function that is running: that function may change it. */
export function own<T extends object>(reading: Reading, made: T): T {
  if (reading.activation) reading.owners.set(made, reading.activation);
  return made;
}
export const mayChange = (reading: Reading, object: object): boolean => reading.owners.get(object) === reading.activation;
