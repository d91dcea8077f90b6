/** The tables of `docs/performance.md`, between their marks, from what was measured. */
import type { Run } from "../row.ts";
import { showNumber } from "../table.ts";

const begin = (name: string): string => `<!-- ${name}: npm run plots -->`;
const end = (name: string): string => `<!-- end of ${name} -->`;

/** The page with its tables written anew. */
export const withTables = (page: string, { wasm, loops }: { readonly wasm: Run; readonly loops: Run }): string =>
  [
    ["machine", machine(wasm, loops)],
    ["wasm", table(wasm)],
    ["loops", table(loops)],
  ].reduce((text, [name, content]) => replaced(text, name as string, content as string), page);

function replaced(page: string, name: string, content: string): string {
  const [from, to] = [page.indexOf(begin(name)), page.indexOf(end(name))];
  if (from < 0 || to < from) throw new Error(`plots: docs/performance.md has no ${begin(name)} … ${end(name)}`);
  return `${page.slice(0, from + begin(name).length)}\n${content}\n${page.slice(to)}`;
}

const table = ({ rows }: Run): string =>
  [
    "| row | ours | theirs | ratio | at least |",
    "|---|---|---|---|---|",
    ...rows.map(
      ({ id, ours, theirs, unit, ratio, atLeast, ok }) =>
        `| \`${id}\` | ${showNumber(ours)} ${unit} | ${showNumber(theirs)} | **${showNumber(ratio)}×** | ${Number(atLeast.toPrecision(3))}×${ok ? "" : " **not reached**"} |`,
    ),
  ].join("\n");

function machine({ machine: { cpu, cores, platform }, versions }: Run, loops: Run): string {
  const all = Object.entries({ ...loops.versions, ...versions }).map(([name, version]) => `${name} ${version}`);
  return `Machine: ${cpu}, ${cores} cores, ${platform} (a shared virtual machine). Versions: ${all.join(", ")}.`;
}
