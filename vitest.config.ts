import { defineConfig } from "vitest/config";

/** `npm test` runs all three; `npx vitest run --project prop` one of them. */
export default defineConfig({
  resolve: { tsconfigPaths: true },
  test: {
    exclude: ["**/node_modules/**", "dist/**", "**/out/**"],
    projects: [
      // What the code does: beside the file it tests.
      { extends: true, test: { name: "run", include: ["**/*.test.ts"], testTimeout: 20_000 } },
      // What the compiler says, TypeScript 7 and 6: `x.test-d.ts` must compile (tools/types.test-types.ts); `x.test-types.ts` reads tsc's output.
      { extends: true, test: { name: "types", include: ["**/*.test-types.ts"], testTimeout: 120_000, hookTimeout: 120_000 } },
      // Laws over generated programs.
      { extends: true, test: { name: "prop", include: ["**/*.test-prop.ts"], testTimeout: 300_000, hookTimeout: 120_000 } },
    ],
  },
});
