// The type level: the public signature of every op gives that shape, or that message at an argument.
import { beforeAll, describe, expect, test } from "vitest";
import { versions } from "../../tools/tsc.ts";
import { type Case, cases } from "./cases.test-table.ts";
import { check, type Report } from "./program.test-tools.ts";

const prelude = `import * as ct from "cotangent";
import type { Dim, DType, Tensor } from "cotangent";
declare function t<const S extends Dim[], const D extends DType>(shape: S, dtype: D): Tensor<S, D>;
declare function d<const N extends string>(name: N): ct.DimValue<N>;
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function is<S>(): <A extends Dim[]>(x: Tensor<A, any>, same: Equal<A, S>) => void;
`;

/** A size in value position is read from a tensor. */
const source = (x: unknown): string =>
  typeof x === "string"
    ? `d("${x}")`
    : Array.isArray(x)
      ? `[${x.map(source).join(", ")}]`
      : typeof x === "object" && x !== null
        ? `{ ${Object.entries(x)
            .map(([key, value]) => `${key}: ${typeof value === "string" ? JSON.stringify(value) : source(value)}`)
            .join(", ")} }`
        : String(x);
const call = ({ op, shapes, dtypes, rest = [] }: Case): string => {
  const tensors = shapes.map((shape, i) => `t(${JSON.stringify(shape)}, "${dtypes?.[i] ?? "f32"}")`);
  return `ct.${op}(${[op === "concat" ? `[${tensors.join(", ")}]` : tensors, rest.map(source)].flat().join(", ")})`;
};
const statement = (c: Case): string => (typeof c.gives === "string" ? call(c) : `is<${JSON.stringify(c.gives)}>()(${call(c)}, true)`);

describe.each(versions)("shape rules at the type level, TypeScript %s", (version) => {
  let report: Report;
  beforeAll(async () => {
    report = await check(
      version,
      prelude,
      cases.map((c) => `${statement(c)};`),
    );
  });

  test.each(cases.map((c, i): [string, number, Case] => [statement(c), i, c]))("%s", (_, i, c) => {
    const found = report.errors.get(i) ?? [];
    if (typeof c.gives !== "string") return expect(found).toEqual([]);
    expect(found).toHaveLength(1);
    expect(found[0]?.text).toContain(`type '${JSON.stringify(c.gives)}'.`);
  });
});
