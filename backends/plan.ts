/** The plan that a generated module of any target gives its runtime: trees of leaves, sizes, where everything lies. */
import type { Program } from "../codegen/program.ts";
import { namesOfDim } from "../dsl/dim.ts";
import { leavesOf, mapTree } from "../dsl/tree.ts";
import type { Dim, DType } from "../dsl/types.ts";
import { isTensor, type Value } from "../dsl/value.ts";

export interface ModuleInfo {
  /** The comment at the top. */
  readonly header: string;
  /** How the module imports the types of its source: `./mlp.ts`. */
  readonly source: string;
  /** A place in the source as the user knows it. */
  readonly place?: (origin: { readonly file: string; readonly line: number }) => string;
}

/** A dim as a TypeScript expression. */
export const spaced = (dim: Dim, rename: (name: string) => string): string =>
  String(dim)
    .replace(/[A-Za-z_$][\w$.]*/g, rename)
    .replace(/([+-])/g, " $1 ")
    .replace(/\*/g, " * ")
    .trim();

/** In terms of the array `max`. */
export const inMax = (dim: Dim, dims: Program["dims"]): string => spaced(dim, (name) => `max[${dims.findIndex((d) => d.name === name)}]!`);
/** Parameters for an expression of them. */
const parametersOf = (expression: string): string =>
  expression.includes("threads") ? "max: readonly number[], threads: number" : expression.includes("max[") ? "max: readonly number[]" : "";
export const viewName = (dtype: DType): string => (dtype === "f32" || dtype === "f64" ? dtype : "i32");

/** What is the target's own. */
export interface Target {
  /** Where a value lies, in elements of its view, in terms of the largest sizes. */
  readonly offset: (v: Value) => Dim;
  /** Bytes of the arena: a TypeScript expression of `max`, and of `threads` if there is more than one. */
  readonly bytes: string;
  /** What else the plan says. */
  readonly more: readonly string[];
}

/** The lines of a program's plan, a constant called `plan`. */
export function emitPlan(program: Program, plan: string, { place }: ModuleInfo, target: Target): string[] {
  const { params, result, inputs, outputs, dims, constants, step, noStep, equalities } = program;
  const value = (name: string, from: string): string => `${from}[${dims.findIndex((d) => d.name === name)}]!`;
  const inDims = (dim: Dim): string => spaced(dim, (name) => value(name, "d"));
  const offset = (v: Value): string => inMax(target.offset(v), dims);
  const numbers = new Map<Value, number>(inputs.map(({ value: v }, k) => [v, k]));
  // A carry leaf's new value lies where the old one does.
  const carry = step ? leavesOf(params[0]?.tree).flatMap((leaf) => (isTensor(leaf.value) ? [leaf.value as Value] : [])) : [];
  const slotOf = (v: Value, k: number): Value => (step && k < carry.length ? (carry[k] as Value) : v);
  const leaves = [...inputs.map(({ path, value: v }) => ({ path, v }))];
  const outputNumbers = outputs.map(({ path, value: v }, k) => {
    const place = slotOf(v, k);
    const known = numbers.get(place);
    if (known !== undefined) return known;
    numbers.set(place, leaves.length);
    return leaves.push({ path, v: place }) - 1;
  });
  const leafText = leaves.map(({ path, v }, k) => {
    const declared = k < inputs.length && v.shape.some((dim) => typeof dim === "string") ? `, "${declaredShape(v.shape)}"` : "";
    return `    [${JSON.stringify(path)}, "${v.dtype}", ${offset(v)}, [${v.shape.map(inDims).join(", ")}]${declared}],`;
  });
  let next = 0;
  const resultTree = mapTree((leaf) => (leaf === null ? null : outputNumbers[next++]), result);
  const paramTrees = params.map(({ tree }) => mapTree((leaf) => numbers.get(leaf as Value) ?? null, tree));
  const usesD = leafText.some((line) => line.includes("d["));
  const usesMax = leafText.some((line) => line.includes("max["));
  return [
    `const ${plan} = {`,
    `  params: ${showTree(paramTrees)},`,
    `  result: ${showTree(resultTree)},`,
    `  carry: ${carry.length},`,
    ...(noStep === undefined ? [] : [`  noStep: ${JSON.stringify(noStep)},`]),
    `  dims: [${dims.map((d) => `["${shownSize(d.name)}", ${d.input}, ${d.axis}, ${d.divisor}, ${d.offset}]`).join(", ")}],`,
    `  leaves: (${usesD || usesMax ? "d: readonly number[]" : ""}${usesMax ? ", max: readonly number[]" : ""}): Leaf[] => [`,
    ...leafText,
    "  ],",
    ...(equalities.length > 0
      ? [
          "  equal: {",
          ...equalities.map(({ path, axis, to, origin }) => {
            const why = `axis ${axis} has to be ${to}${place ? ` (${place(origin)})` : ""}`;
            return `    "${inputs.findIndex((leaf) => leaf.path === path)}.${axis}": ${JSON.stringify(why)},`;
          }),
          "  },",
        ]
      : []),
    ...(program.requirements.length > 0
      ? [
          "  check(d: readonly number[]): void {",
          ...program.requirements.map(
            ({ dim, otherwise }) => `    if (${inDims(dim)} < 0) throw new Error(${JSON.stringify(`${program.name}: ${otherwise}`)});`,
          ),
          "  },",
        ]
      : []),
    `  bytes: (${parametersOf(target.bytes)}): number => ${target.bytes},`,
    ...(constants.length > 0
      ? [
          `  init({ ${[...new Set(constants.map((v) => viewName(v.dtype)))].join(", ")} }: Arena${constants.some((v) => namesOfDim(target.offset(v)).length > 0) ? ", max: readonly number[]" : ""}): void {`,
          ...constants.map(
            (v) => `    ${viewName(v.dtype)}.set([${Array.from(v.buffer as ArrayLike<number>, numberText).join(", ")}], ${offset(v)});`,
          ),
          "  },",
        ]
      : []),
    ...target.more,
    "} as const;",
  ];
}

/** A fourth of axis 0 of `x` is `x.0/4`. */
const shownSize = (name: string): string => {
  const [path, axis, ...parts] = name.split(".");
  return axis === undefined ? name : [`${path}.${axis}`, ...parts].join("/");
};

/** As its type says it: a size that has no name there is a `number`. */
const declaredShape = (shape: readonly Dim[]): string => `[${shape.map((dim) => (String(dim).includes(".") ? "number" : dim)).join(", ")}]`;

const numberText = (x: number): string => (Object.is(x, -0) ? "-0" : String(x));

function showTree(tree: unknown): string {
  if (Array.isArray(tree)) return `[${tree.map(showTree).join(", ")}]`;
  if (typeof tree === "object" && tree !== null)
    return `{ ${Object.entries(tree)
      .map(([key, item]) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${showTree(item)}`)
      .join(", ")} }`;
  return String(tree);
}
