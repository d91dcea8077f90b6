/** One function of a generated module: what it is, its type, its statements with their places, its result. */
import type { Origin, Value } from "../../dsl/value.ts";
import type { DerivativeFunction } from "./derivatives.ts";
import { type Body, bodyOf, importsOf, lineOf, type Statement } from "./write-body.ts";
import { type Doc, flat, layout, list, typeArgs, WIDTH } from "./write-layout.ts";
import { partsOf } from "./write-parts.ts";
import { type Spelled, spellGraph, statementsOf } from "./write-plan.ts";
import type { Types } from "./write-types.ts";

/** A function whose statements are chosen; their names wait for what the other functions of the module import. */
export interface Planned extends DerivativeFunction {
  readonly spelled: Spelled;
  readonly statements: readonly Value[];
  readonly imports: ReadonlySet<string>;
}

/** Every statement fits on a line, if statements of their own for its parts can do that. */
export function planFunction(f: DerivativeFunction): Planned {
  const spelled = spellGraph(f.graph);
  const imports = importsOf(spelled);
  const apart = new Set<Value>();
  for (;;) {
    const statements = statementsOf(spelled, apart);
    const before = apart.size;
    for (const s of bodyOf(f.graph, spelled, statements, imports).statements)
      if (s.longest && flat(lineOf(s)).length + 2 > WIDTH) apart.add(s.longest);
    if (apart.size === before) return { ...f, spelled, statements, imports };
  }
}

/** The function, and before it the parts that it is made of if it is long. */
export function writeFunction(f: Planned, types: Types, taken: readonly string[]): string {
  const body = bodyOf(f.graph, f.spelled, f.statements, taken);
  const params = f.graph.params.map(({ tree }, i) => ({ name: body.params[i] as string, type: types.of(tree) }));
  const type: Doc = ["Model", typeArgs([list(params.map(({ name, type }) => [`${name}: `, type])), types.of(f.spelled.result)])];
  const head = layout([`export const ${f.name}: `, type, ` = model((${body.params.join(", ")}) => {`]);
  const sizes = body.sizes.map((s) => layout(lineOf(s), 2));
  const split = partsOf(f.name, params, body);
  const lines = (statements: readonly Statement[], before: readonly string[]): string[] => paragraphs(statements, before, valueOf(f));
  const inner = split ? [...sizes, ...split.calls, ""] : lines(body.statements, sizes);
  const parts = (split?.parts ?? []).map((part) => `${block(part.head, lines(part.statements, part.into), part.result, "};")}\n`);
  return [...parts, docOf(f, body), block(head, inner, layout(body.result.doc, 2), "});")].join("\n");
}

const block = (head: string, lines: readonly string[], result: string, close: string): string =>
  [head, ...lines.map((line) => line && `  ${line}`), `  return ${result};`, close].join("\n");

function docOf({ name, of, graph }: DerivativeFunction, { params }: Body): string {
  const subject = name.startsWith(`${of}_vjp`) ? `\`${of}\`` : `The function that \`${of}\` differentiates,`;
  const cotangent = graph.params.length > 1 ? `; \`${params.at(-1)}\` is its cotangent: 1 for the gradient itself` : "";
  return `/** ${subject} and its gradient with respect to \`${params[0]}\`${cotangent}. */`;
}

/** The value of the function, with which the forward half ends. */
const valueOf = ({ spelled: { result } }: Planned): unknown =>
  typeof result === "object" && result !== null && "value" in result ? result.value : undefined;

/** Statements, each place of the user's source above what comes from it. A paragraph ends with `last`. */
function paragraphs(statements: readonly Statement[], before: readonly string[], last: unknown): string[] {
  const lines = [...before];
  let place: string | undefined = "";
  for (const s of statements) {
    const here = s.value?.origin ? showPlace(s.value.origin) : "";
    if (here !== place && lines.length > 0) lines.push("");
    if (here !== place && here !== "") lines.push(`// ${here}`);
    lines.push(layout(lineOf(s), 2));
    place = s.value === last ? undefined : here;
  }
  return lines.length === 0 ? [] : [...lines, ""];
}

const showPlace = ({ file, line }: Origin): string => `${file.slice(Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1)}:${line}`;
