/** At which points a law says something. A point that a law passes over is not counted as a case: fast-check draws another. */
import fc from "fast-check";
import type { Value } from "../dsl/value.ts";
import { expectClose } from "./close.ts";
import { centralDifference, isFloat, type Law, type Tensors, type Trial, tangentsOf } from "./laws.ts";
import { fromData, type Sizes } from "./tensors.ts";
import { finiteDifference } from "./tolerance.ts";

const elements = (v: Value | undefined): number[] => Array.from(v?.buffer ?? []);
const sizeOf = (values: Tensors): number => values.reduce((top, v) => elements(v).reduce((m, e) => Math.max(m, Math.abs(e)), top), 1);

/** All results are numbers of a size that float64 can difference. */
export const isTame = ({ f, x }: Trial): boolean => f(...x).every((y) => elements(y).every((e) => Math.abs(e) < 1e6));

/** No rounding decides: a change of the arguments in their last places does not move the results by far more. */
export function isStable({ f, x }: Trial): boolean {
  const nudged = x.map((v) => {
    const eps = v.dtype === "f32" ? 2 ** -20 : 2 ** -40;
    return isFloat(v)
      ? fromData(
          elements(v).map((e, i) => e * (1 + (i % 3) * eps) + eps),
          v.shape as Sizes,
          v.dtype,
        )
      : v;
  });
  const [before, after] = [f(...x), f(...nudged)];
  return before.every((y, k) => {
    const allowed = sizeOf([y]) * (y.dtype === "f32" ? 1e-3 : 1e-8);
    const moved = elements(after[k]);
    return elements(y).every((e, i) => Math.abs(e - (moved[i] as number)) <= allowed);
  });
}

/**
 * J·t agrees with central differences, where these agree with themselves: a step that crosses a kink gives another difference at half its
 * size. Then a smaller step is tried, which crosses fewer; where none will do, the law says nothing.
 */
export const jvpAgreesWhereSmooth: Law<Trial> = {
  name: "J·t agrees with central differences, where there is no kink",
  holds: ({ f, x, directions: [t] }) => {
    const { relative, absolute } = finiteDifference.f64;
    const tolerance = { relative, absolute: absolute * sizeOf(f(...x)) };
    const steps = [finiteDifference.step, finiteDifference.step / 2 ** 5, finiteDifference.step / 2 ** 10];
    const expected = steps
      .map((h) => settled(f, x, t, h, (e) => (tolerance.absolute + relative * Math.abs(e)) / 4))
      .find((d) => d !== undefined);
    fc.pre(expected !== undefined);
    for (const [k, tangent] of tangentsOf(f, x, t).entries())
      if (tangent) expectClose(elements(tangent), expected?.[k] ?? [], { tolerance });
  },
};

type Differences = readonly (Float64Array | null)[];
/** The difference at half the step, if that at the whole step is the same. */
function settled(f: Trial["f"], x: Tensors, t: Trial["directions"][0], h: number, allowed: (e: number) => number): Differences | undefined {
  const [whole, half] = [centralDifference(f, x, t, h), centralDifference(f, x, t, h / 2)];
  const same = half.every((d, k) => d === null || d.every((e, i) => Math.abs(e - (whole[k]?.[i] as number)) <= allowed(e)));
  return same ? half : undefined;
}
