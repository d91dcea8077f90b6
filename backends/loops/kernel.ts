/** A kernel as the body of a TypeScript function: loops over its outer indices, its stages inside. */
import { contractionKernel } from "../../codegen/contraction.ts";
import { loadsOf } from "../../codegen/inline.ts";
import { expressionsOf, type Kernel, type Stage, writesOf } from "../../codegen/kernel.ts";
import { occurrences } from "./bindings.ts";
import { copiesOf, tileSize } from "./tile.ts";
import { type Names, Writer } from "./writer.ts";

/** The statements of a kernel's body. A contraction is computed a register tile at a time. */
export function kernelBody(kernel: Kernel, names: Names): string[] {
  const stages = storeDirectly(kernel.stages, names);
  const writer = new Writer(names, stages, updatesInPlace(kernel, names));
  const contraction = contractionKernel(kernel);
  if (!contraction?.row && !contraction?.column) {
    writer.nest(kernel.outer, () => writer.stages(stages, [new Map()]));
    return writer.lines;
  }
  const { row, column } = contraction;
  const rest = kernel.outer.filter((loop) => loop !== row && loop !== column);
  const [rows, columns] = [tileSize(row, column ? 2 : 4), tileSize(column, 4)];
  writer.nest(rest, () =>
    writer.tiled(column, columns, (c) => writer.tiled(row, rows, (r) => writer.stages(stages, copiesOf(row, r, column, c)))),
  );
  return writer.lines;
}

/** Whether a kernel writes over something that it reads. */
function updatesInPlace(kernel: Kernel, names: Names): boolean {
  const written = new Set(writesOf(kernel).map(names.offset));
  return kernel.stages
    .flatMap(expressionsOf)
    .flatMap(loadsOf)
    .some((x) => written.has(names.offset(x.source)));
}

/** `const t = …; f32[h] = t` is `f32[h] = …`, where nothing else uses t and nothing that t reads has been overwritten in between. */
function storeDirectly(stages: readonly Stage[], names: Names): readonly Stage[] {
  const uses = occurrences(stages.flatMap(expressionsOf));
  const overwritten = new Set<string>();
  const dropped = new Set<Stage>();
  const out = stages.map((stage): Stage => {
    if (stage.kind !== "store") return stage;
    const { value } = stage;
    const made = stages.find((s) => s.kind === "let" && value.kind === "local" && s.name === value.name);
    const safe = made?.kind === "let" && !loadsOf(made.value).some((x) => overwritten.has(names.offset(x.source)));
    overwritten.add(names.offset(stage.target));
    if (!safe || stage.loops.length > 0 || uses.get(made.name) !== 1) return stage;
    dropped.add(made);
    return { ...stage, value: made.value };
  });
  return out.filter((_, k) => !dropped.has(stages[k] as Stage));
}
