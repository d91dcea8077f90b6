/** A program's source text: a module as a person would write it. */
import type { Node, Parameter, Program, Statement } from "./language.ts";

export function printProgram(program: Program): string {
  const { weights, inputs, helpers, body, results, dtype } = program;
  const written: string[] = [];
  for (const helper of helpers)
    written.push(`function ${helper.name}(${helper.params.map(declared).join(", ")}) {`, `  return ${print(helper.body)};`, "}", "");

  const params = [`p: { ${weights.map(declared).join("; ")} }`, ...inputs.map(declared)].join(", ");
  const args = ["p", ...inputs.map((input) => input.name)].join(", ");
  written.push(`export const f = model((${params}) => {`);
  const used = weights.filter((weight) => [...body.flatMap(namesIn), ...results].includes(weight.name));
  if (used.length > 0) written.push(`  const { ${used.map((weight) => weight.name).join(", ")} } = p;`);
  for (const statement of body) written.push(...printStatement(statement).map((line) => `  ${line}`));
  written.push(`  return { ${results.join(", ")} };`, "});", "");

  const total = results.map((result) => `mean(y.${result})`).reduce((a, b) => `add(${a}, ${b})`);
  written.push(`export const loss = model((${params}) => {`, `  const y = f(${args});`, `  return ${total};`, "});", "");
  written.push(`export const step = model((${params}) => valueAndGrad(loss)(${args}));`, "");

  const text = written.join("\n");
  const functions = [...new Set(text.match(/\b[a-z]\w*(?=\()/gi))].filter(
    (fn) => fn !== "for" && !helpers.some((helper) => helper.name === fn),
  );
  const imports = [...functions.filter((fn) => !["f", "loss", "step"].includes(fn)), "type Tensor"].sort();
  return `// ${dtype}\nimport { ${imports.join(", ")} } from "cotangent";\n\n${text}`;
}

const typeOf = ({ shape, dtype }: Parameter): string =>
  `Tensor<[${shape.map((d) => JSON.stringify(d)).join(", ")}]${dtype === "f32" ? "" : `, "${dtype}"`}>`;
const declared = (parameter: Parameter): string => `${parameter.name}: ${typeOf(parameter)}`;

function printStatement(statement: Statement): string[] {
  switch (statement.kind) {
    case "const":
      return [`const ${statement.name} = ${print(statement.value)};`];
    case "pair":
      return [`const [${statement.names.join(", ")}] = [${statement.values.map(print).join(", ")}];`];
    case "loop":
      return [
        `let ${statement.name} = ${print(statement.start)};`,
        `for (let i = 0; i < ${statement.times}; i++) ${statement.name} = ${print(statement.body)};`,
      ];
  }
}

function print(node: Node): string {
  switch (node.kind) {
    case "name":
      return node.name;
    case "literal":
      return JSON.stringify(node.value);
    case "list":
      return `[${node.items.map(print).join(", ")}]`;
    case "record":
      return `{ ${node.fields.map(([key, value]) => `${key}: ${print(value)}`).join(", ")} }`;
    case "call":
      return `${node.fn}(${node.args.map(print).join(", ")})`;
  }
}

/** The names that a statement reads. */
export function namesIn(statement: Statement): string[] {
  switch (statement.kind) {
    case "const":
      return namesOf(statement.value);
    case "pair":
      return statement.values.flatMap(namesOf);
    case "loop":
      return [...namesOf(statement.start), ...namesOf(statement.body)].filter((n) => n !== statement.name && n !== "i");
  }
}
function namesOf(node: Node): string[] {
  switch (node.kind) {
    case "name":
      return [node.name];
    case "literal":
      return [];
    case "list":
      return node.items.flatMap(namesOf);
    case "record":
      return node.fields.flatMap(([, value]) => namesOf(value));
    case "call":
      return node.args.flatMap(namesOf);
  }
}
/** The names that a statement defines. */
export const definedBy = (statement: Statement): readonly string[] => (statement.kind === "pair" ? statement.names : [statement.name]);
