/** One function of a generated module: what it is, its type, its statements with their places, its result. */
import type { Origin, Value } from "../../dsl/value.ts";
import type { Graph } from "../graph.ts";
import { type Body, bodyOf, importsOf, lineOf, type Statement } from "./write-body.ts";
import { type Doc, flat, layout, list, tall, typeArgs, WIDTH } from "./write-layout.ts";
import { type Plan, plan } from "./write-plan.ts";
import type { Types } from "./write-types.ts";

export interface DerivativeFunction {
  /** `loss_vjp` */
  readonly name: string;
  /** `loss`: what it is the derivative of. */
  readonly of: string;
  readonly graph: Graph;
}

export interface Planned extends DerivativeFunction {
  readonly plan: Plan;
  readonly imports: ReadonlySet<string>;
}

/** A plan whose every statement fits on a line, if statements of their own for its parts can do that. */
export function planFunction(f: DerivativeFunction, taken: readonly string[]): Planned {
  const apart = new Set<Value>();
  for (;;) {
    const planned = plan(f.graph, apart);
    const imports = importsOf(planned);
    const body = bodyOf(f.graph, planned, [...taken, ...imports]);
    const before = apart.size;
    for (const s of body.statements) if (s.longest && flat(lineOf(s)).length + 2 > WIDTH) apart.add(s.longest);
    if (apart.size === before) return { ...f, plan: planned, imports };
  }
}

export function writeFunction(f: Planned, types: Types, taken: readonly string[]): string {
  const body = bodyOf(f.graph, f.plan, taken);
  const params = list(f.graph.params.map(({ tree }, i) => [`${body.params[i]}: `, types.of(tree)]));
  const head = signature(`export const ${f.name}: Model`, params, types.of(f.plan.result), `model((${body.params.join(", ")}) => {`);
  return [docOf(f, body), head, ...paragraphs(body).map((line) => line && `  ${line}`), `  return ${layout(body.result, 2)};`, "});"].join(
    "\n",
  );
}

/** The formatter breaks what is too long inside of the type; but where only the part after `=` is, it would move that part to a line of its own. */
function signature(left: string, params: Doc, result: Doc, right: string): string {
  const whole = (type: Doc): Doc => [left, typeArgs([params, type]), ` = ${right}`];
  const awkward = flat(whole(result)).length > WIDTH && flat([left, typeArgs([params, result]), " ="]).length <= WIDTH;
  return layout(whole(awkward ? tall(result) : result));
}

function docOf({ of, graph }: DerivativeFunction, { params }: Body): string {
  const cotangent = graph.params.at(-1)?.name === `d_${of}` ? params.at(-1) : undefined;
  return cotangent === undefined
    ? `/** The derivative of \`${of}\`. */`
    : `/** \`${of}\` and its gradient with respect to \`${params[0]}\`. \`${cotangent}\` is the cotangent of its value: 1 for the gradient itself. */`;
}

/** Statements, each place of the user's source above what comes from it. */
function paragraphs({ sizes, statements }: Body): string[] {
  const lines = sizes.map((s) => layout(lineOf(s), 2));
  let place = "";
  for (const s of statements) {
    const here = placeOf(s);
    if (here !== place) lines.push(...(lines.length > 0 ? [""] : []), ...(here === "" ? [] : [`// ${here}`]));
    place = here;
    lines.push(layout(lineOf(s), 2));
  }
  return lines.length === 0 ? [] : [...lines, ""];
}

const placeOf = ({ value }: Statement): string => (value?.origin ? showPlace(value.origin) : "");
const showPlace = ({ file, line }: Origin): string => `${file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1)}:${line}`;
