import type { Result } from "./row.ts";

/** A result a line: what, ours, theirs, the ratio beside what it must reach, and whether it does. */
export function showTable(results: readonly Result[]): string {
  return results.map(showLine).join("\n");
}

function showLine({ id, row, note }: Result): string {
  if (!row) return `${" ".repeat(4)}${id.padEnd(42)} ${note}`;
  const { ours, theirs, unit, ratio, atLeast, ok, checked } = row;
  const error = checked === null ? "" : `  error ${checked.toExponential(1)}`;
  const numbers = `${showNumber(ours).padStart(8)} vs ${showNumber(theirs).padEnd(8)} ${unit.padEnd(8)}`;
  return `${ok ? "ok  " : "NOT "}${id.padEnd(42)} ${numbers} ${showNumber(ratio).padStart(6)}x (at least ${showNumber(atLeast)}x)${error}  ${note}`;
}

/** Three figures. */
export const showNumber = (v: number): string => (Math.abs(v) >= 100 ? v.toFixed(0) : v.toPrecision(3));
