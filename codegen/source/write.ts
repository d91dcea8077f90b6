/** Value graphs → `mlp.adjoint.ts`: derivatives as a module in the user's own language. What it says is proved statement by statement (`write-spell.ts`). */
import type { DerivativeFunction } from "./derivatives.ts";
import { planFunction, writeFunction } from "./write-function.ts";
import { type About, header } from "./write-header.ts";
import { layout, record } from "./write-layout.ts";
import { namesBeside } from "./write-names.ts";
import { typesOf } from "./write-types.ts";

/** The text of the adjoint module. */
export function writeAdjoint(functions: readonly DerivativeFunction[], about: About): string {
  const own = functions.map(({ name }) => name);
  const planned = functions.map(planFunction);
  const imports = new Set(["model", ...planned.flatMap((f) => [...f.imports])]);
  const types = typesOf(
    planned.flatMap(({ of, graph, spelled }) => [
      ...graph.params.map(({ name, tree }) => ({ name, of, tree, result: false })),
      { name: "result", of, tree: spelled.result, result: true },
    ]),
    namesBeside(["Tensor", "Model", "DimValue"]),
  );
  const taken = [...own, ...imports];
  const bodies = planned.map((f) => writeFunction(f, types, taken));
  const aliases = types.aliases.map(({ name, type }) => layout([`type ${name} = `, type, ";"])).join("\n");
  const declared = [...(aliases === "" ? [] : [aliases]), ...bodies];
  const mentions = (type: string): boolean => declared.some((text) => text.includes(`${type}<`));
  const typeImports = ["DimValue", "Model", "Tensor"].filter(mentions).map((name) => `type ${name}`);
  const importLine = layout(["import ", record([...imports, ...typeImports].sort(byLetters)), ` from "cotangent";`]);
  return `${[[header(about), importLine].join("\n"), ...declared].join("\n\n")}\n`;
}

/** The formatter's order: letter by letter, capitals before their small letters. */
function byLetters(a: string, b: string): number {
  const [x, y] = [a.replace("type ", ""), b.replace("type ", "")];
  for (let i = 0; i < Math.min(x.length, y.length); i++) {
    const [p, q] = [x.charAt(i), y.charAt(i)];
    if (p === q) continue;
    const [l, m] = [p.toLowerCase(), q.toLowerCase()];
    return l === m ? (p < q ? -1 : 1) : l < m ? -1 : 1;
  }
  return x.length - y.length;
}
