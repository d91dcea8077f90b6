/** Programs as a TypeScript module: each plan has its shaders in it, as text. */
import type { Program } from "../../codegen/program.ts";
import { topological } from "../../dsl/differentiate.ts";
import { mulDims } from "../../dsl/dim.ts";
import type { Dim } from "../../dsl/types.ts";
import { nameOf } from "../../dsl/value.ts";
import { emitPlan, inMax, type ModuleInfo, spaced } from "../plan.ts";
import { emitShaders } from "./kernel.ts";
import { Layout } from "./layout.ts";
import { type Only, type Shader, UNIT } from "./shader.ts";

export function emitModule(programs: readonly Program[], info: ModuleInfo): string {
  const plans = programs.map((program) => planOf(program, info));
  const withArena = programs.some(({ constants }) => constants.length > 0) ? "type Arena, " : "";
  const lines = [
    info.header,
    `import { ${withArena}define, type Leaf } from "cotangent/wgsl";`,
    `import type * as source from ${JSON.stringify(info.source)};`,
    "",
    ...plans.flatMap(({ lines }) => [...lines, ""]),
    "const load: ReturnType<typeof define<typeof source>> = define<typeof source>({",
    ...programs.map(({ name }, k) => `  ${name}: ${plans[k]?.name},`),
    "});",
    "export default load;",
  ];
  return `${lines.join("\n")}\n`;
}

function planOf(program: Program, info: ModuleInfo): { name: string; lines: string[] } {
  refuseF64(program, info);
  const { memory, dims } = program;
  const name = `${program.name}_plan`;
  const layout = new Layout(memory);
  const shaders = emitShaders(program, info.place ? { place: info.place } : {});
  const arena = inMax(mulDims(layout.scratch, 4), dims);
  const uses = [...new Set(shaders.flatMap(allOf).map(({ scratch }) => scratch))].filter((scratch) => scratch !== 0);
  const scratch = uses.map((bytes) => inMax(bytes, dims)).join(", ");
  const more = [
    ...(dims.length > 0 ? [`  grain: ${UNIT},`] : []),
    "  shaders: [",
    ...shaders.flatMap((shader) => shaderText(program, shader, "    ")),
    "  ],",
  ];
  const bytes = uses.length > 1 ? `${arena} + Math.max(${scratch})` : uses.length > 0 ? `${arena} + ${scratch}` : arena;
  return { name, lines: emitPlan(program, name, info, { offset: (v) => layout.begin(v), bytes, more }) };
}

const allOf = (shader: Shader): Shader[] => [shader, ...(shader.otherwise ?? []).flatMap(allOf)];

/** A shader as an entry of the plan; its code begins where lines do. */
function shaderText(program: Program, { name, code, groups, only, workgroupBytes, otherwise }: Shader, indent: string): string[] {
  const all = countOf(groups, program.dims);
  const count = only ? `${holds(only, program.dims)} ? ${all} : 0` : all;
  return [
    "{",
    `  name: ${JSON.stringify(`${program.name}.${name}`)},`,
    `  groups: (${count.includes("d[") ? "d: readonly number[]" : ""}): number => ${count},`,
    ...(workgroupBytes > 0 ? [`  workgroupBytes: ${workgroupBytes},`] : []),
    ...(otherwise ? ["  otherwise: [", ...otherwise.flatMap((shader) => shaderText(program, shader, "    ")), "  ],"] : []),
    "  code: /* wgsl */ `",
  ]
    .map((line) => indent + line)
    .concat(
      code
        .replace(/[`\\]|\$\{/g, "\\$&")
        .trimEnd()
        .split("\n"),
      "`,",
      `${indent}},`,
    );
}

/** The product of ⌈dim / per⌉, as TypeScript. */
function countOf(groups: Shader["groups"], dims: Program["dims"]): string {
  const known = groups.reduce((n, { dim, per }) => (typeof dim === "number" ? n * Math.ceil(dim / per) : n), 1);
  const unknown = groups.flatMap(({ dim, per }) => {
    if (typeof dim === "number") return [];
    const size = inSizes(dim, dims);
    return [per > 1 ? `Math.ceil(${/[-+*]/.test(size) ? `(${size})` : size} / ${per})` : /[-+]/.test(size) ? `(${size})` : size];
  });
  return [...(known === 1 && unknown.length > 0 ? [] : [known]), ...unknown].join(" * ");
}

/** Where a shader runs, as TypeScript. */
function holds({ dim, from, below }: Only, dims: Program["dims"]): string {
  const size = inSizes(dim, dims);
  return [...(from > 0 ? [`${size} >= ${from}`] : []), ...(below < Infinity ? [`${size} < ${below}`] : [])].join(" && ");
}
const inSizes = (dim: Dim, dims: Program["dims"]): string => spaced(dim, (name) => `d[${dims.findIndex((d) => d.name === name)}]!`);

/** WebGPU has no f64. */
function refuseF64({ name, inputs, outputs }: Program, { place }: ModuleInfo): void {
  const values = [...inputs, ...outputs].map(({ value }) => value);
  const found = topological(values).find(({ dtype }) => dtype === "f64");
  if (!found) return;
  const where = found.origin && place ? ` (${place(found.origin)})` : "";
  throw new Error(
    `${name}: ${nameOf(found) ?? found.op.name} is f64, which WebGPU does not have${where}; make it f32, or build for another target: --target wasm`,
  );
}
