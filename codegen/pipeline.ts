/**
 * The passes, in order: start reading here. Each is a pure function; after each, what it made is checked.
 *
 * simplify (values → fewer values) · fuse (values → kernels) · schedule (kernels → ordered, the carry in place) · planMemory (→ offsets)
 */
import { topological } from "../dsl/differentiate.ts";
import { upperBound } from "../dsl/dim.ts";
import { simplify } from "../dsl/simplify.ts";
import { leavesOf, mapTree } from "../dsl/tree.ts";
import { alias, isTensor, nameOf, nameValue, type Value, valueOf } from "../dsl/value.ts";
import { checkKernels, checkValues } from "./check.ts";
import { fuse } from "./fuse.ts";
import { type Graph, isStep, noStep, paramLeaves, resultLeaves } from "./graph.ts";
import { isInlineConstant } from "./inline.ts";
import { planMemory, readsOfKernel } from "./memory.ts";
import { dimSources, type Program } from "./program.ts";
import { schedule } from "./schedule.ts";

export interface CompileOptions {
  /** Off: one kernel a value. */
  readonly fuse?: boolean;
  /** Off: no two values share memory. */
  readonly reuse?: boolean;
  /** Values begin at multiples of so many elements, where sizes are known. */
  readonly align?: number;
}

export function compile(graph: Graph, options: CompileOptions = {}): Program {
  const inputs = paramLeaves(graph);
  const step = isStep(graph);
  const carry = step ? treeTensors(graph.params[0]?.tree) : [];
  const number = carry.find((v) => v.attrs.number === true);
  if (number) throw new Error(`${graph.name}: \`${nameOf(number)}\` is a number in the carry; a carry holds tensors: make it Tensor<[]>`);

  const outputs = distinct(simplify(resultLeaves(graph).map((leaf) => leaf.value)), carry);
  const result = replaceTensors(graph.result, outputs);
  const named = resultLeaves({ ...graph, result });
  for (const { path, value } of named) if (value.op.kind !== "leaf") nameValue(value, step ? nameOfOutput(path) : identifier(path));
  const computed = outputs.filter((v) => v.op.kind !== "leaf");
  const order = topological(computed);
  checkValues(order);

  const carried = new Map(carry.flatMap((from, k) => (outputs[k] === from ? [] : [[outputs[k] as Value, from] as const])));
  const { kernels, inPlace } = schedule(fuse(computed, options), carried);
  const constants = [...new Set(kernels.flatMap(readsOfKernel))].filter((v) => v.op.kind === "leaf" && v.concrete && !isInlineConstant(v));
  const resident = [...inputs.map((leaf) => leaf.value), ...constants];
  checkKernels(kernels, new Set(resident));

  const results = outputs.filter((v) => !inPlace.has(v) && v.op.kind !== "leaf");
  const memory = planMemory(kernels, { resident, results, inPlace, reuse: options.reuse !== false, align: options.align ?? 1 });
  return {
    name: graph.name,
    params: graph.params,
    result,
    step,
    noStep: noStep(graph),
    inputs,
    outputs: named,
    constants,
    dims: dimSources(graph.name, inputs, carry.length, graph.equalities),
    requirements: order.flatMap((v) => v.op.requires?.(v.args, v.attrs) ?? []).filter(({ dim }) => upperBound(dim) !== dim),
    equalities: graph.equalities ?? [],
    kernels,
    memory,
  };
}

const treeTensors = (tree: unknown): Value[] => leavesOf(tree).flatMap(({ value }) => (isTensor(value) ? valueOf(value) : []));
/** The tree with its tensors replaced, in order; other leaves (null beside an integer parameter) stay. */
function replaceTensors(tree: unknown, values: readonly Value[]): unknown {
  let next = 0;
  return mapTree((leaf) => (isTensor(leaf) ? values[next++] : leaf), tree);
}

/** `[0].loss` is `output_0_loss`. */
const identifier = (path: string): string =>
  path
    .replace(/[^\w$]+/g, "_")
    .replace(/^_|_$/g, "")
    .replace(/^(?=\d|$)/, "output_")
    .replace(/_$/, "");
/** Of a step: `[0].p.w` is the carry's `p_w`, `[1]` the output, `[1].loss` is `output_loss`. */
const nameOfOutput = (path: string): string => identifier(path.replace(/^\[0\]/, "").replace(/^\[1\]/, "output"));

/** Every output a value of its own: one that is an input, a constant or another output as well is copied. A carry leaf may stay as it is. */
function distinct(outputs: readonly Value[], carry: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  return outputs.map((v, k) => {
    if (v === carry[k]) return v;
    const out = seen.has(v) || v.op.kind === "leaf" ? alias(v) : v;
    seen.add(out);
    return out;
  });
}
