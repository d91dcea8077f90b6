/** How many cases a law is tried on. `CT_RUNS=5000 CT_SEED=42 npx vitest run --project prop` for a long run, or to meet a failure again. */
const given = (name: string): number | undefined => {
  const text = process.env[name];
  return text === undefined || text === "" ? undefined : Number(text);
};

/** Parameters for fast-check: `usual` cases, unless CT_RUNS says otherwise. The seed is printed with every failure. */
export function runs(usual: number): { readonly numRuns: number; readonly seed?: number } {
  const seed = given("CT_SEED");
  return { numRuns: given("CT_RUNS") ?? usual, ...(seed !== undefined && { seed }) };
}
