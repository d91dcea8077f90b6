/** `cotangent explain`: what a model becomes, for people. */

import { type Graph, resultLeaves } from "../codegen/graph.ts";
import { writesOf } from "../codegen/kernel.ts";
import { flopsOf, trafficOf } from "../codegen/measure.ts";
import type { Program } from "../codegen/program.ts";
import type { SourceModule } from "../codegen/source/read.ts";
import { topological } from "../dsl/differentiate.ts";
import { evaluateDim, showShape } from "../dsl/dim.ts";
import type { Dim } from "../dsl/types.ts";
import { nameOf, type Value } from "../dsl/value.ts";
import { programsOf } from "./build.ts";
import type { ShadersOf } from "./targets.ts";

export interface ExplainOptions {
  /** Run-time sizes; those not given are 32. */
  readonly dims?: Readonly<Record<string, number>>;
  readonly graph?: boolean;
  /** Values begin at multiples of so many elements. */
  readonly align?: number;
  /** What a GPU runs: then each of its shaders has a row. */
  readonly shadersOf?: ShadersOf;
}

export function explain(module: SourceModule, options: ExplainOptions): string {
  const { graph = false, align = 1 } = options;
  const unfused = programsOf(module, { fuse: false, reuse: false, align });
  return programsOf(module, { align })
    .map(({ graph: g, program }, k) => (graph ? flowChart(g) : explainProgram(g, program, unfused[k]?.program as Program, options)))
    .join("\n\n");
}

function explainProgram(graph: Graph, program: Program, plain: Program, { dims: given = {}, shadersOf }: ExplainOptions): string {
  const unknown = Object.keys(given).filter((name) => !program.dims.some((dim) => dim.name === name));
  const sizes = Object.fromEntries(program.dims.map(({ name }) => [name, given[name] ?? 32]));
  const at = (d: Dim): number => evaluateDim(d, sizes);
  const read = topological(resultLeaves(graph).map((leaf) => leaf.value)).length;
  const simplified = topological(program.outputs.map((leaf) => leaf.value)).length;
  const rows = program.kernels.map((kernel) => [
    kernel.name,
    showLoops(kernel.outer.map((loop) => loop.extent)),
    writesOf(kernel)
      .map((v) => `${nameOf(v) ?? v.op.name} ${showShape(v.shape)}`)
      .join(", "),
    count(at(flopsOf(kernel))),
    count(at(trafficOf(kernel))),
  ]);
  const least = Math.max(0, ...program.memory.alive.map(at));
  const arena = at(program.memory.bytes);
  const shownSizes = Object.entries(sizes)
    .map(([name, size]) => `${name} = ${size}`)
    .join(", ");
  return [
    `${program.name}${program.step ? " (step)" : ""}${shownSizes ? `, ${shownSizes}` : ""}${unknown.length > 0 ? ` (no ${unknown.join(", ")} here)` : ""}`,
    `  passes   read ${read} values → simplify ${simplified} → fuse ${program.kernels.length} kernels (${plain.kernels.length} without fusion)`,
    `  arena    ${count(arena)} B = ${program.memory.bytes} B; alive at once ${count(least)} B (arena ${(least === 0 ? 1 : arena / least).toFixed(3)}×); without reuse ${count(at(plain.memory.bytes))} B`,
    ...table([["kernel", "outer", "writes", "FLOP", "bytes"], ...rows]).map((line) => `  ${line}`),
    ...(shadersOf ? table(shaderRows(program, shadersOf, at)).map((line) => `  ${line}`) : []),
  ].join("\n");
}

/** Each shader of a program: the work is that of its kernel, told of the first one. */
function shaderRows(program: Program, shadersOf: ShadersOf, at: (d: Dim) => number): string[][] {
  const left = new Map(program.kernels.map((kernel) => [kernel.origins, kernel]));
  const rows = shadersOf(program).map(({ name, groups, workgroupBytes, origins }) => {
    const kernel = left.get(origins);
    left.delete(origins);
    return [
      name,
      groups.map(({ dim, per }) => (per === 1 ? `${dim}` : `⌈${dim}/${per}⌉`)).join(" × ") || "1",
      [...new Set(origins.map(({ file, line }) => `${file}:${line}`))].join(", "),
      count(groups.reduce((n, { dim, per }) => n * Math.ceil(at(dim) / per), 1)),
      count(workgroupBytes),
      ...(kernel ? [count(at(flopsOf(kernel))), count(at(trafficOf(kernel)))] : ["", ""]),
    ];
  });
  return [["shader", "grid", "from", "workgroups", "workgroup B", "FLOP", "bytes"], ...rows];
}

const showLoops = (extents: readonly Dim[]): string => (extents.length === 0 ? "–" : extents.join(" × "));

/** 1234567 → 1.23 M */
function count(n: number): string {
  const [unit, scale] = n >= 1e9 ? ["G", 1e9] : n >= 1e6 ? ["M", 1e6] : n >= 1e4 ? ["k", 1e3] : ["", 1];
  return `${scale === 1 ? n : Number((n / (scale as number)).toPrecision(4))} ${unit}`.trim();
}

/** Columns as wide as they need to be; long cells are cut. */
function table(rows: readonly (readonly string[])[]): string[] {
  const cut = rows.map((row) => row.map((cell) => (cell.length > 60 ? `${cell.slice(0, 59)}…` : cell)));
  const widths = (cut[0] ?? []).map((_, column) => Math.max(...cut.map((row) => (row[column] ?? "").length)));
  return cut.map((row) =>
    row
      .map((cell, column) => (column >= 3 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}

/** The graph as a Mermaid flow chart. */
function flowChart(graph: Graph): string {
  const order = topological(resultLeaves(graph).map((leaf) => leaf.value));
  const id = new Map(order.map((v, k) => [v, `v${k}`]));
  const label = (v: Value): string => `${nameOf(v) ? `${nameOf(v)} = ` : ""}${v.op.name} ${showShape(v.shape)}`;
  return [
    "flowchart TD",
    `  %% ${graph.name}`,
    ...order.map((v) => `  ${id.get(v)}["${label(v)}"]`),
    ...order.flatMap((v) => [...new Set(v.args)].map((arg) => `  ${id.get(arg)} --> ${id.get(v)}`)),
  ].join("\n");
}
