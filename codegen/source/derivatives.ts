/** The functions whose derivatives a module asks for: each becomes a function of its own, with the cotangent of its result as one more parameter. */
import { ts } from "ts-morph";
import { backward, topological } from "../../dsl/differentiate.ts";
import { zerosLike } from "../../dsl/ops/scalar.ts";
import { leavesOf, mapTree } from "../../dsl/tree.ts";
import { isTensor, isValue, nameOf, parameterOp, type Value } from "../../dsl/value.ts";
import { type Graph, isOpen, makeParam, type Param, tensorSpec } from "../graph.ts";
import { sameGraph } from "../graph-equal.ts";
import { type OpenSizes, settled } from "./open.ts";
import { Refusal } from "./place.ts";
import type { Binding, Closure, Fn, FunctionNode, Reading } from "./scope.ts";
import { declaredParameters } from "./shapes.ts";

export interface DerivativeFunction {
  /** `loss_vjp`; of an anonymous function under `trainStep`, `trainStep_grad1`. */
  readonly name: string;
  /** The function that it is the derivative of: `loss`; `trainStep` for an anonymous one under it. */
  readonly of: string;
  /**
   * Parameters: the function's own; then what it takes from around it; then the cotangent of its result, `Tensor<[]>`, named `d_` and the
   * result's name, or `d_out`. Result: `{ value, grad }`, where `grad` is a tree like the first parameter.
   */
  readonly graph: Graph;
}

interface Asked extends DerivativeFunction {
  readonly node: FunctionNode;
}
export interface Derivatives {
  readonly list: readonly DerivativeFunction[];
  /** `f` is about to be differentiated at `args`. */
  ask(f: unknown, args: readonly unknown[], reading: Reading): void;
  /** Gives what forgets all that is asked from here on. */
  mark(): () => void;
}

export function derivatives(closureOf: (f: unknown) => { readonly call: Fn; readonly closure: Closure } | undefined): Derivatives {
  const list: Asked[] = [];
  const known = new Set<unknown>();
  const mark = (): (() => void) => {
    const [length, before] = [list.length, new Set(known)];
    return () => {
      list.length = length;
      for (const f of known) if (!before.has(f)) known.delete(f);
    };
  };
  return {
    list,
    mark,
    ask(f, args, reading) {
      const found = closureOf(f);
      if (!found || known.has(found.call)) return;
      known.add(found.call);
      const { node } = found.closure;
      const graph = derivativeGraph(found.call, node, args, reading, mark);
      if (!graph || list.some((other) => other.node === node && sameGraph(other.graph, graph))) return;
      const name = nameFor(node, list);
      // What it asked for in turn is in the list by now.
      list.push({ ...name, graph: { ...graph, name: name.name }, node });
    },
  };
}

/** The name of a function as it was written, or of the one it stands in. */
function nameFor(node: FunctionNode, list: readonly Asked[]): { readonly name: string; readonly of: string } {
  const own = ownName(node);
  const of = own ?? enclosingName(node);
  const taken = new Set(list.map(({ name }) => name));
  const free = (stem: string, from: number): string => (taken.has(`${stem}${from}`) ? free(stem, from + 1) : `${stem}${from}`);
  const plain = `${of}_vjp`;
  return { of, name: own === undefined ? free(`${of}_grad`, 1) : taken.has(plain) ? free(plain, 2) : plain };
}

/** `loss` of `const loss = model((p) => …)`, `const loss = (p) => …`, `function loss(p)`. */
function ownName(node: FunctionNode): string | undefined {
  if (node.name && ts.isIdentifier(node.name)) return node.name.text;
  let { parent }: { parent: ts.Node } = node;
  while (ts.isParenthesizedExpression(parent) || ts.isSatisfiesExpression(parent) || ts.isAsExpression(parent)) parent = parent.parent;
  const isModel = ts.isCallExpression(parent) && /(^|\.)model$/.test(parent.expression.getText());
  const declared = isModel ? parent.parent : parent;
  return ts.isVariableDeclaration(declared) && ts.isIdentifier(declared.name) ? declared.name.text : undefined;
}

function enclosingName(node: ts.Node): string {
  let name = "module";
  for (let at: ts.Node = node.parent; !ts.isSourceFile(at); at = at.parent) {
    if (ts.isFunctionDeclaration(at) && at.name) name = at.name.text;
    else if (ts.isVariableDeclaration(at) && ts.isIdentifier(at.name)) name = at.name.text;
  }
  return name;
}

