/** What invocations of a workgroup have folded, each for itself, folded in pairs, pairs of pairs, and so on: always in the same order. */
import type { Combine } from "../../dsl/expr.ts";
import type { DType } from "../../dsl/types.ts";
import { code, typeOf } from "./code.ts";
import type { Module } from "./module.ts";
import { operationOf } from "./operations.ts";

/** Who folds together: so many invocations, a power of two, so far from each other in the workgroup. */
export interface Team {
  readonly invocations: number;
  readonly of: number;
  /** Either 1, or then all of the workgroup's rows are one team for each column. */
  readonly apart: number;
}

/** The function that gives all of a team what they have folded together. */
export function treeOf(module: Module, team: Team, combine: Combine, dtype: DType, wide: boolean): string {
  const { of, apart, invocations } = team;
  const type = typeOf(dtype, wide);
  return module.shared(`${combine} ${type}`, () => {
    const all = module.shared(`array ${type}`, () => {
      const name = module.names.fresh("folded");
      module.declare("", `var<workgroup> ${name}: array<${type}, ${invocations}>;`);
      return name;
    });
    const comment = apart > 1 ? `Over the ${of} invocations of a column, in each of ${apart}.` : `Over the ${of} invocations of a row.`;
    return module.function(comment, combine === "add" ? "sum_of_all" : "max_of_all", type, (w) => {
      const [at, own] = [w.parameter("at", "u32").text, w.parameter("own", type).text];
      const half = w.names.fresh("half");
      const [mine, other] = [`${all}[${at}]`, `${all}[${at} + ${half}]`];
      const on = { from: dtype, wide, use: (name: string) => module.use(name, wide) };
      const max = (): string => operationOf("max")(on, { ...code(mine), wide }, { ...code(other), wide }).text;
      const isOne = of === invocations;
      w.line("workgroupBarrier();", `${mine} = ${own};`, "workgroupBarrier();");
      w.block(`for (var ${half} = ${(of / 2) * apart}u; ${half} >= ${apart}u; ${half} /= 2u)`, () => {
        w.block(`if (${apart > 1 || isOne ? at : `${at} % ${of}u`} < ${half})`, () =>
          w.line(combine === "add" ? `${mine} += ${other};` : `${mine} = ${max()};`),
        );
        w.line("workgroupBarrier();");
      });
      w.line(`return ${all}[${apart > 1 ? `${at} % ${apart}u` : isOne ? "0" : `${at} / ${of}u * ${of}u`}];`);
    });
  });
}

/** Bytes of workgroup memory that trees of these take. */
export const treeBytes = ({ invocations }: Team, dtypes: readonly DType[], wide: boolean): number =>
  new Set(dtypes).size * invocations * (wide ? 16 : 4);
