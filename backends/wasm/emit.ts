/** Programs as a WebAssembly module in two variants, and the TypeScript module that loads the one which the engine can run. */

import { bytesOf } from "../../codegen/memory.ts";
import type { Program } from "../../codegen/program.ts";
import { addDims, divDims, subDims, termsOfDim } from "../../dsl/dim.ts";
import type { Dim } from "../../dsl/types.ts";
import type { Value } from "../../dsl/value.ts";
import { emitPlan, inMax, type ModuleInfo } from "../plan.ts";
import type { EmittedKernel } from "./kernel.ts";
import { Layout, UNIT } from "./memory.ts";
import { emitWasm } from "./module.ts";
import type { Room } from "./phase.ts";

export interface WasmInfo extends ModuleInfo {
  /** The name of the files: `mlp` for mlp.fma.wasm and mlp.simd.wasm. */
  readonly stem: string;
  /** The modules are in the text, in base64. */
  readonly inline?: boolean;
  /** Also the WebAssembly text format. */
  readonly debug?: boolean;
  /** The one module that is made, for every engine; by default there are both. */
  readonly variant?: Suffix;
}
export interface WasmFiles {
  readonly text: string;
  /** What lies beside it: bytes, or text. */
  readonly beside: readonly { readonly name: string; readonly content: Uint8Array | string }[];
}

const variants = [
  { suffix: "fma", fma: true },
  { suffix: "simd", fma: false },
] as const;
export type Suffix = (typeof variants)[number]["suffix"];
type Made = ReturnType<typeof emitWasm> & { readonly suffix: Suffix };

export function emitModule(programs: readonly Program[], info: WasmInfo): WasmFiles {
  const made = variants
    .filter(({ suffix }) => suffix === (info.variant ?? suffix))
    .map(({ suffix, fma }): Made => ({ suffix, ...emitWasm(programs, { fma }, { text: info.debug === true }) }));
  const [best, plain] = [made[0], made.at(-1)] as [Made, Made];
  const plans = programs.map((program, k) => planOf(program, best.kernels[k] ?? [], info));
  const source = ({ suffix, bytes }: Made): string =>
    info.inline ? `() => base64("${Buffer.from(bytes).toString("base64")}")` : `new URL("./${info.stem}.${suffix}.wasm", import.meta.url)`;
  const helpers = [...new Set(made.flatMap(({ imports }) => imports))].filter((name) => !(name in Math)).sort();
  const withArena = programs.some(({ constants }) => constants.length > 0) ? "type Arena, " : "";
  const lines = [
    info.header,
    `import { ${withArena}${info.inline ? "base64, " : ""}define, type Leaf } from "cotangent/wasm";`,
    ...(helpers.length > 0 ? [`import { ${helpers.join(", ")} } from "cotangent/core";`] : []),
    `import type * as source from ${JSON.stringify(info.source)};`,
    "",
    ...plans.flatMap(({ lines }) => [...lines, ""]),
    "const load: ReturnType<typeof define<typeof source>> = define<typeof source>(",
    "  {",
    ...programs.map(({ name }, k) => `    ${name}: ${plans[k]?.name},`),
    "  },",
    `  [${source(best)}, ${source(plain)}],`,
    ...(helpers.length > 0 ? [`  { ${helpers.join(", ")} },`] : []),
    ");",
    "export default load;",
  ];
  const beside = made.flatMap(({ suffix, bytes, text }) => [
    ...(info.inline ? [] : [{ name: `${info.stem}.${suffix}.wasm`, content: bytes }]),
    ...(text === undefined ? [] : [{ name: `${info.stem}.${suffix}.wat`, content: text }]),
  ]);
  return { text: `${lines.join("\n")}\n`, beside };
}

function planOf(program: Program, kernels: readonly EmittedKernel[], info: ModuleInfo): { name: string; lines: string[] } {
  const name = `${program.name}_plan`;
  const layout = new Layout(program.memory);
  const offset = (v: Value) => divDims(layout.begin(v), bytesOf(v.dtype)) ?? 0;
  const rooms = kernels.map(({ room }) => room).filter(({ shared, own }) => shared !== 0 || own !== 0);
  // Of two that are the same, the first.
  const largest = rooms.filter((room, k) => !rooms.some((other, j) => covers(other, room) && (j < k || !covers(room, other))));
  const uses = largest.map(({ shared, own }) => {
    const each = inMax(own, program.dims);
    const all = inMax(shared, program.dims);
    return own === 0 ? all : `${shared === 0 ? "" : `${all} + `}threads * ${/ /.test(each) ? `(${each})` : each}`;
  });
  const most = uses.length > 1 ? `Math.max(${uses.join(", ")})` : uses[0];
  const arena = inMax(addDims(layout.scratch, 0), program.dims);
  const bytes = most === undefined ? arena : `${arena} + ${most}`;
  return { name, lines: emitPlan(program, name, info, { offset, bytes, more: program.dims.length > 0 ? [`  grain: ${UNIT},`] : [] }) };
}

/** As much room as another kernel needs, whatever the sizes and however many threads. */
const covers = (a: Room, b: Room): boolean => [subDims(a.shared, b.shared), subDims(a.own, b.own)].every(isNatural);
/** Nothing is subtracted: it is never less than 0. */
const isNatural = (dim: Dim): boolean => termsOfDim(dim).every(({ coefficient }) => coefficient > 0);