function derivativeGraph(
  f: Fn,
  node: FunctionNode,
  args: readonly unknown[],
  reading: Reading,
  mark: Derivatives["mark"],
): Graph | undefined {
  const read = (given: readonly Given[]): Graph | undefined => {
    const once = (apart: boolean): Built | undefined => settled(reading, mark, (open) => build(f, given, reading, open), apart);
    const built = once(false);
    return built?.foreign ? once(true)?.graph : built?.graph;
  };
  try {
    return read(declaredParameters(node.parameters, reading));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // Not typed well enough to stand alone, or it needs to know a number: as it is called here, then.
    return read(givenParameters(node, args));
  }
}

/** A parameter to be: `specs`, or a static value as it was given. */
type Given = { readonly name: string; readonly specs: unknown } | { readonly fixed: unknown };

function givenParameters(node: FunctionNode, args: readonly unknown[]): Given[] {
  return args.map((arg, i) => {
    const name = node.parameters[i]?.name;
    const leaves = leavesOf(arg);
    if (leaves.every(({ value }) => !isTensor(value))) return { fixed: arg };
    return { name: name && ts.isIdentifier(name) ? name.text : `arg${i}`, specs: specsOf(arg) };
  });
}

const specsOf = (tree: unknown): unknown =>
  mapTree((leaf) => (isValue(leaf) ? (leaf.attrs.number ? "number" : tensorSpec(leaf.shape, leaf.dtype)) : leaf), tree);

interface Built {
  readonly graph: Graph;
  /** Sizes that are open around the function occur in it. */
  readonly foreign: boolean;
}

function build(f: Fn, given: readonly Given[], reading: Reading, open: OpenSizes): Built | undefined {
  const params: Param[] = [];
  const addParam = (name: string, specs: unknown): Param => {
    const taken = params.some((other) => other.name === name);
    if (taken) return addParam(`${name}_`, specs);
    const param = makeParam(name, open.named(name, specs));
    params.push(param);
    return param;
  };
  const args = given.map((one) => ("fixed" in one ? one.fixed : addParam(one.name, one.specs).tree));
  const value = within(reading, addParam, () => f(...args));
  if (!isValue(value) || value.shape.length > 0 || (value.dtype !== "f32" && value.dtype !== "f64")) return undefined;
  const foreign = leaked(value, params);
  params.push(...foreign);
  const cotangent = addParam(`d_${nameOf(value) ?? "out"}`, tensorSpec([], value.dtype));
  const active = leavesOf(args[0]).flatMap(({ value: leaf }) => (isFloat(leaf) ? [leaf] : []));
  const flowed = backward([value], [cotangent.tree as Value], active);
  const gradOf = new Map(active.map((leaf, i) => [leaf, flowed[i] ?? zerosLike(leaf)]));
  const grad = mapTree((leaf) => (isFloat(leaf) ? gradOf.get(leaf) : null), args[0]);
  return {
    graph: { name: "derivative", params, result: { value, grad } },
    foreign: foreign.some(({ tree }) => (tree as Value).shape.some(isOpen)),
  };
}

/** Parameters of enclosing functions that came in by another way than by name: through the pullback of a `vjp` from outside. */
function leaked(value: Value, params: readonly Param[]): Param[] {
  const known = new Set(params.flatMap(({ tree }) => leavesOf(tree).map((leaf) => leaf.value)));
  const unknown = topological([value]).filter((v) => v.op === parameterOp && !known.has(v));
  return unknown.map((v) => ({ name: `${nameOf(v) ?? "x"}_`, tree: v }));
}
const isFloat = (x: unknown): x is Value => isValue(x) && (x.dtype === "f32" || x.dtype === "f64") && !x.attrs.number;

/** Runs `f` with the tensors of enclosing functions as parameters. */
function within<T>(reading: Reading, addParam: (name: string, specs: unknown) => Param, f: () => T): T {
  const captured = new Map<Binding, unknown>();
  const capture = (binding: Binding, name: string): unknown => {
    if (!captured.has(binding)) {
      const hasTensors = leavesOf(binding.value).some(({ value }) => isValue(value));
      captured.set(binding, hasTensors ? addParam(name, specsOf(binding.value)).tree : binding.value);
    }
    return captured.get(binding);
  };
  const outer = reading.frame;
  reading.frame = { age: reading.ages, capture };
  try {
    return f();
  } finally {
    reading.frame = outer;
  }
}
